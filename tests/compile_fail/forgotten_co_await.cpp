// expect-error: asyncio: .*co_await
#include <asyncio/asyncio.hpp>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  answer();
  co_return;
}

int main() { return asyncio::run_main(amain()); }
