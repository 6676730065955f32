// Crawls a small site, which a server in this program serves, at most three pages at a time.
#include <asyncio/asyncio.hpp>

#include <fmt/format.h>

#include <map>
#include <set>

using asyncio::Task;

const std::map<std::string, std::string, std::less<>> site = {
    {"/", "/news\n/about\n/shop\n/blog\n"}, {"/news", "/\n/blog\n"},  {"/about", "/\n"},
    {"/shop", "/cart\n/sold-out\n"},        {"/blog", "/news\n/blog/1\n/blog/2\n"},
    {"/blog/1", "/blog\n"},                 {"/blog/2", "/blog/1\n"}, {"/cart", ""}};

int visitors = 0, most_visitors = 0;

Task<> serve(asyncio::StreamReader reader, asyncio::StreamWriter writer) {
  most_visitors = std::max(most_visitors, ++visitors);
  const std::string request = co_await reader.readuntil("\r\n\r\n");
  const std::string_view line = std::string_view(request).substr(request.find(' ') + 1);
  const auto page = site.find(line.substr(0, line.find(' ')));
  --visitors;  // before the answer: the client may come again at once
  writer.write(page == site.end() ? "HTTP/1.0 404 Not Found\r\n\r\n" : "HTTP/1.0 200 OK\r\n\r\n" + page->second);
  co_await writer.aclose();
}

/// The status line of a page, then its links.
Task<std::vector<std::string>> fetch(std::uint16_t port, std::string path) {
  auto streams = co_await asyncio::open_connection("127.0.0.1", port);
  auto& [reader, writer] = streams;
  writer.write(fmt::format("GET {} HTTP/1.0\r\n\r\n", path));
  std::vector<std::string> page;
  while (auto line = co_await reader.next()) {
    line->erase(line->find_last_not_of("\r\n") + 1);
    if (!line->empty()) page.push_back(*line);
  }
  co_await writer.aclose();
  co_return page;
}

Task<> crawl(std::uint16_t port) {
  std::set<std::string> seen{"/"};
  std::vector<std::string> frontier(seen.begin(), seen.end());
  auto fetch_page = [port](std::string path) -> Task<std::vector<std::string>> {
    co_return co_await fetch(port, std::move(path));
  };
  while (!frontier.empty()) {
    auto pages = co_await asyncio::map_concurrently(frontier, 3, fetch_page);
    std::vector<std::string> found;
    for (std::size_t i = 0; i < pages.size(); ++i) {
      fmt::print("{}: {}, {} links\n", frontier[i], pages[i].at(0), pages[i].size() - 1);
      for (std::size_t link = 1; link < pages[i].size(); ++link)
        if (seen.insert(pages[i][link]).second) found.push_back(pages[i][link]);
    }
    frontier = std::move(found);
  }
}

Task<> amain() {
  asyncio::Server server = co_await asyncio::start_server(serve, "127.0.0.1", 0);
  co_await crawl(server.port());
  co_await server.shutdown(std::chrono::seconds(1));
  fmt::print("at most three at a time: {}\n", most_visitors <= 3);
}

int main() { return asyncio::run_main(amain()); }

// Output:
//   /: HTTP/1.0 200 OK, 4 links
//   /news: HTTP/1.0 200 OK, 2 links
//   /about: HTTP/1.0 200 OK, 1 links
//   /shop: HTTP/1.0 200 OK, 2 links
//   /blog: HTTP/1.0 200 OK, 3 links
//   /cart: HTTP/1.0 200 OK, 0 links
//   /sold-out: HTTP/1.0 404 Not Found, 0 links
//   /blog/1: HTTP/1.0 200 OK, 1 links
//   /blog/2: HTTP/1.0 200 OK, 1 links
//   at most three at a time: true
