// A small web server: http_server [port]. Keep-alive, pipelining, GET and HEAD. Ctrl-C lets the
// requests that are being answered finish, then ends it.
#include <asyncio/core/future.hpp>
#include <asyncio/core/run.hpp>
#include <asyncio/net/start_server.hpp>
#include <asyncio/tasks/wait_for.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>
#include <strings.h>

using namespace std::chrono_literals;

constexpr std::size_t largest_head = 16 * 1024;
constexpr std::size_t largest_body = 1024 * 1024;  // which we read and ignore

struct Request {
  std::string_view method, target;
  std::size_t body = 0;
  bool keep_alive = true;
};

bool equal(std::string_view a, std::string_view b) {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view take_until(std::string_view& text, std::string_view separator) {
  const std::size_t end = text.find(separator);
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(end == text.npos ? text.size() : end + separator.size());
  return part;
}

/// Nothing: it is not HTTP/1 as we understand it.
std::optional<Request> parse(std::string_view head) {
  Request request;
  std::string_view line = take_until(head, "\r\n");
  request.method = take_until(line, " ");
  request.target = take_until(line, " ");
  if (request.target.empty() || (line != "HTTP/1.1" && line != "HTTP/1.0")) return std::nullopt;
  request.keep_alive = line == "HTTP/1.1";
  for (line = take_until(head, "\r\n"); !line.empty(); line = take_until(head, "\r\n")) {
    const std::string_view name = take_until(line, ":");
    line.remove_prefix(std::min(line.find_first_not_of(" \t"), line.size()));
    if (equal(name, "transfer-encoding")) return std::nullopt;
    if (equal(name, "connection")) request.keep_alive = !equal(line, "close");
    if (!equal(name, "content-length")) continue;
    const auto [end, error] = std::from_chars(line.begin(), line.end(), request.body);
    if (error != std::errc() || end != line.end()) return std::nullopt;
  }
  return request;
}

std::string answer(std::string_view status, std::string_view body, bool keep_alive, bool with_body) {
  return fmt::format("HTTP/1.1 {}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\n{}\r\n{}",
                     status, body.size(), keep_alive ? "" : "Connection: close\r\n",
                     with_body ? body : "");
}

/// Answers one request. Returns: whether the client may send another.
asyncio::Task<bool> serve_one(asyncio::StreamReader& reader, asyncio::StreamWriter& writer) {
  std::string refusal = "400 Bad Request";
  try {
    const std::string head = co_await asyncio::wait_for(reader.readuntil("\r\n\r\n"), 60s);
    const auto request = parse(head);
    if (request && request->body <= largest_body) {
      const std::string ignored = co_await reader.readexactly(request->body);
      const bool is_head = request->method == "HEAD";
      if (is_head || request->method == "GET")
        writer.write(answer("200 OK", "Hello, world!\n", request->keep_alive, !is_head));
      else
        writer.write(answer("405 Method Not Allowed", "GET or HEAD\n", request->keep_alive, true));
      co_await writer.drain();
      co_return request->keep_alive;
    }
  } catch (const asyncio::LimitOverrunError&) {
    refusal = "431 Request Header Fields Too Large";
  } catch (const asyncio::IncompleteReadError& error) {
    if (error.partial().empty()) co_return false;  // the client has said all it wanted
  } catch (const asyncio::TimeoutError&) {
    co_return false;
  }
  writer.write(answer(refusal, refusal + "\n", false, true));
  co_return false;
}

asyncio::Task<> serve(asyncio::StreamReader reader, asyncio::StreamWriter writer) {
  bool goes_on = true;
  try {
    while (goes_on) goes_on = co_await serve_one(reader, writer);
    writer.write_eof();
    co_await asyncio::wait_for(reader.read(), 1s);  // lest a reset overtakes our last answer
  } catch (const std::system_error&) {
    // The client is gone, or does not go.
  }
}

asyncio::Task<> amain(int port) {
  asyncio::Server server =
      co_await asyncio::start_server(serve, "127.0.0.1", port, {.limit = largest_head});
  fmt::print("listening on http://127.0.0.1:{}\n", server.port());
  std::fflush(stdout);
  try {
    co_await server.get_loop().create_future<>();
  } catch (const asyncio::CancelledError&) {
    // Ctrl-C
  }
  co_await server.shutdown(500ms);
  fmt::print("stopped\n");
}

int main(int argc, char** argv) {
  return asyncio::run_main(amain(argc > 1 ? std::atoi(argv[1]) : 0));
}
