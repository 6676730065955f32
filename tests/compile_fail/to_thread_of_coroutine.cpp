// expect-error-anywhere: asyncio: coroutines cannot be used with to_thread\(\)
#include <asyncio/asyncio.hpp>

asyncio::Task<int> answer() { co_return 42; }

asyncio::Task<> amain() {
  const int value = co_await asyncio::to_thread(answer);
  static_cast<void>(value);
}

int main() { return asyncio::run_main(amain()); }
