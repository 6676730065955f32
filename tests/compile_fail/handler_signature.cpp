// expect-error: asyncio: start_server\(\) needs a handler
#include <asyncio/asyncio.hpp>

asyncio::Task<> handle(asyncio::StreamReader) { co_return; }

asyncio::Task<> amain() {
  asyncio::Server server = co_await asyncio::start_server(handle, "127.0.0.1", 0);
  co_await server.serve_forever();
}

int main() { return asyncio::run_main(amain()); }
