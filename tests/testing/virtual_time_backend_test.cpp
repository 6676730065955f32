#include <asyncio/testing/virtual_time_backend.hpp>
//
#include <asyncio/core/perform.hpp>
#include <asyncio/os/socket.hpp>
#include <asyncio/tasks/as_outcome.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/testing/run.hpp>
#include <atomic>
#include <thread>

#include <sys/socket.h>

#include <support/catch.hpp>

namespace virtual_time_backend_test {

using namespace asyncio;
using namespace std::chrono_literals;
using asyncio::detail::Operation;

namespace {

/// Two connected sockets.
struct Pair {
  Pair() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    left = os::Fd(fds[0]);
    right = os::Fd(fds[1]);
  }
  os::Fd left, right;
};

Task<char> recv_byte(int fd) {
  char byte = 0;
  const int result = co_await detail::Perform(
      [&](Operation& operation) { detail::prepare_recv(operation, fd, &byte, 1); });
  if (result < 0) throw std::system_error(-result, std::generic_category(), "recv");
  co_return byte;
}

Task<> send_byte(int fd, char byte) {
  const int result = co_await detail::Perform(
      [&](Operation& operation) { detail::prepare_send(operation, fd, &byte, 1); });
  CHECK(result == 1);
}

const auto backends = {Backend::io_uring, Backend::epoll};

/// The order in which eight readers, woken by one burst, go on.
std::string order_of_wakeups(Backend backend, std::uint64_t seed) {
  std::string order;
  auto main = [&]() -> Task<> {
    Pair pairs[8];
    std::vector<TaskHandle<>> readers;
    auto reader = [&order](int fd) -> Task<> { order += co_await recv_byte(fd); };
    for (Pair& pair : pairs) readers.push_back(create_task(reader(pair.left.get())));
    co_await sleep(1s);
    const std::string_view bytes = "abcdefgh";
    for (std::size_t i = 0; i < 8; ++i) CHECK(::send(pairs[i].right.get(), &bytes[i], 1, 0) == 1);
    for (auto& each : readers) co_await each;
  };
  testing::run(main, {.seed = seed, .backend = backend});
  return order;
}

}  // namespace

TEST_CASE("virtual clock: time jumps to the next deadline at once") {
  const auto start = std::chrono::steady_clock::now();
  auto main = []() -> Task<EventLoop::duration> {
    const auto begin = get_running_loop().time();
    for (int i = 0; i < 1000; ++i) co_await sleep(24h);
    co_return get_running_loop().time() - begin;
  };
  for (Backend backend : backends) CHECK(testing::run(main, {.backend = backend}) == 24'000h);
  CHECK(std::chrono::steady_clock::now() - start < 5s);
}

TEST_CASE("virtual clock: it stands still while something is ready") {
  auto main = []() -> Task<bool> {
    const auto begin = get_running_loop().time();
    auto other = create_task(sleep(1h));
    for (int i = 0; i < 1000; ++i) co_await sleep(0s);
    co_return get_running_loop().time() == begin;
  };
  CHECK(testing::run(main));
}

TEST_CASE("virtual clock: every run begins at the same time") {
  auto main = []() -> Task<EventLoop::time_point> { co_return get_running_loop().time(); };
  CHECK(testing::run(main) == testing::run(main));
}

TEST_CASE("virtual clock: operations are real and take no time") {
  auto main = []() -> Task<> {
    Pair pair;
    auto reader = create_task(recv_byte(pair.left.get()));
    auto late = create_task(sleep(1h));
    co_await sleep(0s);
    const auto begin = get_running_loop().time();
    co_await send_byte(pair.right.get(), 'x');
    const char byte = co_await reader;
    CHECK(byte == 'x');
    CHECK(get_running_loop().time() == begin);
    CHECK(!late.done());
  };
  for (Backend backend : backends) testing::run(main, {.backend = backend});
}

TEST_CASE("virtual clock: an operation that waits for nobody does not stop it") {
  const auto start = std::chrono::steady_clock::now();
  auto main = []() -> Task<> {
    Pair pair;
    auto reader = create_task(recv_byte(pair.left.get()));
    for (int i = 0; i < 1000; ++i) co_await sleep(1h);
    CHECK(!reader.done());
    reader.cancel();
    const Outcome<char> outcome = co_await as_outcome(reader);
    CHECK(outcome.cancelled());
  };
  for (Backend backend : backends) testing::run(main, {.backend = backend});
  CHECK(std::chrono::steady_clock::now() - start < 5s);  // the grace is given once, not each time
}

TEST_CASE("virtual clock: another thread that was announced is waited for") {
  auto main = []() -> Task<> {
    EventLoop& loop = get_running_loop();
    auto future = loop.create_future();
    loop.backend_interface().expect_wake(+1);
    std::atomic<bool> is_idle = false;
    loop.call_soon([&] { is_idle = true; });  // the last thing that the loop has to do
    std::jthread thread([&] {
      while (!is_idle) std::this_thread::yield();
      for (int i = 0; i < 1000; ++i)  // long enough for a loop that does not wait to give up
        std::this_thread::yield();
      loop.call_soon_threadsafe([&] {
        loop.backend_interface().expect_wake(-1);
        future.set_result();
      });
    });
    co_await future;
    CHECK(future.done());
  };
  testing::run(main, {.patience = 0s});
}

TEST_CASE("virtual clock: files are waited for, however late they are") {
  auto main = []() -> Task<> {
    static constexpr detail::OperationType slow{.name = "slow",
                                                .uring = nullptr,
                                                .readiness = detail::Readiness::readable,
                                                .attempt = &detail::never_at_once,
                                                .block = [](Operation&) noexcept {
                                                  std::this_thread::sleep_for(30ms);
                                                  return 7;
                                                }};
    auto operation = []() -> Task<int> {
      const int result = co_await detail::Perform(
          [](Operation& op) { detail::prepare(op, slow, 0); }, detail::Attempt::never);
      co_return result;
    };
    auto task = create_task(operation());
    co_await sleep(1h);
    CHECK(task.done());
  };
  testing::run(main, {.backend = Backend::epoll, .grace = 1ms});
}

TEST_CASE("virtual clock: another thread that was not announced has the patience") {
  auto main = []() -> Task<> {
    EventLoop& loop = get_running_loop();
    auto future = loop.create_future();
    std::jthread thread([&] { loop.call_soon_threadsafe([&] { future.set_result(); }); });
    co_await future;
    CHECK(future.done());
  };
  testing::run(main, {.patience = 10s});
}

TEST_CASE("virtual clock: a seed permutes completions, reproducibly") {
  for (Backend backend : backends) {
    CHECK(order_of_wakeups(backend, 0) == "abcdefgh");
    std::vector<std::string> orders;
    for (std::uint64_t seed = 1; seed < 6; ++seed) {
      orders.push_back(order_of_wakeups(backend, seed));
      CHECK(orders.back() == order_of_wakeups(backend, seed));
    }
    CHECK(std::count(orders.begin(), orders.end(), "abcdefgh") < 5);
  }
}

TEST_CASE(
    "virtual clock: with a seed, timers with equal deadlines and ready callbacks keep their "
    "order") {
  std::string order;
  auto main = [&]() -> Task<> {
    EventLoop& loop = get_running_loop();
    const auto when = loop.time() + 1h;
    for (char c = 'a'; c < 'i'; ++c) loop.call_at(when, [&order, c] { order += c; });
    co_await sleep(2h);
    for (char c = 'i'; c < 'q'; ++c) loop.call_soon([&order, c] { order += c; });
    co_await sleep(0s);
  };
  for (std::uint64_t seed = 1; seed < 6; ++seed) {
    order.clear();
    testing::run(main, {.seed = seed});
    CHECK(order == "abcdefghijklmnop");
  }
}

TEST_CASE("virtual clock: a loop with operations in flight can be closed") {
  for (Backend backend : backends) {
    Pair pair;
    auto loop = testing::new_event_loop({.seed = 3, .backend = backend});
    loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    auto reader = loop->create_task(recv_byte(pair.left.get()));
    loop->run_once();
    loop->run_once();
    CHECK(loop->backend_interface().in_flight() == 1);
    loop->close();
    CHECK(loop->backend_interface().in_flight() == 0);
  }
}

}  // namespace virtual_time_backend_test
