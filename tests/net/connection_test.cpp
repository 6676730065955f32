#include <asyncio/net/connection.hpp>

#include "net_support.hpp"

#include <array>

namespace connection_test {

using namespace asyncio_test;
using asyncio::detail::Connection;
using asyncio::detail::ConnectionState;
using asyncio::detail::Ref;

namespace {

struct Owner final : asyncio::detail::ConnectionOwner {
  explicit Owner(int& count) : lost(count) {}
  void connection_lost(Connection&) noexcept override { ++lost; }
  int& lost;
};

Ref<Connection> connection_of(asyncio::os::Fd fd) {
  return Connection::make(asyncio::get_running_loop(), std::move(fd), 64 * 1024);
}

}  // namespace

ASYNC_TEST("connection: nothing is read before somebody asks", "[SRD-01]") {
  auto fds = asyncio::os::socket_pair();
  const Ref<Connection> connection = connection_of(std::move(fds.first));
  REQUIRE(::send(fds.second.get(), "x", 1, 0) == 1);
  co_await turns(3);
  REQUIRE(connection->buffer().empty());
  REQUIRE(connection->buffer().capacity() == 0);
  connection->abort();
}

ASYNC_TEST("connection: a cancelled read leaves its bytes for the next one", "[SRD-12][SOK-07]") {
  Wired wired;
  auto read = asyncio::create_task(wired.reader.read(10));
  co_await turns(2);
  read.cancel();
  co_await turns(1);
  REQUIRE(read.cancelled());  // promptly: nothing has to be waited for
  wired.peer_sends("late");
  co_await turns(3);
  const std::string text = co_await wired.reader.read(10);
  REQUIRE(text == "late");
}

ASYNC_TEST("connection: a cancel in the turn in which the bytes come", "[SRD-12]") {
  Wired wired;
  for (int round = 0; round < 20; ++round) {
    auto read = asyncio::create_task(wired.reader.readexactly(3));
    co_await turns(1 + round % 3);
    wired.peer_sends("abc");
    co_await turns(round % 4);
    const bool was_done = read.done();
    read.cancel();
    co_await until([&] { return read.done(); });
    REQUIRE(read.cancelled() == !was_done);
    std::string text;
    if (was_done)
      text = read.result();
    else
      text = co_await wired.reader.readexactly(3);
    REQUIRE(text == "abc");
  }
}

ASYNC_TEST("connection: bytes that came before a reset are read before the error",
           "[STR-09][SRD-10]") {
  Wired wired(tcp_pair(), 1024);
  wired.peer_sends("last words");
  auto read = asyncio::create_task(wired.reader.readexactly(4));
  std::string text = co_await read;
  REQUIRE(text == "last");
  reset(wired.peer);
  text = co_await wired.reader.readexactly(6);
  REQUIRE(text == " words");
  const int code = co_await error_of(wired.reader.read(10));
  REQUIRE(code == ECONNRESET);
  REQUIRE(wired.reader.exception() != nullptr);
  REQUIRE_FALSE(wired.reader.at_eof());
  const int closed = co_await error_of(wired.writer.wait_closed());
  REQUIRE(closed == ECONNRESET);
}

ASYNC_TEST("connection: bytes in the kernel survive a failing write", "[STR-09][N2]") {
  Wired wired(tcp_pair(), 1024);
  wired.writer.write("request");
  wired.peer_sends("refused\n");
  ::shutdown(wired.peer.get(), SHUT_RDWR);
  wired.peer.reset();  // with unread input: the kernel sends a reset
  co_await until([&] {
    wired.writer.write("more");
    return wired.writer.is_closing();
  });
  const std::string text = co_await text_of(wired.reader.readexactly(8));
  // The kernel may have dropped what it held; it may not have been taken and lost by us.
  REQUIRE(
      (text.empty() || text == "send: Broken pipe" || text == "send: Connection reset by peer"));
}

ASYNC_TEST("connection: a read in flight ends when the connection is aborted", "[SWR-05]") {
  auto fds = asyncio::os::socket_pair();
  auto streams = asyncio::detail::make_streams(connection_of(std::move(fds.first)));
  auto read = asyncio::create_task(streams.first.read(10));
  co_await turns(3);
  streams.second.abort();
  co_await turns(2);
  REQUIRE(read.done());
  REQUIRE(read.result().empty());
  co_await until([&] {
    char byte;
    return ::recv(fds.second.get(), &byte, 1, MSG_DONTWAIT) == 0;
  });
}

ASYNC_TEST("connection: the owner is told once", "[SVR-16]") {
  int lost = 0;
  auto fds = asyncio::os::socket_pair();
  {
    const Ref<Connection> connection = connection_of(std::move(fds.first));
    connection->set_owner(Ref<asyncio::detail::ConnectionOwner>(new Owner(lost)));
    connection->close();
    connection->abort();
    REQUIRE(connection->state() == ConnectionState::lost);
  }
  REQUIRE(lost == 1);
  co_return;
}

ASYNC_TEST("connection: read sizes grow with a full socket and shrink again", "[TRN-11]") {
  Wired wired;
  const std::string big(4 << 20, 'x');
  auto peer = asyncio::detail::make_streams(connection_of(std::move(wired.peer)));
  auto sent = asyncio::create_task(peer.second.write_all(big));
  std::size_t total = 0;
  std::size_t largest = 0;
  std::vector<std::byte> target(256 * 1024);
  while (total < big.size()) {
    const std::size_t count = co_await wired.reader.read_into(target);
    total += count;
    largest = std::max(largest, count);
  }
  co_await sent;
  REQUIRE(largest > 16 * 1024);
  // An idle connection keeps little memory, however much it has seen.
  for (int i = 0; i < 30; ++i) {
    peer.second.write("small");
    static_cast<void>(co_await wired.reader.readexactly(5));
  }
  auto idle = asyncio::create_task(wired.reader.read(1));
  co_await turns(2);
  REQUIRE(asyncio::detail::ReadSource::default_limit == 64 * 1024);
  idle.cancel();
}

ASYNC_TEST("connection: a connection that floods lets other tasks run", "[W-18]") {
  Wired wired;
  auto peer = asyncio::detail::make_streams(connection_of(std::move(wired.peer)));
  const std::string chunk(64 * 1024, 'x');
  bool stop = false;
  auto flood = [&]() -> Task<> {
    while (!stop) {
      peer.second.write(chunk);
      co_await peer.second.drain();
    }
  };
  auto flooding = asyncio::create_task(flood());
  int turns_of_others = 0;
  auto count = [&]() -> Task<> {
    while (!stop) {
      ++turns_of_others;
      co_await asyncio::sleep(0s);
    }
  };
  auto counting = asyncio::create_task(count());
  std::vector<std::byte> target(64 * 1024);
  std::size_t reads = 0;
  for (; reads < 2000; ++reads) static_cast<void>(co_await wired.reader.read_into(target));
  stop = true;
  wired.writer.abort();
  flooding.cancel();
  co_await counting;
  REQUIRE(turns_of_others > 50);
}

TEST_CASE("connection: handles may outlive the loop", "[STR-08]") {
  for (const auto backend : {asyncio::Backend::epoll, asyncio::Backend::io_uring}) {
    auto fds = asyncio::os::socket_pair();
    std::optional<asyncio::Streams> kept;
    auto body = [&]() -> Task<> {
      kept.emplace(asyncio::detail::make_streams(connection_of(std::move(fds.first))));
      kept->second.write("x");
      auto read = asyncio::create_task(kept->first.read(1));
      co_await turns(2);
    };
    asyncio::run(body, asyncio::RunOptions{.backend = backend});
    REQUIRE(kept->second.is_closing());
    kept->second.write("ignored");
    kept->second.close();
    kept.reset();
  }
}

TEST_CASE("connection: tasks destroyed with the loop leave nothing in flight", "[LOP-12]") {
  for (const auto kind : {asyncio::Backend::epoll, asyncio::Backend::io_uring}) {
    auto fds = asyncio::os::socket_pair();
    asyncio::EventLoop loop(kind);
    loop.set_exception_handler([](asyncio::EventLoop&, const asyncio::ExceptionContext&) {});
    const std::string big(16 << 20, 'x');
    auto body = [&]() -> Task<> {
      auto streams = asyncio::detail::make_streams(connection_of(std::move(fds.first)));
      auto read = asyncio::create_task(streams.first.read(1));
      co_await streams.second.write_all(big);
    };
    auto task = loop.create_task(body());
    for (int i = 0; i < 5; ++i) loop.run_once();
    REQUIRE_FALSE(task.done());
    loop.close();
    REQUIRE(loop.backend_interface().in_flight() == 0);
  }
}

}  // namespace connection_test
