// expect-abort: an operation in flight was destroyed
#include <asyncio/core/perform.hpp>
#include <asyncio/core/run.hpp>

#include <memory>
#include <optional>

#include <sys/socket.h>

namespace {

using asyncio::detail::Perform;

/// Owns the operation that its user awaits, and forgets it too early.
std::optional<Perform> operation;

asyncio::Task<> waits(int fd, char* byte) {
  operation.emplace(
      [&](asyncio::detail::Operation& recv) { asyncio::detail::prepare_recv(recv, fd, byte, 1); });
  co_await *operation;
}

}  // namespace

int main() {
  int fds[2];
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) != 0) return 1;
  char byte = 0;
  asyncio::EventLoop loop;
  auto task = loop.create_task(waits(fds[0], &byte));
  loop.run_once();
  operation.reset();
  return 0;
}
