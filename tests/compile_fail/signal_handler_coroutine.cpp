// expect-error: asyncio: coroutines cannot be used with add_signal_handler\(\)
#include <asyncio/asyncio.hpp>

asyncio::Task<> clean_up() { co_return; }

asyncio::Task<> amain() {
  asyncio::add_signal_handler(15, clean_up);
  co_return;
}

int main() { return asyncio::run_main(amain()); }
