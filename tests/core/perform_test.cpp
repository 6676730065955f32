#include <asyncio/core/perform.hpp>
//
#include <asyncio/core/task_handle.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/testing.hpp>

#include <sys/socket.h>

#include <support/async_test.hpp>

namespace perform_test {

using namespace asyncio;
using namespace std::chrono_literals;
using detail::Attempt;
using detail::Operation;
using detail::Perform;
using testing::Script;

namespace {

constexpr int invented = Script::first_invented_descriptor;

Task<std::string> recv_some(int fd, std::size_t size, Attempt attempt = Attempt::first) {
  std::string buffer(size, '?');
  const int result = co_await Perform(
      [&](Operation& operation) {
        detail::prepare_recv(operation, fd, buffer.data(), buffer.size());
      },
      attempt);
  if (result < 0) throw std::system_error(-result, std::generic_category(), "recv");
  buffer.resize(static_cast<std::size_t>(result));
  co_return buffer;
}

struct Pair {
  Pair() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    left = os::Fd(fds[0]);
    right = os::Fd(fds[1]);
  }
  void send(std::string_view bytes) {
    REQUIRE(::send(right.get(), bytes.data(), bytes.size(), 0) ==
            static_cast<ssize_t>(bytes.size()));
  }
  os::Fd left, right;
};

}  // namespace

ASYNC_TEST("perform: what can be done at once does not suspend") {
  Pair pair;
  pair.send("now");
  bool other_ran = false;
  get_running_loop().call_soon([&] { other_ran = true; });
  const std::string text = co_await recv_some(pair.left.get(), 10);
  CHECK(text == "now");
  CHECK_FALSE(other_ran);
  co_await sleep(0s);  // the callback refers to this frame
}

ASYNC_TEST("perform: without an attempt it suspends, and has its effect") {
  Pair pair;
  pair.send("now");
  bool other_ran = false;
  get_running_loop().call_soon([&] { other_ran = true; });
  const std::string text = co_await recv_some(pair.left.get(), 10, Attempt::never);
  CHECK(text == "now");
  CHECK(other_ran);
}

ASYNC_TEST("perform: waits for the kernel") {
  Pair pair;
  auto reader = create_task(recv_some(pair.left.get(), 10));
  co_await sleep(1ms);
  CHECK_FALSE(reader.done());
  pair.send("late");
  const std::string& text = co_await reader;
  CHECK(text == "late");
}

ASYNC_TEST("perform: a failure is a value") {
  bool failed = false;
  try {
    co_await recv_some(987'654, 1);
  } catch (const std::system_error& error) {
    failed = error.code() == std::errc::bad_file_descriptor;
  }
  CHECK(failed);
}

ASYNC_TEST("perform: a cancelled operation leaves the bytes to the next", "[CAN-02]") {
  Pair pair;
  auto reader = create_task(recv_some(pair.left.get(), 10));
  co_await sleep(1ms);
  reader.cancel("enough");
  reader.cancel("a second time");
  std::string message;
  try {
    co_await reader;
  } catch (const CancelledError& error) {
    message = error.message();
  }
  CHECK(message == "enough");
  CHECK(get_running_loop().backend_interface().in_flight() == 0);
  pair.send("kept");
  const std::string text = co_await recv_some(pair.left.get(), 10);
  CHECK(text == "kept");
}

ASYNC_TEST("perform: whichever comes first, no byte is lost to a cancel", "[CAN-07]") {
  std::string got;
  auto read_into = [&got](int fd) -> Task<> {
    const std::string text = co_await recv_some(fd, 10);
    got = text;
  };
  for (int round = 0; round < 60; ++round) {
    Pair pair;
    got.clear();
    auto reader = create_task(read_into(pair.left.get()));
    for (int i = 0; i < round % 5; ++i) co_await sleep(0s);
    pair.send("byte");
    for (int i = 0; i < round % 3; ++i) co_await sleep(0s);
    reader.cancel();
    try {
      co_await reader;
    } catch (const CancelledError&) {
    }
    char rest[10];
    const ssize_t left = ::recv(pair.left.get(), rest, sizeof rest, 0);
    if (left > 0) got.append(rest, static_cast<std::size_t>(left));
    CHECK(got == "byte");
  }
}

TEST_CASE("perform: an effect that comes despite the cancel is delivered, the cancel comes next",
          "[CAN-07]") {
  Script script;
  script.on("recv").reply("precious").delay(2h).despite_cancel();
  std::string got;
  auto reader = [&]() -> Task<> {
    got = co_await recv_some(invented, 20);
    co_await sleep(1h);
    FAIL("the cancellation was lost");
  };
  auto main = [&]() -> Task<> {
    auto task = create_task(reader());
    co_await sleep(1h);
    task.cancel();
    bool cancelled = false;
    try {
      co_await task;
    } catch (const CancelledError&) {
      cancelled = true;
    }
    CHECK(cancelled);
  };
  testing::run(main, script);
  CHECK(got == "precious");
}

TEST_CASE("perform: an operation that fails after a cancel is a cancellation", "[CAN-02]") {
  Script script;
  script.on("recv").reply_error(ECONNRESET).delay(2h).despite_cancel();
  auto main = []() -> Task<> {
    auto task = create_task(recv_some(invented, 20));
    co_await sleep(1h);
    task.cancel();
    co_await task;
  };
  CHECK_THROWS_AS(testing::run(main, script), CancelledError);
}

TEST_CASE("perform: destroying a task takes its operation back from the kernel") {
  for (Backend backend : {Backend::io_uring, Backend::epoll}) {
    Pair pair;
    EventLoop loop(backend);
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    auto task = loop.create_task(recv_some(pair.left.get(), 10));
    loop.run_once();
    loop.run_once();
    CHECK(loop.backend_interface().in_flight() == 1);
    loop.close();
    CHECK(loop.backend_interface().in_flight() == 0);
    pair.send("after");  // must not be written into the buffer that is gone
  }
}

}  // namespace perform_test
