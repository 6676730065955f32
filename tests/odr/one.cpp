#include <asyncio/asyncio.hpp>

asyncio::Task<int> from_two(int value);

asyncio::Task<int> from_one(int value) { co_return value + 1; }

asyncio::Task<> amain() {
  const int value = co_await from_two(20);
  if (value != 42) {
    throw asyncio::SystemExit(1);
  }
}

int main() { return asyncio::run_main(amain()); }
