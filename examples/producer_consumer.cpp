// Producers and consumers around a bounded queue: who is faster waits for the others.
#include <asyncio/asyncio.hpp>

#include <fmt/core.h>

#include <string>

using namespace std::chrono_literals;

struct Job {
  std::string what;
  std::chrono::milliseconds work;
};

asyncio::Task<> produce(asyncio::Queue<Job>& queue, std::string who, int jobs) {
  for (int i = 1; i <= jobs; ++i) {
    co_await queue.put(Job{who + std::to_string(i), i * 10ms});  // waits while the queue is full
  }
  fmt::print("{}: nothing more to do\n", who);
}

asyncio::Task<int> consume(asyncio::Queue<Job>& queue, asyncio::Lock& printer) {
  int done = 0;
  try {
    for (;; ++done) {
      const Job job = co_await queue.get();
      co_await asyncio::sleep(job.work);
      {
        auto held = co_await printer.scoped_acquire();  // one line at a time
        fmt::print("{} took {} ms\n", job.what, job.work.count());
      }
      queue.task_done();
    }
  } catch (const asyncio::QueueShutDown&) {
    co_return done;
  }
}

asyncio::Task<> amain() {
  asyncio::Queue<Job> queue(2);
  asyncio::Lock printer;
  auto one = asyncio::create_task(consume(queue, printer));
  auto two = asyncio::create_task(consume(queue, printer));
  co_await produce(queue, "apple", 3);
  co_await produce(queue, "pear", 2);
  co_await queue.join();  // every job is done
  queue.shutdown();       // and the consumers may go
  auto [first, second] = co_await asyncio::gather(one, two);
  fmt::print("{} jobs\n", first + second);
}

int main() { return asyncio::run_main(amain()); }

// Output:
//   apple: nothing more to do
