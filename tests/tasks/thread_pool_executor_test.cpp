#include <asyncio/tasks/thread_pool_executor.hpp>
//
#include <asyncio/tasks/default_executor.hpp>

#include <support/gate.hpp>
#include <tasks/steps.hpp>

#include <array>
#include <set>

namespace thread_pool_executor_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

std::string own_name() {
  std::array<char, 64> name{};
  ::pthread_getname_np(::pthread_self(), name.data(), name.size());
  return name.data();
}

ASYNC_TEST("thread pool: starts a thread when there is work, and uses idle ones again",
           "[EXE-01]") {
  ThreadPoolExecutor pool({.max_workers = 4});
  CHECK(pool.thread_count() == 0);
  std::set<std::thread::id> threads;
  for (int i = 0; i < 20; ++i) {
    threads.insert(co_await run_in_executor(&pool, [] { return std::this_thread::get_id(); }));
    while (pool.idle_count() != pool.thread_count()) std::this_thread::yield();
  }
  CHECK(threads.size() == 1);
  CHECK(pool.thread_count() == 1);
}

ASYNC_TEST("thread pool: no more threads than allowed, first in, first out", "[EXE-01]") {
  ThreadPoolExecutor pool({.max_workers = 3});
  std::atomic<int> running = 0, most = 0, started = 0;
  std::vector<Future<>> futures;
  Gate gate;
  auto work = [&] {
    ++started;
    const int now = ++running;
    int seen = most;
    while (seen < now && !most.compare_exchange_weak(seen, now)) {
    }
    gate.wait();
    --running;
  };
  for (int i = 0; i < 10; ++i) futures.push_back(run_in_executor(&pool, work));
  while (started < 3) std::this_thread::yield();
  CHECK(pool.thread_count() == 3);
  gate.open();
  for (auto& future : futures) co_await future;
  CHECK(most == 3);
  CHECK(started == 10);
}

ASYNC_TEST("thread pool: its threads have names and take no signals", "[EXE-01]") {
  ThreadPoolExecutor pool({.thread_name_prefix = "worker"});
  const std::string name = co_await run_in_executor(&pool, [] {
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return ::sigismember(&mask, SIGINT) == 1 ? own_name() : "takes signals";
  });
  CHECK(name == "worker_0");
}

TEST_CASE("thread pool: as many threads as Python's by default", "[EXE-01]") {
  const ThreadPoolExecutor pool;
  CHECK(pool.max_workers() == std::min(32u, std::max(1u, std::thread::hardware_concurrency()) + 4));
}

ASYNC_TEST("thread pool: takes nothing after its shutdown", "[EXE-04]") {
  ThreadPoolExecutor pool;
  co_await run_in_executor(&pool, [] {});
  CHECK_FALSE(pool.is_shut_down());
  pool.shutdown();
  CHECK(pool.is_shut_down());
  CHECK_THROWS_AS(run_in_executor(&pool, [] {}), RuntimeError);
  pool.shutdown();
}

TEST_CASE("thread pool: shutdown finishes what was submitted and waits for it", "[EXE-04]") {
  EventLoop loop;
  std::atomic<int> calls = 0;
  ThreadPoolExecutor pool({.max_workers = 2});
  for (int i = 0; i < 50; ++i) loop.run_in_executor(&pool, [&calls] { ++calls; });
  pool.shutdown();
  CHECK(calls == 50);
}

TEST_CASE("thread pool: its destructor does the same", "[EXE-04]") {
  EventLoop loop;
  std::atomic<int> calls = 0;
  {
    ThreadPoolExecutor pool({.max_workers = 2});
    for (int i = 0; i < 50; ++i) loop.run_in_executor(&pool, [&calls] { ++calls; });
  }
  CHECK(calls == 50);
}

ASYNC_TEST("thread pool: shutdown can cancel what has not started", "[EXE-04]") {
  Gate gate, started;
  auto block = [&] {
    started.open();
    gate.wait();
    return 1;
  };
  ThreadPoolExecutor pool({.max_workers = 1});
  const OpenAtEnd opens(gate);
  auto running = run_in_executor(&pool, block);
  auto waiting = run_in_executor(&pool, block);
  started.wait();
  pool.shutdown({.wait = false, .cancel_futures = true});
  const std::string how = co_await ending(waiting);
  CHECK(how == "CancelledError");
  gate.open();
  const int result = co_await running;
  CHECK(result == 1);
}

ASYNC_TEST("thread pool: may be shut down by one of its own threads", "[EXE-04]") {
  ThreadPoolExecutor pool;
  co_await run_in_executor(&pool, [&pool] { pool.shutdown(); });
  CHECK(pool.is_shut_down());
}

}  // namespace

}  // namespace thread_pool_executor_test
