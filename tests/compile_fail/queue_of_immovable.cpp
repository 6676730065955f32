// expect-error: asyncio: a queue moves its items from task to task
#include <asyncio/asyncio.hpp>

struct Job {
  Job() = default;
  Job(Job&&) = delete;
};

int main() {
  asyncio::Queue<Job> queue;
  return static_cast<int>(queue.qsize());
}
