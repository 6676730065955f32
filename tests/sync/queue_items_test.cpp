#include <asyncio/sync/queue_items.hpp>

#include <support/catch.hpp>

#include <memory>
#include <string>

namespace queue_items_test {

using namespace asyncio;

static_assert(QueueItems<detail::FifoItems<std::unique_ptr<int>>, std::unique_ptr<int>>);
static_assert(QueueItems<detail::LifoItems<std::unique_ptr<int>>, std::unique_ptr<int>>);
static_assert(QueueItems<detail::SortedItems<int, std::less<int>>, int>);
static_assert(!QueueItems<std::vector<int>, int>);

namespace {

template <class Items>
std::string order(Items& items, std::string_view in) {
  for (char c : in) items.push(std::move(c));
  std::string out;
  for (std::size_t i = 0; i < in.size(); ++i) out += items.pop();
  return out;
}

TEST_CASE("queue items: first in, first out", "[QUE-02]") {
  detail::FifoItems<char> items;
  CHECK(order(items, "hello, world") == "hello, world");
}

TEST_CASE("queue items: last in, first out", "[QUE-12]") {
  detail::LifoItems<char> items;
  CHECK(order(items, "abc") == "cba");
}

TEST_CASE("queue items: smallest first, or by a comparison", "[QUE-13]") {
  detail::SortedItems<char, std::less<char>> items;
  CHECK(order(items, "sorted letters") == " deeelorrssttt");
  detail::SortedItems<char, std::greater<char>> reversed;
  CHECK(order(reversed, "abc") == "cba");
}

TEST_CASE("queue items: of equal ones the first in is the first out", "[QUE-13]") {
  struct Job {
    int priority;
    int number;
    bool operator<(const Job& other) const { return priority < other.priority; }
  };
  detail::SortedItems<Job, std::less<Job>> items;
  for (int i = 0; i < 50; ++i) items.push(Job{i % 3, i});
  int last_priority = 0, last_number = -1;
  for (int i = 0; i < 50; ++i) {
    const Job job = items.pop();
    REQUIRE(job.priority >= last_priority);
    if (job.priority == last_priority) REQUIRE(job.number > last_number);
    last_priority = job.priority;
    last_number = job.number;
  }
}

TEST_CASE("queue items: what can only be moved can be sorted", "[QUE-13]") {
  auto by_value = [](const std::unique_ptr<int>& a, const std::unique_ptr<int>& b) {
    return *a < *b;
  };
  detail::SortedItems<std::unique_ptr<int>, decltype(by_value)> items;
  for (int i : {3, 1, 2}) items.push(std::make_unique<int>(i));
  CHECK(*items.pop() == 1);
  CHECK(*items.pop() == 2);
  CHECK(*items.pop() == 3);
}

}  // namespace

}  // namespace queue_items_test
