#include <asyncio/net/medium.hpp>

#include <asyncio/os/pipe.hpp>
#include <asyncio/os/signal.hpp>

#include "net_support.hpp"

namespace medium_test {

using namespace asyncio_test;
using namespace asyncio;

namespace {

/// A stream of the running loop on one end of a pipe, a blocking descriptor on the other.
template <class Stream>
struct Piped {
  explicit Piped(std::size_t limit = 64 * 1024) : Piped(os::make_pipe(), limit) {}
  Piped(os::Pipe pipe, std::size_t limit);
  os::Fd peer;
  std::optional<Stream> stream;

  void peer_writes(std::string_view bytes) {
    REQUIRE(::write(peer.get(), bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  /// What has come to the peer so far; nullopt: nothing, and it is not the end.
  std::optional<std::string> peer_reads(std::size_t size) {
    std::string bytes(size, '\0');
    const ssize_t count = ::read(peer.get(), bytes.data(), bytes.size());
    if (count < 0) return std::nullopt;
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
  }
  Task<std::string> peer_reads_all() {
    std::string all;
    for (;;) {
      const std::optional<std::string> bytes = peer_reads(64 * 1024);
      if (bytes && bytes->empty()) co_return all;
      if (bytes) all += *bytes;
      co_await sleep(0s);
    }
  }
};

template <>
Piped<StreamReader>::Piped(os::Pipe pipe, std::size_t limit) : peer(std::move(pipe.writer)) {
  os::set_nonblocking(pipe.reader.get());
  stream.emplace(detail::make_reader(detail::Connection::make(
      get_running_loop(), std::move(pipe.reader), limit, detail::pipe_reader_medium)));
  os::set_nonblocking(peer.get());
}
template <>
Piped<StreamWriter>::Piped(os::Pipe pipe, std::size_t limit) : peer(std::move(pipe.reader)) {
  os::ignore_broken_pipes();
  os::set_nonblocking(pipe.writer.get());
  stream.emplace(detail::make_writer(detail::Connection::make(
      get_running_loop(), std::move(pipe.writer), limit, detail::pipe_writer_medium)));
  os::set_nonblocking(peer.get());
}

}  // namespace

ASYNC_TEST("medium: lines come through a pipe, then its end", "[net][SUB-10]") {
  Piped<StreamReader> pipe;
  auto first = create_task(pipe.stream->readline());
  co_await turns(3);
  pipe.peer_writes("one\ntw");
  const std::string one = co_await first;
  CHECK(one == "one\n");
  pipe.peer_writes("o");
  pipe.peer.reset();
  const std::string two = co_await pipe.stream->readline();
  CHECK(two == "two");
  const std::string none = co_await pipe.stream->read(10);
  CHECK(none.empty());
  CHECK(pipe.stream->at_eof());
}

ASYNC_TEST("medium: a pipe that was read to its end needs no descriptor", "[net]") {
  Piped<StreamReader> pipe;
  const auto before = open_descriptors();
  pipe.peer.reset();
  const std::string all = co_await pipe.stream->read();
  CHECK(all.empty());
  CHECK(open_descriptors() == before - 2);
}

ASYNC_TEST("medium: a megabyte comes through a pipe with its small buffer", "[net][SUB-10]") {
  Piped<StreamReader> in;
  Piped<StreamWriter> out;
  const std::string data(1 << 20, 'x');
  auto reading = create_task(in.stream->readexactly(data.size()));
  auto writing = create_task(out.stream->write_all(data));
  std::string carried;
  for (std::size_t moved = 0; moved < data.size(); co_await sleep(0s)) {
    carried += out.peer_reads(4096).value_or("");
    const ssize_t count = ::write(in.peer.get(), carried.data(), carried.size());
    if (count < 0) continue;
    carried.erase(0, static_cast<std::size_t>(count));
    moved += static_cast<std::size_t>(count);
  }
  const std::string& received = co_await reading;
  CHECK(received == data);
  co_await writing;
}

ASYNC_TEST("medium: write keeps what the pipe does not take, drain waits", "[net][SUB-09]") {
  Piped<StreamWriter> pipe;
  pipe.stream->write(std::string(300 * 1024, 'x'));
  auto draining = create_task(pipe.stream->drain());
  co_await turns(5);
  CHECK_FALSE(draining.done());
  auto reading = create_task(pipe.peer_reads_all());
  co_await draining;
  pipe.stream->close();
  co_await pipe.stream->wait_closed();
  const std::string& all = co_await reading;
  CHECK(all.size() == 300 * 1024);
}

ASYNC_TEST("medium: write_eof closes a pipe after what was written", "[net][SUB-09]") {
  Piped<StreamWriter> pipe;
  pipe.stream->write(std::string(100 * 1024, 'x'));
  pipe.stream->write_eof();
  CHECK_FALSE(pipe.stream->is_closing());
  const std::string all = co_await pipe.peer_reads_all();
  CHECK(all.size() == 100 * 1024);
  co_await pipe.stream->wait_closed();
  CHECK(pipe.stream->is_closing());
  CHECK_THROWS_AS(pipe.stream->write("x"), RuntimeError);
}

ASYNC_TEST("medium: nobody reads, so a write is EPIPE and no signal", "[net][SUB-09]") {
  Piped<StreamWriter> pipe;
  pipe.peer.reset();
  pipe.stream->write("x");
  const int code = co_await error_of(pipe.stream->drain());
  CHECK(code == EPIPE);
  const int closed = co_await error_of(pipe.stream->wait_closed());
  CHECK(closed == EPIPE);
}

ASYNC_TEST("medium: wait_closed notices that the reader has left", "[net][PIP-03]") {
  Piped<StreamWriter> pipe;
  auto closed = create_task(pipe.stream->wait_closed());
  co_await turns(5);
  CHECK_FALSE(closed.done());
  pipe.peer.reset();
  co_await closed;
  CHECK(pipe.stream->is_closing());
}

ASYNC_TEST("medium: wait_closed raises EPIPE when the reader leaves bytes unread",
           "[net][PIP-03]") {
  Piped<StreamWriter> pipe;
  pipe.stream->write(std::string(100 * 1024, 'x'));
  auto closed = create_task(error_of(pipe.stream->wait_closed()));
  co_await turns(5);
  pipe.peer.reset();
  const int code = co_await closed;
  CHECK(code == EPIPE);
}

ASYNC_TEST("medium: dropping the reader closes the pipe", "[net]") {
  Piped<StreamReader> pipe;
  os::ignore_broken_pipes();
  auto reading = create_task(pipe.stream->read(1));
  co_await turns(3);
  reading.cancel();
  co_await text_of(reading);
  pipe.stream.reset();
  const auto is_closed = [&pipe] { return ::write(pipe.peer.get(), "x", 1) == -1; };
  co_await until(is_closed);
}

ASYNC_TEST("medium: dropping the writer sends what was kept, then closes", "[net]") {
  Piped<StreamWriter> pipe;
  pipe.stream->write(std::string(100 * 1024, 'x'));
  pipe.stream.reset();
  const std::string all = co_await pipe.peer_reads_all();
  CHECK(all.size() == 100 * 1024);
}

ASYNC_TEST("medium: a cancelled read of a pipe loses nothing", "[net]") {
  Piped<StreamReader> pipe;
  auto reading = create_task(pipe.stream->read(10));
  co_await turns(3);
  reading.cancel();
  pipe.peer_writes("kept");
  co_await text_of(reading);
  CHECK(reading.cancelled());
  const std::string bytes = co_await pipe.stream->read(10);
  CHECK(bytes == "kept");
}

ASYNC_TEST("medium: a pipe knows no socket and no addresses", "[net][SWR-08]") {
  Piped<StreamWriter> pipe;
  for (const char* name : {"socket", "sockname", "peername"})
    CHECK(std::holds_alternative<std::monostate>(pipe.stream->get_extra_info(name)));
  co_await turns(1);
}

}  // namespace medium_test
