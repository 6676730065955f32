// Producers and consumers around a bounded queue: who is faster waits for the others.
#include <asyncio/asyncio.hpp>

#include <fmt/core.h>

#include <string>

using namespace std::chrono_literals;

using Jobs = asyncio::Queue<std::string>;

asyncio::Task<> produce(Jobs& jobs, std::string what, int count) {
  for (int i = 1; i <= count; ++i) {
    co_await jobs.put(what + std::to_string(i));  // waits while the queue is full
  }
  fmt::print("{} handed over\n", what);
}

asyncio::Task<int> consume(Jobs& jobs) {
  int done = 0;
  try {
    for (;; ++done) {
      const std::string job = co_await jobs.get();  // waits while it is empty
      co_await asyncio::sleep(1ms);                 // works on the job
      jobs.task_done();
    }
  } catch (const asyncio::QueueShutDown&) {
    co_return done;
  }
}

asyncio::Task<> amain() {
  Jobs jobs(2);
  auto first = asyncio::create_task(consume(jobs));
  auto second = asyncio::create_task(consume(jobs));
  co_await asyncio::gather(produce(jobs, "apples", 3), produce(jobs, "pears", 2));
  co_await jobs.join();  // every job is done,
  jobs.shutdown();       // and the consumers may go
  auto [one, two] = co_await asyncio::gather(first, second);
  fmt::print("{} jobs done\n", one + two);
}

int main() { return asyncio::run_main(amain()); }

// Output:
//   apples handed over
//   pears handed over
//   5 jobs done
