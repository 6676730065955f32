// What the tests of net/ are made of: connected streams with a raw peer, and waiting for turns.
#pragma once

#include <asyncio/core/running_loop.hpp>
#include <asyncio/net/stream_writer.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/tasks/wait_for.hpp>

#include <support/async_test.hpp>

#include <filesystem>
#include <functional>
#include <iterator>
#include <string>

#include <sys/socket.h>

namespace asyncio_test {

using namespace std::chrono_literals;
using asyncio::Task;

/// Lets n turns of the loop pass.
inline Task<> turns(int n) {
  for (int i = 0; i < n; ++i) co_await asyncio::sleep(0s);
}

/// Gives the kernel and the loop time until `condition` holds, at most ten seconds.
/// Returns: whether it came to hold.
inline Task<bool> eventually(std::function<bool()> condition) {
  bool holds = condition();
  for (int i = 0; i < 10'000 && !holds; ++i) {
    co_await asyncio::sleep(1ms);
    holds = condition();
  }
  co_return holds;
}
inline Task<> until(std::function<bool()> condition) {
  const bool holds = co_await eventually(std::move(condition));
  REQUIRE(holds);
}

/// The descriptors that this process has open.
inline std::ptrdiff_t open_descriptors() {
  return std::distance(std::filesystem::directory_iterator("/proc/self/fd"),
                       std::filesystem::directory_iterator());
}

/// Streams of the running loop on one side, a blocking socket of the test on the other.
struct Wired {
  explicit Wired(std::size_t limit = 64 * 1024) : Wired(asyncio::os::socket_pair(), limit) {}
  Wired(std::pair<asyncio::os::Fd, asyncio::os::Fd> fds, std::size_t limit)
      : peer(std::move(fds.second)),
        streams(asyncio::detail::make_streams(asyncio::detail::Connection::make(
            asyncio::get_running_loop(), std::move(fds.first), limit))),
        reader(streams.first),
        writer(streams.second) {}

  /// Plays the peer. The bytes must fit in the socket's buffer.
  void peer_sends(std::string_view bytes) {
    REQUIRE(::send(peer.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
            static_cast<ssize_t>(bytes.size()));
  }
  /// What has come to the peer so far; "EOF" for the end.
  std::string peer_receives() {
    char bytes[4096];
    const ssize_t count = ::recv(peer.get(), bytes, sizeof bytes, MSG_DONTWAIT);
    return count < 0    ? ""
           : count == 0 ? "EOF"
                        : std::string(bytes, static_cast<std::size_t>(count));
  }

  asyncio::os::Fd peer;
  asyncio::Streams streams;
  asyncio::StreamReader& reader;
  asyncio::StreamWriter& writer;
};

/// Two connected TCP sockets over the loopback interface.
inline std::pair<asyncio::os::Fd, asyncio::os::Fd> tcp_pair() {
  using namespace asyncio;
  os::Fd listener = os::make_socket(AF_INET, SOCK_STREAM);
  os::bind(listener.get(), *Address::from_numeric("127.0.0.1", 0));
  os::listen(listener.get(), 1);
  os::Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const Address address = os::local_address(listener.get());
  REQUIRE(::connect(client.get(), address.data(), address.size()) == 0);
  os::Fd server(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  REQUIRE(server);
  return {std::move(server), std::move(client)};
}

/// Closes with a reset instead of an end.
inline void reset(asyncio::os::Fd& fd) {
  const linger now{1, 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_LINGER, &now, sizeof now);
  fd.reset();
}

/// The errno of a std::system_error that `awaitable` throws; 0 if it throws none.
template <class A>
Task<int> error_of(A awaitable) {
  int code = 0;
  try {
    static_cast<void>(co_await std::move(awaitable));
  } catch (const std::system_error& error) {
    code = error.code().value();
  }
  co_return code;
}

/// The text of a std::exception that `awaitable` throws; "cancelled"; "" if it throws none.
template <class A>
Task<std::string> text_of(A awaitable) {
  std::string text;
  try {
    static_cast<void>(co_await std::move(awaitable));
  } catch (const std::exception& error) {
    text = error.what();
  } catch (const asyncio::CancelledError&) {
    text = "cancelled";
  }
  co_return text;
}

}  // namespace asyncio_test
