// A child that is forked while a loop runs sees nothing of that loop, and the parent nothing of it.
#include <asyncio/core/perform.hpp>
#include <asyncio/core/run.hpp>
#include <asyncio/core/running_loop.hpp>
#include <asyncio/os/socket.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <csignal>
#include <cstring>

#include <support/async_test.hpp>
#include <support/child.hpp>

namespace fork_test {

using namespace asyncio;
using namespace asyncio_test;
using namespace std::chrono_literals;

namespace {

constexpr const char* inherited =
    "This event loop belongs to the parent process: a forked child needs its own";

/// The text of the RuntimeError that `function` throws; "" if it throws none.
template <class F>
std::string error_text(F function) {
  try {
    function();
  } catch (const RuntimeError& error) {
    return error.what();
  }
  return "";
}

Task<int> receive(int fd, char* byte) {
  int count = co_await asyncio::detail::Perform(
      [=](asyncio::detail::Operation& op) { asyncio::detail::prepare_recv(op, fd, byte, 1); });
  co_return count;
}

/// Timers, tasks and the kernel: 0 if all of them work in a loop of its own.
Task<int> use_everything() {
  auto [ours, theirs] = os::socket_pair();
  char byte = 0;
  auto reader = create_task(receive(ours.get(), &byte));
  co_await sleep(1ms);
  if (::send(theirs.get(), "x", 1, 0) != 1) co_return 1;
  const int count = co_await reader;
  co_return count == 1 && byte == 'x' ? 0 : 2;
}

/// run() with the handling of Ctrl-C that a program has; Catch2 has taken the signal over.
template <class F>
int run_interruptible(F& body) {
  std::signal(SIGINT, SIG_DFL);
  return asyncio::run(body);
}

Backend current_backend() {
  return get_running_loop().backend() == "epoll" ? Backend::epoll : Backend::io_uring;
}

/// Kinds of loops; epoll alone where io_uring is refused.
std::vector<Backend> backends() {
  std::vector<Backend> result{Backend::epoll};
  if (uring_refusal() == 0) result.push_back(Backend::io_uring);
  return result;
}

}  // namespace

ASYNC_TEST("fork: no loop runs in the child, and none is installed", "[LOP-01][THR-08]") {
  const int status = in_child([] {
    if (error_text([] { static_cast<void>(get_running_loop()); }) != "no running event loop")
      return 1;
    return error_text([] { static_cast<void>(get_event_loop()); }).empty() ? 2 : 0;
  });
  CHECK(status == 0);
  CHECK(get_running_loop().is_running());
  co_return;
}

ASYNC_TEST("fork: the child runs a loop of its own", "[THR-08]") {
  const Backend backend = current_backend();
  const int status =
      in_child([&] { return asyncio::run(use_everything(), RunOptions{.backend = backend}); });
  CHECK(status == 0);
  const int own = co_await use_everything();
  CHECK(own == 0);
}

ASYNC_TEST("fork: every use of the parent's loop is an error in the child", "[THR-08]") {
  EventLoop& loop = get_running_loop();
  const int status = in_child([&] {
    int right = 0;
    right += error_text([&] { loop.call_soon([] {}); }) == inherited;
    right += error_text([&] { loop.call_later(1s, [] {}); }) == inherited;
    right += error_text([&] { loop.call_soon_threadsafe([] {}); }) == inherited;
    right += error_text([&] { loop.run_forever(); }) == inherited;
    right += error_text([&] { loop.run_once(); }) == inherited;
    return loop.is_inherited() ? right : 0;
  });
  CHECK(status == 5);
  CHECK_FALSE(loop.is_inherited());
  co_return;
}

ASYNC_TEST("fork: the parent's operations, timers and callbacks go on", "[THR-08]") {
  auto [ours, theirs] = os::socket_pair();
  char byte = 0;
  auto reader = create_task(receive(ours.get(), &byte));
  auto sleeper = create_task(sleep(2ms, 7));
  co_await sleep(0s);  // both wait now
  int calls = 0;
  get_running_loop().call_soon([&] { ++calls; });
  const Backend backend = current_backend();
  const int status =
      in_child([&] { return asyncio::run(use_everything(), RunOptions{.backend = backend}); });
  CHECK(status == 0);
  const auto sent = ::send(theirs.get(), "y", 1, 0);
  CHECK(sent == 1);
  const int count = co_await reader;
  CHECK(count == 1);
  CHECK(byte == 'y');
  const int slept = co_await sleeper;
  CHECK(slept == 7);
  CHECK(calls == 1);
}

TEST_CASE("fork: a child that returns into the parent's loop leaves it by an error", "[THR-08]") {
  for (const Backend backend : backends()) {
    auto [ours, theirs] = os::socket_pair();
    const pid_t parent = ::getpid();
    int status = -1;
    bool others_ran = false;
    std::string error;
    auto body = [&]() -> Task<int> {
      char byte = 0;
      auto reader = create_task(receive(ours.get(), &byte));  // in flight when all is torn down
      co_await sleep(0s);
      get_running_loop().call_soon([&] { others_ran = true; });
      const pid_t child = ::fork();
      if (child == 0) co_return 0;
      ::waitpid(child, &status, 0);
      const auto sent = ::send(theirs.get(), "z", 1, 0);
      CHECK(sent == 1);
      const int count = co_await reader;
      co_return count;
    };
    int result = -1;
    try {
      result = asyncio::run(body, RunOptions{.backend = backend});
    } catch (const RuntimeError& caught) {
      error = caught.what();
    }
    if (::getpid() != parent) ::_exit(error == inherited && !others_ran ? 0 : 1);
    CHECK(status == 0);
    CHECK(result == 1);
    CHECK(others_ran);
  }
}

TEST_CASE("fork: an idle loop of the parent cannot be run, but destroyed", "[THR-08]") {
  for (const Backend backend : backends()) {
    auto loop = new_event_loop(backend);
    auto [ours, theirs] = os::socket_pair();
    char byte = 0;
    auto reader = loop->create_task(receive(ours.get(), &byte));
    loop->run_once();
    loop->run_once();
    const int status = in_child([&] {
      if (error_text([&] { loop->run_until_complete(sleep(0s)); }) != inherited) return 1;
      if (error_text([&] { Runner(std::move(loop)).run(sleep(0s)); }) != inherited) return 2;
      return 0;
    });
    CHECK(status == 0);
    CHECK(::send(theirs.get(), "x", 1, 0) == 1);
    CHECK(loop->run_until_complete(reader) == 1);
  }
}

TEST_CASE("fork: a loop of another thread refuses what the child gives it", "[THR-08]") {
  EventLoop loop(Backend::epoll);
  CHECK(in_child([&] {
          return error_text([&] { loop.call_soon_threadsafe([] {}); }) == inherited ? 0 : 1;
        }) == 0);
}

TEST_CASE("fork: Ctrl-C ends the child, as its default is, and not the parent", "[THR-08]") {
  auto body = []() -> Task<int> {
    const int status = in_child([] {
      std::raise(SIGINT);
      return 0;
    });
    co_await sleep(1ms);
    co_return status == -SIGINT ? 0 : 1;
  };
  CHECK(in_child([&] { return run_interruptible(body); }) == 0);
}

TEST_CASE("fork: Ctrl-C cancels the main task of a loop in the child", "[THR-08]") {
  auto interrupted = []() -> Task<> {
    get_running_loop().call_soon([] { std::raise(SIGINT); });
    co_await sleep(1h);
  };
  auto body = [&]() -> Task<int> {
    const int status = in_child([&] {
      try {
        asyncio::run(interrupted);
      } catch (const KeyboardInterrupt&) {
        return 0;
      }
      return 1;
    });
    co_return status;
  };
  CHECK(in_child([&] { return run_interruptible(body); }) == 0);
}

}  // namespace fork_test
