// Prints the status line and the body of a page: http_get http://host[:port]/path
#include <asyncio/core/run.hpp>
#include <asyncio/net/open_connection.hpp>

#include <fmt/format.h>

#include <cstdio>

struct Url {
  std::string host, port, path;
};

Url parse(std::string_view text) {
  constexpr std::string_view scheme = "http://";
  if (!text.starts_with(scheme)) throw std::invalid_argument("the URL must start with http://");
  text.remove_prefix(scheme.size());
  const std::size_t slash = std::min(text.find('/'), text.size());
  std::string_view host = text.substr(0, slash);
  const std::size_t colon = host.rfind(':');
  Url url;
  url.port = colon == host.npos ? "80" : std::string(host.substr(colon + 1));
  url.host = std::string(host.substr(0, colon));
  url.path = slash == text.size() ? "/" : std::string(text.substr(slash));
  return url;
}

asyncio::Task<> get(std::string_view address) {
  const Url url = parse(address);
  auto streams = co_await asyncio::open_connection(url.host, std::string_view(url.port));
  auto& [reader, writer] = streams;
  writer.write(fmt::format("GET {} HTTP/1.0\r\nHost: {}\r\n\r\n", url.path, url.host));
  co_await writer.drain();
  const std::string status = co_await reader.readline();
  fmt::print("{}", status);
  while (auto line = co_await reader.next())
    if (*line == "\r\n") break;
  for (;;) {
    const std::string part = co_await reader.read(64 * 1024);
    if (part.empty()) break;
    fmt::print("{}", part);
  }
  co_await writer.aclose();
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: http_get http://host[:port]/path\n");
    return 2;
  }
  return asyncio::run_main(get(argv[1]));
}
