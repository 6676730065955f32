#include <asyncio/net/stream_writer.hpp>

#include "net_support.hpp"

#include <array>
#include <memory>
#include <thread>

namespace stream_writer_test {

using namespace asyncio_test;
using asyncio::StreamReader;
using asyncio::StreamWriter;

namespace {

constexpr std::size_t more_than_fits = 16 * 1024 * 1024;  // in any socket's buffer

/// Reads and drops what the peer was sent, as far as it has come.
std::size_t swallow(int fd, std::size_t limit = ~std::size_t{0}) {
  static std::array<char, 1 << 16> bytes;
  std::size_t total = 0;
  while (total < limit) {
    const ssize_t count = ::recv(fd, bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count <= 0) break;
    total += static_cast<std::size_t>(count);
  }
  return total;
}

}  // namespace

ASYNC_TEST("stream writer: a small write is with the peer at once", "[SWR-01]") {
  Wired wired;
  wired.writer.write("hello");
  REQUIRE(wired.peer_receives() == "hello");
  wired.writer.write("");
  wired.writer.write(std::string("a"));
  wired.writer.write(std::as_bytes(std::span("bc", 2)));
  REQUIRE(wired.peer_receives() == "abc");
  co_return;
}

ASYNC_TEST("stream writer: writelines writes all parts", "[SWR-01]") {
  Wired wired;
  const std::vector<std::string> lines{"one\n", "", "two\n"};
  wired.writer.writelines(lines);
  wired.writer.writelines(std::array<std::string_view, 2>{"three", "\n"});
  REQUIRE(wired.peer_receives() == "one\ntwo\nthree\n");
  co_return;
}

ASYNC_TEST("stream writer: what the kernel does not take follows, in order", "[SWR-01][SWR-02]") {
  Wired wired;
  std::string sent;
  for (int i = 0; sent.size() < more_than_fits / 8; ++i) {
    const std::string part(1000, static_cast<char>('a' + i % 26));
    wired.writer.write(part);
    sent += part;
  }
  wired.writer.close();
  std::string got;
  std::array<char, 1 << 16> bytes;
  while (got.size() < sent.size()) {
    const ssize_t count = ::recv(wired.peer.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count > 0)
      got.append(bytes.data(), static_cast<std::size_t>(count));
    else
      co_await asyncio::sleep(0s);
  }
  const bool is_same = got == sent;
  REQUIRE(is_same);
  co_await wired.writer.wait_closed();
  REQUIRE(wired.peer_receives() == "EOF");
}

ASYNC_TEST("stream writer: drain below the high-water mark takes no turn", "[SWR-02]") {
  Wired wired;
  bool other_ran = false;
  asyncio::get_running_loop().call_soon([&other_ran] { other_ran = true; });
  wired.writer.write("x");
  co_await wired.writer.drain();
  REQUIRE_FALSE(other_ran);
  // ... but whoever never waits gives way to others once in a while (W-11).
  for (int i = 0; i < 64; ++i) co_await wired.writer.drain();
  REQUIRE(other_ran);
}

ASYNC_TEST("stream writer: drain waits for a slow reader, for any number of tasks",
           "[SWR-02][SWR-03][W-11]") {
  Wired wired;
  wired.writer.write(std::string(more_than_fits, 'x'));
  auto first = asyncio::create_task(wired.writer.drain());
  auto second = asyncio::create_task(wired.writer.drain());
  co_await turns(10);
  REQUIRE_FALSE(first.done());
  std::size_t got = 0;
  while (!first.done() || !second.done()) {
    got += swallow(wired.peer.get());
    co_await asyncio::sleep(0s);
  }
  REQUIRE(got > more_than_fits / 2);
  while (got < more_than_fits) {
    got += swallow(wired.peer.get());
    co_await asyncio::sleep(0s);
  }
}

ASYNC_TEST("stream writer: a cancelled drain leaves the others", "[SWR-03]") {
  Wired wired;
  wired.writer.write(std::string(more_than_fits, 'x'));
  auto first = asyncio::create_task(wired.writer.drain());
  auto second = asyncio::create_task(wired.writer.drain());
  co_await turns(2);
  first.cancel();
  co_await turns(2);
  REQUIRE(first.cancelled());
  REQUIRE_FALSE(second.done());
  wired.writer.abort();
  co_await second;  // SWR-04: ends normally when the connection is lost without an error
}

ASYNC_TEST("stream writer: a reset wakes drain with the error", "[SWR-04][STR-09]") {
  Wired wired(tcp_pair(), 1024);
  wired.writer.write(std::string(more_than_fits, 'x'));
  auto drain = asyncio::create_task(error_of(wired.writer.drain()));
  co_await turns(3);
  reset(wired.peer);
  const int code = co_await drain;
  REQUIRE((code == ECONNRESET || code == EPIPE));
  REQUIRE(wired.writer.is_closing());
  const int closed = co_await error_of(wired.writer.wait_closed());
  REQUIRE(closed == code);
  const int again = co_await error_of(wired.writer.drain());
  REQUIRE(again == code);
  const int late = co_await error_of(wired.writer.aclose());
  REQUIRE(late == 0);  // W-15: not an error from before the call
}

ASYNC_TEST("stream writer: write_all sends everything in place", "[SWR-02][W-11]") {
  Wired wired;
  const std::string big(more_than_fits, 'x');
  auto all = asyncio::create_task(wired.writer.write_all(big));
  co_await turns(3);
  REQUIRE_FALSE(all.done());
  wired.writer.write("tail");
  std::size_t got = 0;
  while (!all.done()) {
    got += swallow(wired.peer.get());
    co_await asyncio::sleep(0s);
  }
  co_await all;
  wired.writer.close();
  co_await until([&] { return (got += swallow(wired.peer.get())) == big.size() + 4; });
}

ASYNC_TEST("stream writer: two write_all and a write keep their order", "[SWR-02]") {
  Wired wired;
  const std::string first(more_than_fits, 'a');
  auto a = asyncio::create_task(wired.writer.write_all(first));
  co_await turns(2);
  auto b = asyncio::create_task(wired.writer.write_all("b"));
  co_await turns(2);
  wired.writer.write("c");
  std::string last;
  std::size_t got = 0;
  std::array<char, 1 << 16> bytes;
  while (got < first.size() + 2) {
    const ssize_t count = ::recv(wired.peer.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (count <= 0) {
      co_await asyncio::sleep(0s);
      continue;
    }
    got += static_cast<std::size_t>(count);
    last = (last + std::string(bytes.data(), static_cast<std::size_t>(count)))
               .substr(std::max<std::size_t>(last.size() + static_cast<std::size_t>(count), 2) - 2);
  }
  co_await a;
  co_await b;
  REQUIRE(last == "bc");
}

ASYNC_TEST("stream writer: a cancelled write_all lets go of the caller's memory", "[SWR-02]") {
  Wired wired;
  auto big = std::make_unique<std::string>(more_than_fits, 'x');
  auto all = asyncio::create_task(wired.writer.write_all(*big));
  co_await turns(3);
  all.cancel();
  co_await until([&] { return all.done(); });
  REQUIRE(all.cancelled());
  big.reset();
  wired.writer.write("after");
  wired.writer.close();
  std::size_t got = 0;
  co_await until([&] {
    got += swallow(wired.peer.get());
    return wired.peer_receives() == "EOF";
  });
  REQUIRE(got < more_than_fits);
}

ASYNC_TEST("stream writer: a write_all that waits behind others can be cancelled", "[SWR-02]") {
  Wired wired;
  wired.writer.write(std::string(more_than_fits, 'x'));
  auto all = asyncio::create_task(wired.writer.write_all("behind"));
  co_await turns(3);
  REQUIRE_FALSE(all.done());
  all.cancel();
  co_await turns(2);
  REQUIRE(all.cancelled());
  auto other = asyncio::create_task(error_of(wired.writer.write_all("again")));
  co_await turns(2);
  wired.writer.abort();
  const int code = co_await other;
  REQUIRE(code == ECONNRESET);
}

ASYNC_TEST("stream writer: write_all of an aborted connection fails", "[SWR-04]") {
  Wired wired;
  const std::string big(more_than_fits, 'x');
  auto all = asyncio::create_task(error_of(wired.writer.write_all(big)));
  co_await turns(3);
  wired.writer.abort();
  const int code = co_await all;
  REQUIRE(code == ECONNRESET);
  const int later = co_await error_of(wired.writer.write_all("x"));
  REQUIRE(later == ECONNRESET);
}

ASYNC_TEST("stream writer: write_eof ends our half only", "[SWR-07][STR-10]") {
  Wired wired;
  REQUIRE(wired.writer.can_write_eof());
  wired.writer.write("request");
  wired.writer.write_eof();
  wired.writer.write_eof();
  REQUIRE_THROWS_AS(wired.writer.write("more"), asyncio::RuntimeError);
  const std::string text = co_await text_of(wired.writer.write_all("more"));
  REQUIRE(text == "Cannot call write_all() after write_eof()");
  REQUIRE(wired.peer_receives() == "request");
  REQUIRE(wired.peer_receives() == "EOF");
  wired.peer_sends("answer");
  ::shutdown(wired.peer.get(), SHUT_WR);
  const std::string answer = co_await wired.reader.read();
  REQUIRE(answer == "answer");
  REQUIRE_FALSE(wired.writer.is_closing());
}

ASYNC_TEST("stream writer: write_eof waits for what was written before", "[SWR-07]") {
  Wired wired;
  wired.writer.write(std::string(more_than_fits, 'x'));
  wired.writer.write_eof();
  std::size_t got = 0;
  co_await until([&] {
    got += swallow(wired.peer.get());
    return got == more_than_fits;
  });
  co_await until([&] { return wired.peer_receives() == "EOF"; });
}

ASYNC_TEST("stream writer: the peer's end leaves our half open", "[STR-10]") {
  Wired wired;
  ::shutdown(wired.peer.get(), SHUT_WR);
  const std::string nothing = co_await wired.reader.read();
  REQUIRE(nothing.empty());
  wired.writer.write("still writing");
  co_await wired.writer.drain();
  REQUIRE(wired.peer_receives() == "still writing");
}

ASYNC_TEST("stream writer: after close() writes are ignored and drain raises",
           "[SWR-02][SWR-05][SWR-06]") {
  Wired wired;
  wired.writer.write("before");
  wired.writer.close();
  wired.writer.close();
  REQUIRE(wired.writer.is_closing());
  wired.writer.write("after");
  int code = co_await error_of(wired.writer.drain());
  REQUIRE(code == ECONNRESET);
  co_await wired.writer.wait_closed();
  code = co_await error_of(wired.writer.drain());
  REQUIRE(code == ECONNRESET);
  const std::string rest = co_await wired.reader.read();
  REQUIRE(rest.empty());
  REQUIRE(wired.reader.at_eof());
  REQUIRE(wired.peer_receives() == "before");
  REQUIRE(wired.peer_receives() == "EOF");
}

ASYNC_TEST("stream writer: from the fifth ignored write on it is reported", "[TRN-14]") {
  Wired wired;
  int reports = 0;
  asyncio::get_running_loop().set_exception_handler(
      [&reports](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
        if (context.message == "socket.send() raised exception.") ++reports;
      });
  wired.writer.close();
  for (int i = 0; i < 4; ++i) wired.writer.write("x");
  REQUIRE(reports == 0);
  wired.writer.write("x");
  wired.writer.write("x");
  asyncio::get_running_loop().set_exception_handler(nullptr);
  REQUIRE(reports == 2);
  co_return;
}

ASYNC_TEST("stream writer: wait_closed with unread input", "[SWR-06]") {
  Wired wired;
  wired.peer_sends("unread");
  wired.writer.close();
  co_await wired.writer.wait_closed();
  REQUIRE(wired.writer.is_closing());
}

ASYNC_TEST("stream writer: aclose closes and waits until all is sent", "[SWR-05][W-15]") {
  Wired wired;
  wired.writer.write(std::string(more_than_fits, 'x'));
  auto closed = asyncio::create_task(wired.writer.aclose());
  co_await turns(3);
  REQUIRE(wired.writer.is_closing());
  REQUIRE_FALSE(closed.done());
  std::size_t got = 0;
  co_await until([&] {
    got += swallow(wired.peer.get());
    return closed.done();
  });
  co_await closed;
  got += swallow(wired.peer.get());
  REQUIRE(got == more_than_fits);
}

ASYNC_TEST("stream writer: aclose raises what stops the last bytes", "[W-15]") {
  Wired wired(tcp_pair(), 1024);
  wired.writer.write(std::string(more_than_fits, 'x'));
  auto closed = asyncio::create_task(error_of(wired.writer.aclose()));
  co_await turns(3);
  reset(wired.peer);
  const int code = co_await closed;
  REQUIRE((code == ECONNRESET || code == EPIPE));
}

ASYNC_TEST("stream writer: dropping reader and writer closes, after what was written",
           "[SWR-10][STR-08]") {
  asyncio::os::Fd peer;
  {
    Wired wired;
    peer = std::move(wired.peer);
    wired.writer.write(std::string(more_than_fits, 'x'));
  }
  std::size_t got = 0;
  co_await until([&] {
    got += swallow(peer.get());
    return got == more_than_fits;
  });
}

ASYNC_TEST("stream writer: a task that waits for input sees the end when another closes",
           "[STR-09][SWR-05]") {
  Wired wired;
  auto read = asyncio::create_task(wired.reader.read(10));
  co_await turns(2);
  wired.writer.close();
  co_await turns(3);
  REQUIRE(read.done());
  REQUIRE(read.result().empty());
  REQUIRE(wired.peer_receives() == "EOF");
}

ASYNC_TEST("stream writer: get_extra_info", "[SWR-08]") {
  Wired wired(tcp_pair(), 1024);
  const auto peer = wired.writer.get_extra_info("peername");
  const auto own = wired.writer.get_extra_info("sockname");
  const auto socket = wired.writer.get_extra_info("socket");
  REQUIRE(std::get<asyncio::Address>(peer) == asyncio::os::local_address(wired.peer.get()));
  REQUIRE(std::get<asyncio::Address>(own).host() == "127.0.0.1");
  REQUIRE(std::get<asyncio::SocketView>(socket).type() == SOCK_STREAM);
  REQUIRE(std::holds_alternative<std::monostate>(wired.writer.get_extra_info("cipher")));
  co_return;
}

TEST_CASE("stream writer: closing connections are flushed when the loop ends", "[W-15]") {
  for (const auto backend : {asyncio::Backend::epoll, asyncio::Backend::io_uring}) {
    auto fds = asyncio::os::socket_pair();
    const asyncio::os::Fd peer = std::move(fds.second);
    asyncio::os::Fd own = std::move(fds.first);
    const std::size_t size = 512 * 1024;  // more than the socket's buffer
    std::size_t got = 0;
    std::thread reader([&peer, &got] {
      std::array<char, 1 << 16> bytes;
      for (;;) {
        const ssize_t count = ::recv(peer.get(), bytes.data(), bytes.size(), 0);
        if (count < 0 && errno == EAGAIN) {
          std::this_thread::yield();
          continue;
        }
        if (count <= 0) return;
        got += static_cast<std::size_t>(count);
      }
    });
    auto body = [&own]() -> Task<> {
      auto streams = asyncio::detail::make_streams(
          asyncio::detail::Connection::make(asyncio::get_running_loop(), std::move(own), 1024));
      streams.second.write(std::string(size, 'x'));
      streams.second.close();
      co_return;
    };
    asyncio::run(body, asyncio::RunOptions{.backend = backend});
    reader.join();
    REQUIRE(got == size);
  }
}

}  // namespace stream_writer_test
