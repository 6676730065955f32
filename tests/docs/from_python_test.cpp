// The idioms of docs/from_python.md that no example shows; the page's blocks are cut from here.

#include <asyncio/asyncio.hpp>
#include <asyncio/net/open_connection.hpp>
#include <asyncio/net/start_server.hpp>

#include <string>
#include <vector>

#include <support/async_test.hpp>

using namespace std::chrono_literals;

namespace {

asyncio::Task<int> work(int turns = 1) {
  for (int i = 0; i < turns; ++i) co_await asyncio::sleep(0s);
  co_return turns;
}

// clang-format off
asyncio::Task<> echo(asyncio::StreamReader reader, asyncio::StreamWriter writer) {
  while (true) {
    const std::string data = co_await reader.read(65536);
    if (data.empty()) break;
    writer.write(data);
    co_await writer.drain();
  }
}
// clang-format on

}  // namespace

ASYNC_TEST("from_python: a task that runs from now on", "[TASK-01]") {
  auto task = asyncio::create_task(work(), {.name = "worker"});
  CHECK(task.get_name() == "worker");
  int n = co_await task;
  CHECK(n == 1);
}

ASYNC_TEST("from_python: in the order in which they finish", "[ASC-01]") {
  std::vector<asyncio::Task<int>> tasks;
  tasks.push_back(work(3));
  tasks.push_back(work(1));
  std::vector<int> results;
  auto it = asyncio::as_completed(std::move(tasks));
  while (auto task = co_await it.next()) results.push_back(co_await *task);
  CHECK(results == std::vector{1, 3});
}

ASYNC_TEST("from_python: a server and a client", "[STR-01][STR-03]") {
  asyncio::Server server = co_await asyncio::start_server(echo, "127.0.0.1", 0);
  auto serving = asyncio::create_task(server.serve_forever());
  {
    auto [reader, writer] = co_await asyncio::open_connection("127.0.0.1", server.port());
    writer.write("GET / HTTP/1.0\r\n\r\n");
    std::string head = co_await reader.readuntil("\r\n\r\n");
    CHECK(head == "GET / HTTP/1.0\r\n\r\n");
  }
  serving.cancel();
  auto ended = co_await asyncio::as_outcome(serving);
  CHECK(ended.cancelled());
}
