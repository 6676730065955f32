// expect-error: asyncio: a put is awaited once: write co_await queue.put\(item\)
#include <asyncio/asyncio.hpp>

asyncio::Task<> amain() {
  asyncio::Queue<int> queue;
  auto put = queue.put(1);
  co_await put;
}

int main() { return asyncio::run_main(amain()); }
