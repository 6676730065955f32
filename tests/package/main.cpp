#include <asyncio/asyncio.hpp>

#include <chrono>
#include <cstdio>

using namespace std::chrono_literals;

asyncio::Task<> amain() {
  co_await asyncio::sleep(1ms);
  std::puts("hello from a consumer");
}

int main() { return asyncio::run_main(amain()); }
