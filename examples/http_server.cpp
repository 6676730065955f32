// A small web server: http_server [port]. Keep-alive, pipelining, GET and HEAD. Ctrl-C lets the
// requests that are being answered finish, then ends it.
#include <asyncio/core/future.hpp>
#include <asyncio/core/run.hpp>
#include <asyncio/net/start_server.hpp>
#include <asyncio/tasks/wait_for.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <strings.h>

using namespace std::chrono_literals;

struct Request {
  std::string_view method{};
  bool keep_alive = true;
};

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view take_until(std::string_view& text, std::string_view separator) {
  const std::size_t end = std::min(text.find(separator), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + separator.size(), text.size()));
  return part;
}

/// Nothing: it is not HTTP/1, or has a body, of which we would not know where it ends.
std::optional<Request> parse(std::string_view head) {
  Request request;
  std::string_view line = take_until(head, "\r\n");
  request.method = take_until(line, " ");
  if (take_until(line, " ").empty() || (line != "HTTP/1.1" && line != "HTTP/1.0")) return std::nullopt;
  request.keep_alive = line == "HTTP/1.1";
  while (!(line = take_until(head, "\r\n")).empty()) {
    const std::string_view name = take_until(line, ":");
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (equal(name, "transfer-encoding")) return std::nullopt;
    if (equal(name, "content-length") && line != "0") return std::nullopt;
    if (equal(name, "connection")) request.keep_alive = !equal(line, "close");
  }
  return request;
}

std::string answer(std::string_view status, std::string_view body, const Request& request) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n{}\r\n{}",
                     status, body.size(), request.keep_alive ? "" : "Connection: close\r\n",
                     request.method == "HEAD" ? "" : body);
}

/// Answers one request. Returns: whether the client may send another.
asyncio::Task<bool> serve_one(asyncio::StreamReader& reader, asyncio::StreamWriter& writer) {
  std::string refusal = "400 Bad Request";
  try {
    const std::string head = co_await asyncio::wait_for(reader.readuntil("\r\n\r\n"), 60s);
    if (const auto request = parse(head)) {
      const bool is_known = request->method == "GET" || request->method == "HEAD";
      writer.write(is_known ? answer("200 OK", "Hello, world!\n", *request)
                            : answer("405 Method Not Allowed", "GET or HEAD\n", *request));
      co_await writer.drain();
      co_return request->keep_alive;
    }
  } catch (const asyncio::LimitOverrunError&) {
    refusal = "431 Request Header Fields Too Large";
  } catch (const asyncio::IncompleteReadError& error) {
    if (error.partial().empty()) co_return false;  // the client has said all it wanted
  }
  writer.write(answer(refusal, refusal + "\n", {.keep_alive = false}));
  co_return false;
}

asyncio::Task<> serve(asyncio::StreamReader reader, asyncio::StreamWriter writer) {
  try {
    for (bool goes_on = true; goes_on;) goes_on = co_await serve_one(reader, writer);
    writer.write_eof();
    co_await asyncio::wait_for(reader.read(), 1s);  // lest a reset overtakes our last answer
  } catch (const std::system_error&) {
    // The client is gone, or says nothing for too long.
  }
}

asyncio::Task<> amain(int port) {
  auto server = co_await asyncio::start_server(serve, "127.0.0.1", port, {.limit = 16 * 1024});
  fmt::print("listening on http://127.0.0.1:{}\n", server.port());
  std::fflush(stdout);
  const auto ctrl_c = co_await asyncio::as_outcome(server.get_loop().create_future<>());
  co_await server.shutdown(500ms);
  fmt::print("stopped\n");
}

int main(int argc, char** argv) {
  return asyncio::run_main(amain(argc > 1 ? std::atoi(argv[1]) : 0));
}
