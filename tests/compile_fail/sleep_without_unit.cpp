// expect-error: asyncio: sleep\(\) needs a duration with a unit
#include <asyncio/asyncio.hpp>

asyncio::Task<> amain() { co_await asyncio::sleep(5); }

int main() { return asyncio::run_main(amain()); }
