// What the core costs: one case a question, under the names of the floor that it is measured against.
// micro list | micro run CASE N | micro bench REPS [CASE…]
#include "bench.hpp"

#include <asyncio/asyncio.hpp>

#include <future>
#include <thread>

namespace {

using namespace std::chrono_literals;
using asyncio::Task;

void go(Task<> main) { asyncio::run(std::move(main), {.handle_sigint = false}); }

__attribute__((noinline)) Task<int> child(int x) { co_return x + 1; }

Task<> call_loop(std::size_t n) {
  int sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum = co_await child(sum);
  keep(sum);
}
void call(std::size_t n) { go(call_loop(n)); }

Task<int> fibonacci(int n) {
  if (n < 2) co_return n;
  const int a = co_await fibonacci(n - 1);
  const int b = co_await fibonacci(n - 2);
  co_return a + b;
}
Task<> fibonacci_once() { keep(co_await fibonacci(25)); }
void fib25(std::size_t n) {
  for (std::size_t done = 0; done < n; done += fib25_calls) go(fibonacci_once());
}

Task<> spawn_loop(std::size_t n) {
  int sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum = co_await asyncio::create_task(child(sum));
  keep(sum);
}
void spawn_join(std::size_t n) { go(spawn_loop(n)); }

Task<> gather_loop(std::size_t n) {
  for (std::size_t done = 0; done < n; done += 10000) {
    std::vector<Task<int>> tasks;
    tasks.reserve(10000);
    for (int i = 0; i < 10000; ++i) tasks.push_back(child(i));
    std::vector<int> results = co_await asyncio::gather(std::move(tasks));
    keep(results);
  }
}
void gather10k(std::size_t n) { go(gather_loop(n)); }

Task<> yield_times(std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) co_await asyncio::sleep(0s);
}
Task<> yield_among(std::size_t n, std::size_t tasks) {
  std::vector<asyncio::TaskHandle<>> handles;
  for (std::size_t i = 0; i < tasks; ++i)
    handles.push_back(asyncio::create_task(yield_times(n / tasks)));
  for (auto& handle : handles) co_await handle;
}
void yield2(std::size_t n) { go(yield_among(n, 2)); }
void yield1000(std::size_t n) { go(yield_among(n, 1000)); }

/// A future for each direction of each round trip.
struct Ping {
  asyncio::Future<> there = asyncio::get_running_loop().create_future<>();
  asyncio::Future<> back = asyncio::get_running_loop().create_future<>();
};
Task<> answer(Ping& ping, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    co_await ping.there;
    ping.there = asyncio::get_running_loop().create_future<>();
    ping.back.set_result();
  }
}
Task<> ask(std::size_t n) {
  Ping ping;
  auto other = asyncio::create_task(answer(ping, n));
  for (std::size_t i = 0; i < n; ++i) {
    ping.there.set_result();
    co_await ping.back;
    ping.back = asyncio::get_running_loop().create_future<>();
  }
  co_await other;
}
void event_rt(std::size_t n) { go(ask(n)); }

std::uint64_t next_random(std::uint64_t& state) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

Task<> make_and_cancel_timers(std::size_t n) {
  auto& loop = asyncio::get_running_loop();
  std::vector<asyncio::TimerHandle> others;
  std::uint64_t state = 88172645463325252ull;
  for (int i = 0; i < 10000; ++i)
    others.push_back(
        loop.call_later(1s + std::chrono::milliseconds(next_random(state) % 60000), [] {}));
  for (std::size_t i = 0; i < n; ++i) loop.call_later(30s, [] {}).cancel();
  for (auto& timer : others) timer.cancel();
  co_return;
}
void timer_cc(std::size_t n) { go(make_and_cancel_timers(n)); }

Task<> sleep_for(std::chrono::milliseconds delay) { co_await asyncio::sleep(delay); }
Task<> sleep_many(std::size_t n) {
  std::vector<asyncio::TaskHandle<>> handles;
  handles.reserve(n);
  std::uint64_t state = 88172645463325252ull;
  for (std::size_t i = 0; i < n; ++i)
    handles.push_back(
        asyncio::create_task(sleep_for(std::chrono::milliseconds(1 + next_random(state) % 500))));
  for (auto& handle : handles) co_await handle;
}
void sleep100k(std::size_t n) { go(sleep_many(n)); }

Task<> post_in_bursts(std::size_t n) {
  auto& loop = asyncio::get_running_loop();
  std::size_t count = 0;
  for (std::size_t done = 0; done < n; done += 1000) {
    for (int i = 0; i < 1000; ++i) loop.call_soon([&count] { ++count; });
    co_await asyncio::sleep(0s);
  }
  keep(count);
}
void post(std::size_t n) { go(post_in_bursts(n)); }

Task<> wait_for_ready(std::size_t n) {
  int sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum = co_await asyncio::wait_for(child(sum), 30s);
  keep(sum);
}
void wait_for(std::size_t n) { go(wait_for_ready(n)); }

Task<> lock_alone(std::size_t n) {
  asyncio::Lock lock;
  for (std::size_t i = 0; i < n; ++i) {
    co_await lock.acquire();
    keep(i);
    lock.release();
  }
}
void mutex_unc(std::size_t n) { go(lock_alone(n)); }

Task<> lock_and_yield(asyncio::Lock& lock, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    co_await lock.acquire();
    co_await asyncio::sleep(0s);
    lock.release();
  }
}
Task<> lock_among(std::size_t n) {
  asyncio::Lock lock;
  std::vector<asyncio::TaskHandle<>> tasks;
  for (int i = 0; i < 10; ++i) tasks.push_back(asyncio::create_task(lock_and_yield(lock, n / 10)));
  for (auto& task : tasks) co_await task;
}
void mutex_cont(std::size_t n) { go(lock_among(n)); }

Task<> send_back(asyncio::Queue<int>& in, asyncio::Queue<int>& out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const int value = co_await in.get();
    co_await out.put(value + 1);
  }
}
Task<> queue_ping_pong(std::size_t n) {
  asyncio::Queue<int> there(1), back(1);
  auto other = asyncio::create_task(send_back(there, back, n));
  int value = 0;
  for (std::size_t i = 0; i < n; ++i) {
    co_await there.put(value);
    value = co_await back.get();
  }
  keep(value);
  co_await other;
}
void chan_pp(std::size_t n) { go(queue_ping_pong(n)); }

Task<> produce(asyncio::Queue<int>& queue, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) co_await queue.put(static_cast<int>(i));
}
Task<> queue_one_to_one(std::size_t n) {
  asyncio::Queue<int> queue(64);
  auto producer = asyncio::create_task(produce(queue, n));
  long sum = 0;
  for (std::size_t i = 0; i < n; ++i) sum += co_await queue.get();
  keep(sum);
  co_await producer;
}
void chan_1p1c(std::size_t n) { go(queue_one_to_one(n)); }
/// A round trip: this loop posts to one on another thread, which posts back.
Task<> ping(asyncio::EventLoop& other, std::size_t n) {
  auto& loop = asyncio::get_running_loop();
  for (std::size_t i = 0; i < n; ++i) {
    auto back = loop.create_future<>();
    other.call_soon_threadsafe(
        [&loop, &back] { loop.call_soon_threadsafe([&back] { back.set_result(); }); });
    co_await back;
  }
  other.call_soon_threadsafe([&other] { other.stop(); });
}
void xthread_rt(std::size_t n) {
  asyncio::EventLoop* other = nullptr;
  std::promise<void> is_running;
  std::thread thread([&] {
    asyncio::EventLoop loop;
    other = &loop;
    loop.call_soon([&is_running] { is_running.set_value(); });
    loop.run_forever();
  });
  is_running.get_future().wait();
  go(ping(*other, n));
  thread.join();
}

}  // namespace

const char* const library = "asyncio";

const std::vector<Case> cases = {{"call", 5000000, call},
                                 {"fib25", fib25_calls * 8, fib25},
                                 {"spawn_join", 3000000, spawn_join},
                                 {"gather10k", 1000000, gather10k},
                                 {"yield2", 5000000, yield2},
                                 {"yield1000", 5000000, yield1000},
                                 {"event_rt", 3000000, event_rt},
                                 {"mutex_unc", 10000000, mutex_unc},
                                 {"mutex_cont", 3000000, mutex_cont},
                                 {"chan_pp", 2000000, chan_pp},
                                 {"chan_1p1c", 5000000, chan_1p1c},
                                 {"timer_cc", 5000000, timer_cc},
                                 {"sleep100k", 100000, sleep100k},
                                 {"post", 5000000, post},
                                 {"wait_for", 3000000, wait_for},
                                 {"xthread_rt", 50000, xthread_rt}};
