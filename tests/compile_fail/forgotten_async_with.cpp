// expect-error: co_await (the scope|it)
#include <asyncio/asyncio.hpp>

asyncio::Task<> amain() {
  asyncio::async_with(asyncio::TaskGroup{}, [](asyncio::TaskGroup&) -> asyncio::Task<> { co_return; });
  co_return;
}

int main() { return asyncio::run_main(amain()); }
