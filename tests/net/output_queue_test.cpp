#include <asyncio/net/output_queue.hpp>

#include <support/catch.hpp>

namespace output_queue_test {

using asyncio::detail::OutputQueue;
using asyncio::detail::OutputWaiter;

namespace {

struct Waiter final : OutputWaiter {
  void settle(bool accepted) noexcept override { outcome = accepted ? "accepted" : "refused"; }
  std::string outcome = "waits";
};

}  // namespace

TEST_CASE("output queue: what is queued while something is sent goes together", "[SWR-01]") {
  OutputQueue queue;
  queue.append("first");
  REQUIRE(queue.next() == "first");
  queue.append("se");
  queue.append("cond");
  REQUIRE(queue.next() == "first");
  REQUIRE(queue.size() == 11);
  queue.sent(3);
  REQUIRE(queue.next() == "st");
  queue.sent(2);
  REQUIRE(queue.next() == "second");
  queue.sent(6);
  REQUIRE(queue.next().empty());
  REQUIRE(queue.empty());
  REQUIRE(queue.total() == 11);
}

TEST_CASE("output queue: waiters are settled at their marks", "[SWR-02]") {
  OutputQueue queue;
  Waiter a, b;
  queue.append("12");
  queue.wait(a);
  queue.append("34");
  queue.wait(b);
  REQUIRE(queue.next() == "1234");
  queue.sent(1);
  REQUIRE(a.outcome == "waits");
  queue.sent(2);
  REQUIRE(a.outcome == "accepted");
  REQUIRE(b.outcome == "waits");
  queue.clear();
  REQUIRE(b.outcome == "refused");
}

TEST_CASE("output queue: bytes in place are not copied and can be given up", "[SWR-02]") {
  OutputQueue queue;
  const std::string bytes = "in place";
  Waiter waiter;
  queue.start_in_place(bytes, waiter);
  REQUIRE(queue.next().data() == bytes.data());
  queue.append("behind");
  queue.sent(3);
  REQUIRE(queue.next().data() == bytes.data() + 3);
  waiter.gives_up = true;
  queue.sent(2);
  REQUIRE(waiter.outcome == "refused");
  REQUIRE(queue.next() == "behind");
}

TEST_CASE("output queue: bytes in place that are taken, and a failure", "[SWR-04]") {
  OutputQueue queue;
  Waiter first, second;
  queue.start_in_place("abc", first);
  REQUIRE(queue.next() == "abc");
  queue.sent(3);
  REQUIRE(first.outcome == "accepted");
  queue.start_in_place("abc", second);
  REQUIRE(queue.next() == "abc");
  queue.refuse_queued();
  REQUIRE(second.outcome == "waits");  // the kernel still has its memory
  queue.sent(-32);
  REQUIRE(second.outcome == "refused");
}

}  // namespace output_queue_test
