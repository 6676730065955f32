#include <asyncio/detail/timer_heap.hpp>
//
#include <algorithm>
#include <memory>
#include <random>
#include <string>

#include <support/catch.hpp>

namespace timer_heap_test {

using asyncio::detail::ReadyNode;
using asyncio::detail::Timer;
using asyncio::detail::TimerHeap;
using asyncio::detail::Turn;
using namespace std::chrono_literals;

namespace {

struct NamedTimer : Timer {
  explicit NamedTimer(int n = 0) : Timer([](ReadyNode&, Turn) noexcept {}), name(n) {}
  int name;
};

TimerHeap::TimePoint at(int seconds) { return TimerHeap::TimePoint(std::chrono::seconds(seconds)); }

void insert(TimerHeap& heap, Timer& timer, TimerHeap::TimePoint deadline) {
  heap.reserve_one();
  heap.insert(timer, deadline);
}

/// What the heap should hold: the obvious way.
class Model {
 public:
  void insert(NamedTimer& timer) { timers_.push_back(&timer); }
  void remove(NamedTimer& timer) { std::erase(timers_, &timer); }
  NamedTimer* pop_due(TimerHeap::TimePoint now) {
    const auto first = std::min_element(  // the first of the least: FIFO among ties
        timers_.begin(), timers_.end(),
        [](NamedTimer* a, NamedTimer* b) { return a->deadline < b->deadline; });
    if (first == timers_.end() || (*first)->deadline > now) return nullptr;
    NamedTimer* const timer = *first;
    timers_.erase(first);
    return timer;
  }
  std::size_t size() const { return timers_.size(); }
  NamedTimer* any(std::size_t index) const { return timers_[index]; }

 private:
  std::vector<NamedTimer*> timers_;  // in order of insertion
};

}  // namespace

TEST_CASE("timer heap: timers come out in the order of their deadlines") {
  TimerHeap heap;
  NamedTimer a, b, c;
  insert(heap, b, at(2));
  insert(heap, c, at(3));
  insert(heap, a, at(1));
  CHECK(heap.size() == 3);
  CHECK(heap.earliest() == at(1));
  CHECK(heap.pop_due(at(0)) == nullptr);
  CHECK(heap.pop_due(at(1)) == &a);
  CHECK(heap.pop_due(at(1)) == nullptr);
  CHECK(heap.pop_due(at(9)) == &b);
  CHECK(heap.pop_due(at(9)) == &c);
  CHECK(heap.empty());
  CHECK(heap.pop_due(at(9)) == nullptr);
}

TEST_CASE("timer heap: equal deadlines come out in the order of insertion", "[CBK-04]") {
  TimerHeap heap;
  std::vector<std::unique_ptr<NamedTimer>> timers;
  for (int i = 0; i < 1000; ++i) {
    timers.push_back(std::make_unique<NamedTimer>(i));
    insert(heap, *timers.back(), at(1));
  }
  for (int i = 0; i < 1000; i += 3) heap.remove(*timers[static_cast<std::size_t>(i)]);
  int last = -1;
  while (Timer* timer = heap.pop_due(at(1))) {
    const int name = static_cast<NamedTimer*>(timer)->name;
    CHECK(name > last);
    last = name;
  }
  CHECK(last == 998);
}

TEST_CASE("timer heap: a removed timer leaves at once, and may be removed again", "[CBK-08]") {
  TimerHeap heap;
  NamedTimer a;
  heap.remove(a);
  for (int i = 0; i < 100'000; ++i) {
    insert(heap, a, at(i));
    heap.remove(a);
    heap.remove(a);
  }
  CHECK(heap.empty());
  CHECK_FALSE(a.is_running());
}

TEST_CASE("timer heap: the ends of time are deadlines like others") {
  TimerHeap heap;
  NamedTimer a, b;
  insert(heap, b, TimerHeap::TimePoint::max());
  insert(heap, a, TimerHeap::TimePoint::min());
  CHECK(heap.pop_due(TimerHeap::TimePoint::min()) == &a);
  CHECK(heap.pop_due(at(1)) == nullptr);
  CHECK(heap.pop_due(TimerHeap::TimePoint::max()) == &b);
}

TEST_CASE("timer heap: fresh timers get their deadlines when the clock is read, in their order",
          "[CBK-04]") {
  TimerHeap heap;
  NamedTimer early, first, second, late;
  insert(heap, early, at(11));
  heap.reserve_one();
  heap.insert_fresh(first, 2s);
  heap.reserve_one();
  heap.insert_fresh(second, 2s);
  heap.reserve_one();
  heap.insert_fresh(late, TimerHeap::Duration::max());
  CHECK(heap.has_fresh());
  CHECK(heap.size() == 4);
  CHECK(heap.pop_due(at(10)) == nullptr);
  heap.settle(at(10));
  CHECK_FALSE(heap.has_fresh());
  CHECK(first.deadline == at(12));
  CHECK(late.deadline == TimerHeap::TimePoint::max());
  CHECK(heap.size() == 4);
  CHECK(heap.pop_due(at(12)) == &early);
  CHECK(heap.pop_due(at(12)) == &first);
  CHECK(heap.pop_due(at(12)) == &second);
  CHECK(heap.pop_due(at(12)) == nullptr);
  heap.remove(late);
  CHECK(heap.size() == 0);
}

TEST_CASE("timer heap: a fresh timer may be removed, and started again", "[CBK-08]") {
  TimerHeap heap;
  NamedTimer a, b;
  heap.reserve_one();
  heap.insert_fresh(a, 1s);
  heap.reserve_one();
  heap.insert_fresh(b, 1s);
  CHECK(a.is_running());
  heap.remove(a);
  heap.remove(a);
  CHECK_FALSE(a.is_running());
  heap.settle(at(1));
  insert(heap, a, at(2));
  CHECK(heap.pop_due(at(2)) == &b);
  CHECK(heap.pop_due(at(2)) == &a);
}

TEST_CASE("timer heap: there is room for as many fresh timers as were reserved") {
  TimerHeap heap;
  std::vector<std::unique_ptr<NamedTimer>> timers;
  for (int i = 0; i < 1000; ++i) {
    timers.push_back(std::make_unique<NamedTimer>(i));
    heap.reserve_one();
    heap.insert_fresh(*timers.back(), std::chrono::seconds(1000 - i));
  }
  heap.settle(at(0));
  for (int i = 1000; i-- > 0;)
    CHECK(heap.pop_due(at(1000 - i)) == timers[static_cast<std::size_t>(i)].get());
}

TEST_CASE("timer heap: behaves like a list in random use") {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    TimerHeap heap;
    Model model;
    std::vector<std::unique_ptr<NamedTimer>> timers;
    int now = 0;
    bool equal = true;
    for (int step = 0; step < 2000 && equal; ++step) {
      switch (random() % 4) {
        case 0:
        case 1:
          timers.push_back(std::make_unique<NamedTimer>(step));
          insert(heap, *timers.back(), at(now + static_cast<int>(random() % 20)));
          model.insert(*timers.back());
          break;
        case 2:
          if (model.size() != 0) {
            NamedTimer* const timer = model.any(random() % model.size());
            model.remove(*timer);
            heap.remove(*timer);
          }
          break;
        default:
          now += static_cast<int>(random() % 3);
          equal = heap.pop_due(at(now)) == model.pop_due(at(now));
      }
      equal = equal && heap.size() == model.size();
    }
    while (NamedTimer* timer = model.pop_due(TimerHeap::TimePoint::max()))
      equal = equal && heap.pop_due(TimerHeap::TimePoint::max()) == timer;
    INFO("seed " << seed);
    CHECK(equal);
    CHECK(heap.empty());
  }
}

TEST_CASE("timer heap: removed timers are swept, and the others keep their order", "[CBK-08]") {
  TimerHeap heap;
  std::vector<NamedTimer> timers(10'000);
  std::mt19937 random(7);
  for (NamedTimer& timer : timers) insert(heap, timer, at(static_cast<int>(random() % 1000)));
  for (std::size_t i = 0; i < timers.size(); ++i)
    if (i % 10 != 0) heap.remove(timers[i]);  // nine of ten: all are swept several times
  CHECK(heap.size() == 1000);
  TimerHeap::TimePoint last = TimerHeap::TimePoint::min();
  std::size_t count = 0;
  bool right = true;
  while (Timer* timer = heap.pop_due(TimerHeap::TimePoint::max())) {
    right = right && last <= timer->deadline &&
            (static_cast<NamedTimer*>(timer) - timers.data()) % 10 == 0;
    last = timer->deadline;
    ++count;
  }
  CHECK(right);
  CHECK(count == 1000);
}

TEST_CASE("timer heap: a million timers") {
  TimerHeap heap;
  std::vector<NamedTimer> timers(1'000'000);
  std::uint32_t value = 1;
  for (NamedTimer& timer : timers) {
    value = value * 1664525 + 1013904223;
    insert(heap, timer, at(static_cast<int>(value >> 8)));
  }
  TimerHeap::TimePoint last = TimerHeap::TimePoint::min();
  std::size_t count = 0;
  bool sorted = true;
  while (Timer* timer = heap.pop_due(TimerHeap::TimePoint::max())) {
    sorted = sorted && timer->deadline >= last;
    last = timer->deadline;
    ++count;
  }
  CHECK(sorted);
  CHECK(count == timers.size());
}

}  // namespace timer_heap_test
