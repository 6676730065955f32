// expect-abort: a timer is already running
#include <asyncio/detail/timer_heap.hpp>

int main() {
  using namespace asyncio::detail;
  Timer timer([](ReadyNode&, Turn) noexcept {});
  TimerHeap heap;
  heap.reserve_one();
  heap.insert(timer, TimerHeap::TimePoint{});
  heap.reserve_one();
  heap.insert(timer, TimerHeap::TimePoint{});
  return 0;
}
