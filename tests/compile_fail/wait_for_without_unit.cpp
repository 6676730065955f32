// expect-error: asyncio: wait_for\(\) needs a duration with a unit
#include <asyncio/asyncio.hpp>

#include <chrono>

asyncio::Task<> amain() {
  co_await asyncio::wait_for(asyncio::sleep(std::chrono::seconds(9)), 5);
}

int main() { return asyncio::run_main(amain()); }
