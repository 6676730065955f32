#include <asyncio/net/unix_streams.hpp>

#include "net_support.hpp"

#include <cstdlib>
#include <fstream>

namespace unix_streams_test {

using namespace asyncio_test;
using asyncio::Server;
using asyncio::StreamReader;
using asyncio::StreamWriter;

namespace {

/// A directory for a scope.
struct Directory {
  Directory() {
    char name[] = "/tmp/asyncio-unix-XXXXXX";
    path = ::mkdtemp(name);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;
  ~Directory() { std::filesystem::remove_all(path); }
  std::string operator/(const char* name) const { return path + "/" + name; }
  std::string path;
};

Task<> backwards(StreamReader reader, StreamWriter writer) {
  const std::string data = co_await reader.readexactly(4);
  writer.write(std::string(data.rbegin(), data.rend()));
}

Task<std::string> ask(std::string path) {
  auto streams = co_await asyncio::open_unix_connection(path);
  streams.second.write("abcd");
  std::string answer = co_await streams.first.read();
  co_return answer;
}

}  // namespace

ASYNC_TEST("unix streams: a conversation, the file goes with the server",
           "[STR-02][STR-04][SVR-17]") {
  const Directory directory;
  const std::string path = directory / "socket";
  const int missing = co_await error_of(asyncio::open_unix_connection(path));
  REQUIRE(missing == ENOENT);
  Server server = co_await asyncio::start_unix_server(backwards, path);
  REQUIRE(std::filesystem::exists(path));
  REQUIRE(server.port() == 0);
  REQUIRE(server.sockets().front().local_address().to_string() == path);
  const std::string answer = co_await ask(path);
  REQUIRE(answer == "dcba");
  server.close();
  REQUIRE_FALSE(std::filesystem::exists(path));
  co_await server.wait_closed();
}

ASYNC_TEST("unix streams: a stale file is replaced, another file is not", "[SVR-17]") {
  const Directory directory;
  const std::string path = directory / "socket";
  {
    Server stale = co_await asyncio::start_unix_server(backwards, path, {.cleanup_socket = false});
  }
  REQUIRE(std::filesystem::exists(path));
  Server server = co_await asyncio::start_unix_server(backwards, path);
  const std::string answer = co_await ask(path);
  REQUIRE(answer == "dcba");
  const std::string file = directory / "file";
  std::ofstream(file) << "kept";
  const int code = co_await error_of(asyncio::start_unix_server(backwards, file));
  REQUIRE(code == EADDRINUSE);
  REQUIRE(std::filesystem::file_size(file) == 4);
}

ASYNC_TEST("unix streams: a file that another server has replaced stays", "[SVR-17]") {
  const Directory directory;
  const std::string path = directory / "socket";
  Server first = co_await asyncio::start_unix_server(backwards, path);
  Server second = co_await asyncio::start_unix_server(backwards, path);
  first.close();
  const std::string answer = co_await ask(path);
  REQUIRE(answer == "dcba");
}

ASYNC_TEST("unix streams: abstract names", "[SVR-17]") {
  const std::string name = std::string("\0asyncio-test-", 14) + std::to_string(::getpid());
  Server server = co_await asyncio::start_unix_server(backwards, name);
  const std::string answer = co_await ask(name);
  REQUIRE(answer == "dcba");
}

ASYNC_TEST("unix streams: a path that is too long", "[SVR-17]") {
  const std::string text = co_await text_of(asyncio::open_unix_connection(std::string(200, 'x')));
  REQUIRE(text == "AF_UNIX path too long");
}

ASYNC_TEST("unix streams: connecting waits while the server's backlog is full", "[STR-02]") {
  const Directory directory;
  const std::string path = directory / "socket";
  asyncio::os::Fd listener = asyncio::os::make_socket(AF_UNIX, SOCK_STREAM);
  asyncio::os::bind(listener.get(), asyncio::Address::from_unix_path(path));
  asyncio::os::listen(listener.get(), 0);
  auto first = co_await asyncio::open_unix_connection(path);  // fills it
  auto second = asyncio::create_task(asyncio::open_unix_connection(path));
  co_await turns(5);
  REQUIRE_FALSE(second.done());
  const asyncio::os::Fd accepted(::accept(listener.get(), nullptr, nullptr));
  REQUIRE(accepted);
  auto streams = co_await std::move(second);
  REQUIRE_FALSE(streams.second.is_closing());
}

}  // namespace unix_streams_test
