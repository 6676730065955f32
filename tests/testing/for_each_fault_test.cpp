#include <asyncio/testing/for_each_fault.hpp>
//
#include <asyncio/core/perform.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/testing/run.hpp>

#include <sys/socket.h>

#include <support/catch.hpp>

namespace for_each_fault_test {

using namespace asyncio;
using namespace std::chrono_literals;
using testing::FaultPlan;

namespace {

Task<int> child(int n) {
  co_await sleep(1s);
  co_return n;
}

Task<int> program() {
  auto first = create_task(child(1));
  co_await sleep(1h);
  const int a = co_await first;
  auto second = create_task(child(2));
  const int b = co_await second;
  co_return a + b;
}

Task<int> send_and_receive() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) != 0)
    throw std::system_error(errno, std::generic_category(), "socketpair");
  const os::Fd left(fds[0]);
  const os::Fd right(fds[1]);
  char byte = 'x';
  int result = co_await detail::Perform(
      [&](detail::Operation& operation) { detail::prepare_send(operation, left.get(), &byte, 1); });
  if (result < 0) throw std::system_error(-result, std::generic_category(), "send");
  result = co_await detail::Perform(
      [&](detail::Operation& operation) { detail::prepare_recv(operation, right.get(), &byte, 1); },
      detail::Attempt::never);
  if (result < 0) throw std::system_error(-result, std::generic_category(), "recv");
  co_return result;
}

}  // namespace

TEST_CASE("for_each_fault: every allocation fails once and nothing leaks") {
  int results = 0;
  const std::size_t places = testing::for_each_fault(FaultPlan::allocation(), [&](FaultPlan& plan) {
    if (testing::run(program(), {.faults = &plan}) == 3) ++results;
  });
  CHECK(places >= 5);  // three coroutines and two tasks
  CHECK(results == 1);
}

TEST_CASE("for_each_fault: the main task is cancelled at each suspension") {
  const std::size_t places =
      testing::for_each_fault(FaultPlan::cancellation(), [](FaultPlan& plan) {
        const bool finished = testing::run(program(), {.faults = &plan}) == 3;
        CHECK(finished);
        CHECK(!plan.fired());
      });
  CHECK(places == 2);  // the sleep and the second child; the first is done already
}

TEST_CASE("for_each_fault: every operation of a kind fails once") {
  for (Backend backend : {Backend::io_uring, Backend::epoll}) {
    auto body = [&](FaultPlan& plan) {
      testing::run(send_and_receive(), {.backend = backend, .faults = &plan});
    };
    CHECK(testing::for_each_fault(FaultPlan::operation("send", EPIPE), body) == 1);
    CHECK(testing::for_each_fault(FaultPlan::operation("recv", ECONNRESET), body) == 1);
    CHECK(testing::for_each_fault(FaultPlan::operation("accept", EMFILE), body) == 0);
    CHECK(testing::for_each_fault(FaultPlan::operation("", EIO), body) == 2);
  }
}

TEST_CASE("fault plan: the failure is the one that was asked for") {
  FaultPlan plan = FaultPlan::operation("recv", ECONNRESET);
  std::error_code code;
  try {
    testing::run(send_and_receive(), {.faults = &plan});
  } catch (const std::system_error& error) {
    code = error.code();
  }
  CHECK(code == std::errc::connection_reset);
  CHECK(plan.fired());
}

TEST_CASE("for_each_fault: a leak is found") {
  std::vector<TaskHandle<int>> kept;
  CHECK_THROWS_AS(testing::for_each_fault(FaultPlan::allocation(1000),
                                          [&](FaultPlan& plan) {
                                            auto main = [&]() -> Task<> {
                                              kept.push_back(create_task(child(1)));
                                              co_return;
                                            };
                                            testing::run(main, {.faults = &plan});
                                          }),
                  testing::FaultError);
}

TEST_CASE("for_each_fault: other exceptions than the fault's come out") {
  CHECK_THROWS_AS(testing::for_each_fault(FaultPlan::allocation(),
                                          [](FaultPlan&) { throw std::logic_error("a bug"); }),
                  std::logic_error);
}

}  // namespace for_each_fault_test
