#include <asyncio/core/any_future.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <unordered_set>

namespace any_future_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

TEST_CASE("any future: may be empty") {
  const AnyFuture empty;
  CHECK_FALSE(empty);
  CHECK(empty == AnyFuture());
}

TEST_CASE("any future: refers to a future of any type", "[FUT-07]") {
  auto loop = testing::new_event_loop();
  auto number = loop->create_future<int>();
  auto text = loop->create_future<std::string>();
  const std::vector<AnyFuture> both{number, text};
  CHECK(both[0] == number);
  CHECK_FALSE(both[0] == both[1]);
  number.set_result(1);
  CHECK(both[0].done());
  CHECK_FALSE(both[1].done());
  CHECK(&both[1].get_loop() == loop.get());
}

TEST_CASE("any future: cancels, and tells the exception", "[FUT-05][FUT-06]") {
  auto loop = testing::new_event_loop();
  auto number = loop->create_future<int>();
  auto text = loop->create_future<std::string>();
  const AnyFuture first = number;
  const AnyFuture second = text;
  CHECK(first.cancel("because"));
  CHECK(first.state() == FutureState::cancelled);
  CHECK_THROWS_AS(static_cast<void>(first.exception()), CancelledError);
  CHECK_THROWS_AS(static_cast<void>(second.exception()), InvalidStateError);
  text.set_exception(std::invalid_argument("wrong"));
  CHECK(describe(second.exception()) == "invalid_argument(wrong)");
}

TEST_CASE("any future: keeps the future alive, hashes by identity") {
  auto loop = testing::new_event_loop();
  std::unordered_set<AnyFuture> set;
  {
    auto future = loop->create_future<int>();
    set.insert(future);
    set.insert(AnyFuture(future));
    future.set_result(1);
  }
  CHECK(set.size() == 1);
  CHECK(set.begin()->done());
}

ASYNC_VIRTUAL_TEST("any future: its done callbacks get an AnyFuture, and can be removed",
                   "[FUT-08][FUT-09]") {
  auto future = get_running_loop().create_future<int>();
  const AnyFuture any = future;
  AnyFuture seen;
  any.add_done_callback([&seen](AnyFuture done) { seen = done; });
  bool called = false;
  const CallbackId id = any.add_done_callback([&called](AnyFuture) { called = true; });
  CHECK(any.remove_done_callback(id));
  future.set_result(1);
  co_await turns(1);
  CHECK(seen == future);
  CHECK_FALSE(called);
}

}  // namespace

}  // namespace any_future_test
