// Runs a test on every kernel backend and on rings as older kernels and small limits give them.
#pragma once

#include <asyncio/backend/default_backend.hpp>
#include <asyncio/os/socket.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <support/catch.hpp>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace asyncio_test {

using asyncio::detail::Backend;
using asyncio::detail::Operation;
using asyncio::detail::OperationState;
namespace os = asyncio::os;
using namespace std::chrono_literals;

enum class Kind {
  epoll,
  uring,
  uring_cooperative,  ///< without DEFER_TASKRUN, as on Linux 5.19
  uring_plain,        ///< without any flag or optional feature, as on Linux 5.11
  uring_tiny          ///< 4 entries, 8 completions: both queues are full all the time
};

inline std::string name_of(Kind kind) {
  constexpr const char* names[] = {"epoll", "io_uring", "io_uring, cooperative", "io_uring, plain",
                                   "io_uring, tiny"};
  return names[static_cast<int>(kind)];
}

inline std::unique_ptr<Backend> make_or_throw(Kind kind) {
#if ASYNCIO_HAS_URING
  using asyncio::detail::UringBackend;
  constexpr std::uint32_t skip_completions = 1u << 11;
  switch (kind) {
    case Kind::uring:
      return std::make_unique<UringBackend>(asyncio::detail::ring_options_from_environment());
    case Kind::uring_cooperative:
      return std::make_unique<UringBackend>(os::RingOptions{.first_setup = 1});
    case Kind::uring_plain:
      return std::make_unique<UringBackend>(
          os::RingOptions{.first_setup = 2, .feature_mask = ~skip_completions});
    case Kind::uring_tiny:
      return std::make_unique<UringBackend>(os::RingOptions{.entries = 4, .completion_entries = 8});
    case Kind::epoll:
      break;
  }
#endif
  static_cast<void>(kind);
  return std::make_unique<asyncio::detail::EpollBackend>();
}

/// Null, with a warning, where locked memory is short: the kernel counts closed rings for a while.
inline std::unique_ptr<Backend> make(Kind kind) {
  try {
    return make_or_throw(kind);
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::not_enough_memory) throw;
    WARN("not tested on " << name_of(kind) << ": " << error.what());
    return nullptr;
  }
}

/// Those that work here; epoll alone where io_uring is refused.
inline std::vector<Kind> kinds() {
  std::vector<Kind> result = {Kind::epoll};
#if ASYNCIO_HAS_URING
  try {
    make_or_throw(Kind::uring);
    result.insert(result.end(),
                  {Kind::uring, Kind::uring_cooperative, Kind::uring_plain, Kind::uring_tiny});
  } catch (const std::system_error&) {
  }
#endif
  return result;
}

/// An operation that counts its completions.
struct Op : Operation {
  int completions = 0;
  Op() {
    on_complete = [](Operation& operation) noexcept { ++static_cast<Op&>(operation).completions; };
  }
  [[nodiscard]] bool is_complete() const { return completions == 1; }
};

/// Polls until `done()` or until five seconds have passed. Returns: done().
template <class Done>
bool drive(Backend& backend, Done done) {
  const auto deadline = backend.now() + 5s;
  while (!done() && backend.now() < deadline) backend.poll(100ms);
  return done();
}

/// Polls until `op` is complete. Returns: its result; fails when it does not come.
inline int result_of(Backend& backend, const Op& op) {
  REQUIRE(drive(backend, [&] { return op.completions != 0; }));
  REQUIRE(op.is_complete());
  REQUIRE(op.state == OperationState::done);
  return op.result;
}

inline std::size_t open_descriptors() {
  std::size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    ++count;
  }
  return count;
}

/// Writes `text`, which fits in the kernel's buffer.
inline void put(int fd, std::string_view text) {
  REQUIRE(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
}

/// What is there now: bytes, "" for the end of the stream, "(nothing)" if it would wait.
inline std::string take(int fd) {
  char buffer[256];
  const ssize_t size = ::read(fd, buffer, sizeof buffer);
  return size < 0 ? "(nothing)" : std::string(buffer, static_cast<std::size_t>(size));
}

struct LoopbackListener {
  os::Fd fd = os::make_socket(AF_INET, SOCK_STREAM);
  os::Address address;
  explicit LoopbackListener(int backlog = 128) {
    os::bind(fd.get(), *os::Address::from_numeric("127.0.0.1", 0));
    os::listen(fd.get(), backlog);
    address = os::local_address(fd.get());
  }
  /// A connected client; its connection is in the backlog.
  [[nodiscard]] os::Fd connect() const {
    os::Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), address.data(), address.size()) == 0);
    return client;
  }
};

struct Pipe {
  os::Fd reader;
  os::Fd writer;
  Pipe() {
    int fds[2];
    REQUIRE(::pipe2(fds, O_NONBLOCK | O_CLOEXEC) == 0);
    reader.reset(fds[0]);
    writer.reset(fds[1]);
  }
};

/// Fills the send buffer, so that the next send would wait.
inline void fill(int fd) {
  const std::string block(65536, 'x');
  while (::write(fd, block.data(), block.size()) > 0) {
  }
}

/// Reads all that is there.
inline std::string drain(int fd) {
  std::string result;
  std::string block(1 << 20, '\0');
  for (ssize_t size; (size = ::read(fd, block.data(), block.size())) > 0;) {
    result.append(block, 0, static_cast<std::size_t>(size));
  }
  return result;
}

/// Does a poll() wait that long? Some end early with EINTR: for a while after a ring was closed,
/// as earlier tests did, the kernel interrupts its thread to finish the teardown.
inline bool waits_for(Backend& backend, std::chrono::microseconds duration) {
  const auto deadline = backend.now() + 5s;
  while (backend.now() < deadline) {
    const auto start = backend.now();
    backend.poll(duration);
    if (backend.now() - start >= duration) return true;
  }
  return false;
}

}  // namespace asyncio_test
