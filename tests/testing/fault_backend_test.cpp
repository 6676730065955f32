#include <asyncio/testing/fault_backend.hpp>
//
#include <asyncio/core/run.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/testing/run.hpp>

#include <sys/socket.h>

#include <support/catch.hpp>

namespace fault_backend_test {

using namespace asyncio;
using namespace std::chrono_literals;
using detail::Operation;
using detail::OperationState;
using testing::FaultBackend;
using testing::FaultPlan;

namespace {

struct Op : Operation {
  Op() {
    on_complete = [](Operation& operation) noexcept { ++static_cast<Op&>(operation).completions; };
  }
  int completions = 0;
  char byte = 'x';
};

struct Pair {
  Pair() {
    int fds[2];
    REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
    left = os::Fd(fds[0]);
    right = os::Fd(fds[1]);
  }
  os::Fd left, right;
};

std::unique_ptr<FaultBackend> decorate(Backend kind, FaultPlan& plan) {
  return std::make_unique<FaultBackend>(detail::make_backend(kind).backend, plan);
}

const auto kinds = {Backend::io_uring, Backend::epoll};

}  // namespace

TEST_CASE("fault backend: an attempt fails without reaching the kernel") {
  for (Backend kind : kinds) {
    Pair pair;
    FaultPlan plan = FaultPlan::operation("send", EPIPE);
    auto backend = decorate(kind, plan);
    Op op;
    detail::prepare_send(op, pair.left.get(), &op.byte, 1);
    CHECK(backend->attempt(op));
    CHECK(op.result == -EPIPE);
    CHECK(op.state == OperationState::done);
    char byte;
    CHECK(::recv(pair.right.get(), &byte, 1, MSG_DONTWAIT) == -1);
    CHECK(backend->attempt(op));
    CHECK(op.result == 1);
  }
}

TEST_CASE("fault backend: a submitted operation fails in a later poll") {
  for (Backend kind : kinds) {
    Pair pair;
    FaultPlan plan = FaultPlan::operation("recv", ECONNRESET);
    auto backend = decorate(kind, plan);
    Op op;
    detail::prepare_recv(op, pair.left.get(), &op.byte, 1);
    backend->submit(op);
    CHECK(backend->has_requests());
    CHECK(backend->wants_poll());
    CHECK(backend->in_flight() == 1);
    CHECK(op.completions == 0);
    backend->cancel(op);
    backend->poll(detail::Backend::forever);
    CHECK(op.completions == 1);
    CHECK(op.result == -ECONNRESET);
    CHECK(backend->in_flight() == 0);
  }
}

TEST_CASE("fault backend: a failed operation can be taken back before it is delivered") {
  Pair pair;
  FaultPlan plan = FaultPlan::operation("recv", ECONNRESET);
  auto backend = decorate(Backend::epoll, plan);
  Op op;
  detail::prepare_recv(op, pair.left.get(), &op.byte, 1);
  backend->submit(op);
  backend->cancel_sync(op);
  backend->poll(0ns);
  CHECK(op.completions == 0);
}

TEST_CASE("fault backend: an attempt in vain and its submission are one operation") {
  for (Backend kind : kinds) {
    Pair pair;
    FaultPlan plan = FaultPlan::operation("recv", EIO, 1);
    auto backend = decorate(kind, plan);
    Op op;
    detail::prepare_recv(op, pair.left.get(), &op.byte, 1);
    CHECK_FALSE(backend->attempt(op));
    backend->submit(op);
    CHECK(plan.seen() == 1);
    backend->cancel(op);
    while (op.completions == 0) backend->poll(detail::Backend::forever);
    CHECK(op.result == -ECANCELED);
    CHECK_FALSE(plan.fired());
  }
}

TEST_CASE("fault backend: what is left in flight is counted as a leak") {
  Pair pair;
  FaultPlan plan = FaultPlan::operation("send", EIO);
  Op op;
  {
    auto backend = decorate(Backend::epoll, plan);
    detail::prepare_recv(op, pair.left.get(), &op.byte, 1);
    backend->submit(op);
  }
  CHECK(plan.leaked() == 1);
}

TEST_CASE("fault backend: a plan to cancel counts the suspensions of the main task only") {
  std::string log;
  auto child = []() -> Task<> {
    for (int i = 0; i < 5; ++i) co_await sleep(0s);
  };
  auto main = [&]() -> Task<> {
    auto task = create_task(child());
    for (char name : {'a', 'b', 'c'}) {
      co_await sleep(1s);
      log += name;
    }
  };
  for (std::size_t k = 0; k < 4; ++k) {
    log.clear();
    FaultPlan plan = FaultPlan::cancellation(k);
    if (k < 3)
      CHECK_THROWS_AS(testing::run(main(), {.faults = &plan}), CancelledError);
    else
      testing::run(main(), {.faults = &plan});
    CHECK(log == std::string("abc").substr(0, k));
    CHECK(plan.fired() == (k < 3));
  }
}

TEST_CASE("fault backend: a cancellation lets no time pass") {
  EventLoop::duration passed{};
  auto main = [&]() -> Task<> {
    const auto start = get_running_loop().time();
    try {
      co_await sleep(1h);
    } catch (const CancelledError&) {
      passed = get_running_loop().time() - start;
      throw;
    }
  };
  FaultPlan plan = FaultPlan::cancellation();
  CHECK_THROWS_AS(testing::run(main(), {.faults = &plan}), CancelledError);
  CHECK(passed == 0s);
}

}  // namespace fault_backend_test
