#include <asyncio/backend/blocking_pool.hpp>

#include <support/catch.hpp>
#include <support/gate.hpp>

#include <poll.h>

#include <array>
#include <memory>

namespace blocking_pool_test {

using namespace asyncio::detail;
using asyncio_test::Gate;

namespace {

/// Waits at the gate in the buffer, if there is one, and gives its length.
constexpr OperationType blocking{.name = "blocking",
                                 .uring = nullptr,
                                 .readiness = Readiness::readable,
                                 .attempt = [](Operation&) noexcept { return -EAGAIN; },
                                 .block =
                                     [](Operation& op) noexcept {
                                       if (op.buffer) static_cast<Gate*>(op.buffer)->wait();
                                       return static_cast<int>(op.length);
                                     }};

struct Blocking : Operation {
  explicit Blocking(std::size_t result_wanted, Gate* gate = nullptr, int number = 3) {
    type = &blocking;
    fd = number;
    buffer = gate;
    length = result_wanted;
  }
};

void wait_until_woken(const Waker& waker) {
  pollfd entry{waker.fd(), POLLIN, 0};
  REQUIRE(::poll(&entry, 1, 60'000) == 1);
}

}  // namespace

TEST_CASE("blocking pool: does operations and wakes", "[U20]") {
  Waker waker;
  BlockingPool pool(waker);
  Blocking first(1), second(2);
  CHECK(pool.start(first) == 0);
  CHECK(pool.start(second) == 0);
  int sum = 0, count = 0;
  while (count < 2) {
    wait_until_woken(waker);
    waker.drain();
    pool.collect([&](Operation& op) {
      sum += op.result;
      ++count;
    });
  }
  CHECK(sum == 3);
  CHECK_FALSE(pool.has_done());
}

TEST_CASE("blocking pool: what has not begun can be taken back") {
  Waker waker;
  BlockingPool pool(waker);
  Gate gate;
  std::array<std::unique_ptr<Blocking>, 4> blockers;
  std::atomic<int> unused = 0;
  for (auto& blocker : blockers) {
    blocker = std::make_unique<Blocking>(1, &gate);
    CHECK(pool.start(*blocker) == 0);
  }
  Blocking waiting(2), on_other(3, nullptr, 4), last(4);
  CHECK(pool.start(waiting) == 0);
  CHECK(pool.start(on_other) == 0);
  CHECK(pool.start(last) == 0);
  CHECK(pool.withdraw(waiting));
  int withdrawn = 0;
  pool.withdraw_on(4, [&](Operation& op) {
    CHECK(&op == &on_other);
    ++withdrawn;
  });
  CHECK(withdrawn == 1);
  gate.open();
  pool.wait_for(last);
  CHECK(last.result == 4);
  pool.collect_all([&](Operation&) { ++unused; });
  CHECK(unused == 4);
}

TEST_CASE("blocking pool: what has begun is waited for") {
  Waker waker;
  BlockingPool pool(waker);
  Gate gate;
  Blocking operation(7, &gate);
  CHECK(pool.start(operation) == 0);
  std::jthread opener([&] { gate.open(); });
  if (!pool.withdraw(operation)) {
    pool.wait_for(operation);
    CHECK(operation.result == 7);
  }
  pool.collect_all([](Operation&) { FAIL("it was taken out"); });
}

TEST_CASE("blocking pool: collect_all forgets what has not begun") {
  Waker waker;
  BlockingPool pool(waker);
  Gate gate;
  std::vector<std::unique_ptr<Blocking>> operations;
  for (int i = 0; i < 20; ++i) {
    operations.push_back(std::make_unique<Blocking>(1, &gate));
    CHECK(pool.start(*operations.back()) == 0);
  }
  std::jthread opener([&] { gate.open(); });
  int done = 0;
  pool.collect_all([&](Operation&) { ++done; });
  CHECK(done <= 20);
  for (auto& operation : operations) CHECK_FALSE(operation->is_linked());
}

}  // namespace blocking_pool_test
