// expect-error: await or keep the gather
#include <asyncio/asyncio.hpp>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  asyncio::gather(answer(), answer());
  co_return;
}

int main() { return asyncio::run_main(amain()); }
