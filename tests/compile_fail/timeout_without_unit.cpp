// expect-error: asyncio: timeout\(\) needs a duration with a unit
#include <asyncio/asyncio.hpp>

#include <chrono>

asyncio::Task<> amain() {
  co_await asyncio::async_with(asyncio::timeout(5), [] { return asyncio::sleep(std::chrono::seconds(1)); });
}

int main() { return asyncio::run_main(amain()); }
