// Twins of server_*.py and unix_*.py.

#include "scenario.hpp"

#include <filesystem>

#include <unistd.h>

namespace conformance {
namespace servers_scenarios {

Task<> finish(Server& server) {
  server.close();
  co_await server.wait_closed();
}

Task<> finish(StreamWriter& writer) {
  writer.close();
  co_await writer.wait_closed();
}

Task<Streams> connect(std::uint16_t port) { return open_connection("127.0.0.1", port); }

/// A folder with a path in it, for a scope.
struct Folder {
  explicit Folder(const char* name)
      : folder(std::filesystem::temp_directory_path() / (name + std::to_string(::getpid()))),
        path(folder / "socket") {
    std::filesystem::create_directory(folder);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() { std::filesystem::remove_all(folder); }
  bool has_file() const { return std::filesystem::exists(path); }

  std::filesystem::path folder;
  std::string path;
};

// SVR-05, SVR-08, SVR-09, SVR-15: what a server says of itself; wait_closed() without connections.
SCENARIO(server_states) {
  auto handle = [](StreamReader, StreamWriter writer) { writer.close(); };
  auto server = co_await start_server(handle, "127.0.0.1", 0, {.start_serving = false});
  log("loop ", &server.get_loop() == &get_running_loop());
  log("serving ", server.is_serving(), ", sockets ", server.sockets().size());
  co_await server.start_serving();
  log("serving ", server.is_serving(), ", sockets ", server.sockets().size());

  auto waits = [](Server& closing, std::string who) -> Task<> {
    co_await closing.wait_closed();
    log(who, " is over");
  };
  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c"}) tasks.push_back(create_task(waits(server, who)));
  co_await turns(5);
  log("done [", tasks[0].done(), ", ", tasks[1].done(), ", ", tasks[2].done(), "]");
  server.close();
  log("serving ", server.is_serving(), ", sockets ", server.sockets().size());
  for (auto& task : tasks) co_await task;
  co_await waits(server, "late");
  server.close_clients();
  server.abort_clients();
  log("end");
}

Task<> answer_a_line(StreamReader reader, StreamWriter writer) {
  const std::string line = co_await reader.readline();
  writer.write(line);
  const std::string rest = co_await reader.read();
  writer.close();
}

Task<> talk(Server& server) {
  auto [reader, writer] = co_await connect(server.port());
  writer.write("hello\n");
  const std::string line = co_await reader.readline();
  log("got ", line.size());
  co_await finish(writer);
}

// SVR-13: leaving the scope of a server closes it and waits for its connections, also by an error.
SCENARIO(server_scope) {
  auto server = co_await start_server(&answer_a_line, "127.0.0.1", 0);
  auto body = [](Server& inside) -> Task<> {
    log("serving ", inside.is_serving());
    co_await talk(inside);
  };
  co_await async_with(server, body);
  log("serving ", server.is_serving(), ", sockets ", server.sockets().size());

  auto other = co_await start_server(&answer_a_line, "127.0.0.1", 0);
  auto failing = [](Server& inside) -> Task<> {
    co_await talk(inside);
    throw std::invalid_argument("body");
  };
  try {
    co_await async_with(other, failing);
  } catch (const std::invalid_argument&) {
    log(error(), ", serving ", other.is_serving());
  }
}

// SVR-08, SVR-12: a handler closes its server: serve_forever() ends and takes the connections with it.
SCENARIO(server_closed_by_handler) {
  std::optional<Server> server;
  auto handle = [&server](StreamReader reader, StreamWriter writer) -> Task<> {
    const std::string line = co_await reader.readline();
    log("handler ", shown(line));
    server->close();
    log("handler: serving ", server->is_serving());
    writer.write("bye\n");
  };
  server.emplace(co_await start_server(handle, "127.0.0.1", 0));
  const auto port = server->port();
  auto serves = [&server]() -> Task<> {
    try {
      co_await server->serve_forever();
    } catch (const CancelledError&) {
      log("serve_forever ", name());
      throw;
    }
  };
  auto serving = create_task(serves());
  auto [reader, writer] = co_await connect(port);
  writer.write("quit\n");
  const std::string answer = co_await reader.read();
  log("client ", shown(answer));
  co_await finish(writer);
  try {
    co_await serving;
  } catch (const CancelledError&) {
    log("cancelled ", serving.cancelled());
  }
  try {
    auto refused = co_await connect(port);
    log("never");
  } catch (const std::system_error&) {
    log(name());
  }
}

// SVR-10, STR-09: abort_clients() drops what was to be sent; the handler's read gives the end.
SCENARIO(server_abort_clients) {
  auto ended = get_running_loop().create_future();
  auto handle = [&ended](StreamReader reader, StreamWriter writer) -> Task<> {
    const std::string line = co_await reader.readline();
    writer.write(line);
    const std::string data = co_await reader.read();
    log("handler ", shown(data), ", closing ", writer.is_closing(), ", at_eof ", reader.at_eof());
    ended.set_result();
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0);
  auto [reader, writer] = co_await connect(server.port());
  writer.write("hello\n");
  const std::string hello = co_await reader.readline();
  log("client ", shown(hello));
  server.close();
  auto waiting = create_task(server.wait_closed());
  co_await sleep(0s);
  log("done ", waiting.done());
  server.abort_clients();
  co_await waiting;
  co_await ended;
  const std::string rest = co_await reader.read();
  log("client ", shown(rest));
  co_await finish(writer);
}

// SVR-10, SWR-05: close_clients() sends what was written before it, on every connection.
SCENARIO(server_close_clients) {
  constexpr std::size_t size = 1U << 24;
  std::vector<StreamWriter*> served;
  auto all_served = get_running_loop().create_future();
  auto handle = [&](StreamReader reader, StreamWriter writer) -> Task<> {
    writer.write(std::string(size, 'x'));
    served.push_back(&writer);
    if (served.size() == 3) all_served.set_result();
    const std::string rest = co_await reader.read();
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0);
  std::vector<Streams> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(co_await connect(server.port()));
  co_await all_served;
  server.close();
  server.close_clients();
  log("closing [", served[0]->is_closing(), ", ", served[1]->is_closing(), ", ",
      served[2]->is_closing(), "]");
  auto waiting = create_task(server.wait_closed());
  for (auto& [reader, writer] : clients) {
    const std::string data = co_await reader.read();
    log("all received ", data.size() == size);
    co_await finish(writer);
  }
  co_await waiting;
  log("end");
}

// SVR-12: serve_forever(), cancelled, closes the connections of clients that would stay for ever.
SCENARIO(server_serve_forever_clients) {
  auto hello = get_running_loop().create_future();
  auto handle = [&hello](StreamReader reader, StreamWriter writer) -> Task<> {
    const std::string line = co_await reader.readline();
    log("handler ", shown(line));
    hello.set_result();
    const std::string data = co_await reader.read();
    log("handler ", shown(data), ", closing ", writer.is_closing());
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0, {.start_serving = false});
  const auto port = server.port();
  auto serving = create_task(server.serve_forever());
  co_await sleep(0s);
  log("serving ", server.is_serving());
  auto [reader, writer] = co_await connect(port);
  writer.write("hanging\n");
  co_await hello;
  serving.cancel();
  try {
    co_await serving;
  } catch (const CancelledError&) {
    log(name(), ", cancelled ", serving.cancelled(), ", serving ", server.is_serving());
  }
  const std::string rest = co_await reader.read();
  log("client ", shown(rest));
  co_await server.wait_closed();
  co_await finish(writer);
}

// SVR-09: wait_closed() waits for connections, not for handlers: one that has closed its own goes on.
SCENARIO(server_handler_outlives) {
  auto may_end = get_running_loop().create_future();
  auto ended = get_running_loop().create_future();
  auto handle = [&](StreamReader, StreamWriter writer) -> Task<> {
    writer.write("hello\n");
    writer.close();
    co_await writer.wait_closed();
    co_await may_end;
    log("handler ends");
    ended.set_result();
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0);
  auto [reader, writer] = co_await connect(server.port());
  const std::string hello = co_await reader.read();
  log("client ", shown(hello));
  co_await finish(writer);
  co_await finish(server);
  log("closed, handler done ", ended.done());
  may_end.set_result();
  co_await ended;
}

Task<std::string> unix_client(std::string path, std::string name) {
  auto [reader, writer] = co_await open_unix_connection(path);
  writer.write(name + "\n");
  for (const char* text : {"one\n", "two\n"}) {
    writer.write(text);
    co_await writer.drain();
  }
  writer.write_eof();
  const std::string data = co_await reader.read();
  co_await finish(writer);
  co_return shown(data);
}

// STR-02, STR-03, STR-04: several clients of a unix server at once; each has its own handler.
SCENARIO(unix_clients) {
  const std::string path =
      std::string(1, '\0') + "asyncio-conformance-clients-" + std::to_string(::getpid());
  std::vector<std::string> names;
  auto all_here = get_running_loop().create_future();
  auto handle = [&](StreamReader reader, StreamWriter writer) -> Task<> {
    std::string name = co_await reader.readline();
    name.pop_back();
    names.push_back(name);
    if (names.size() == 3) all_here.set_result();
    co_await all_here;
    while (auto line = co_await reader.next()) writer.write(name + ": " + *line);
    writer.write("bye " + name + "\n");
    writer.close();
  };
  auto server = co_await start_unix_server(handle, path);
  auto [a, b, c] =
      co_await gather(unix_client(path, "a"), unix_client(path, "b"), unix_client(path, "c"));
  for (const std::string& answer : {a, b, c}) log(answer);
  log("clients ", names.size());
  co_await finish(server);
}

Address address(const StreamWriter& writer, std::string_view name) {
  return std::get<Address>(writer.get_extra_info(name));
}

// SWR-08, STR-04, SVR-14: the names of both ends of a unix connection.
SCENARIO(unix_names) {
  const Folder folder("asyncio-unix-names-");
  auto handle = [&folder](StreamReader, StreamWriter writer) {
    log("server: own name ", address(writer, "sockname").host() == folder.path);
    log("server: client's name ", address(writer, "peername").host().size());
    log("server: unknown ",
        std::holds_alternative<std::monostate>(writer.get_extra_info("unknown")));
    writer.close();
  };
  auto server = co_await start_unix_server(handle, folder.path);
  const std::filesystem::path listens = server.sockets().front().local_address().host();
  log("listens ", server.sockets().size(), " ", listens.filename().string());
  auto [reader, writer] = co_await open_unix_connection(folder.path);
  const std::string end = co_await reader.read();
  log("client: own name ", address(writer, "sockname").host().size());
  log("client: server's name ", address(writer, "peername").host() == folder.path);
  co_await finish(writer);
  co_await finish(server);
  log("end");
}

/// A handler that puts `who` before every line.
auto answering(std::string who) {
  return [who](StreamReader reader, StreamWriter writer) -> Task<> {
    while (auto line = co_await reader.next()) writer.write(who + " " + *line);
    writer.close();
  };
}

Task<> ask(Streams& streams) {
  streams.second.write("line\n");
  const std::string line = co_await streams.first.readline();
  log(shown(line));
}

// SVR-08, SVR-17: close() removes the file at once and leaves the connections; a new server takes the path.
SCENARIO(unix_close) {
  const Folder folder("asyncio-unix-close-");
  auto first_answers = answering("first");
  auto second_answers = answering("second");
  auto first = co_await start_unix_server(first_answers, folder.path);
  auto old = co_await open_unix_connection(folder.path);
  co_await ask(old);
  first.close();
  log("file ", folder.has_file());
  try {
    auto refused = co_await open_unix_connection(folder.path);
    log("never");
  } catch (const std::system_error&) {
    log(name());
  }
  auto second = co_await start_unix_server(second_answers, folder.path);
  auto fresh = co_await open_unix_connection(folder.path);
  co_await ask(fresh);
  co_await ask(old);
  co_await finish(old.second);
  co_await first.wait_closed();
  log("first is closed, file ", folder.has_file());
  co_await finish(fresh.second);
  co_await finish(second);
  log("second is closed, file ", folder.has_file());
}

}  // namespace servers_scenarios
}  // namespace conformance
