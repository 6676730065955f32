// expect-error: asyncio: this type cannot be awaited
#include <asyncio/asyncio.hpp>

asyncio::Task<> amain() { co_await 42; }

int main() { return asyncio::run_main(amain()); }
