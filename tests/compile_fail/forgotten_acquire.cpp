// expect-error: co_await the acquisition
#include <asyncio/asyncio.hpp>

asyncio::Task<> amain() {
  asyncio::Lock lock;
  lock.acquire();
  co_return;
}

int main() { return asyncio::run_main(amain()); }
