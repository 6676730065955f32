#include <asyncio/backend/epoll_backend.hpp>

#include <backend/each_backend.hpp>

#include <fcntl.h>
#include <poll.h>

namespace epoll_backend_test {

using namespace asyncio_test;
using namespace asyncio::detail;

TEST_CASE("epoll: who came first is served first", "[backend][epoll]") {
  EpollBackend backend;
  auto [ours, theirs] = os::socket_pair();
  char bytes[3] = {};
  Op ops[3];
  for (int i = 0; i < 3; ++i) {
    prepare_recv(ops[i], ours.get(), &bytes[i], 1);
    backend.submit(ops[i]);
  }
  put(theirs.get(), "abc");
  for (const Op& op : ops) REQUIRE(result_of(backend, op) == 1);
  REQUIRE(std::string(bytes, 3) == "abc");
}

TEST_CASE("epoll: a waiter of one direction does not hold up the other", "[backend][epoll]") {
  EpollBackend backend;
  auto [ours, theirs] = os::socket_pair();
  fill(ours.get());
  char byte;
  Op sending;
  Op receiving;
  prepare_send(sending, ours.get(), "x", 1);
  prepare_recv(receiving, ours.get(), &byte, 1);
  backend.submit(sending);
  backend.submit(receiving);
  put(theirs.get(), "y");
  REQUIRE(result_of(backend, receiving) == 1);
  REQUIRE(sending.completions == 0);
  backend.cancel_sync(sending);
}

TEST_CASE("epoll: bytes that nobody waits for do not keep the loop awake", "[backend][epoll]") {
  EpollBackend backend;
  auto [ours, theirs] = os::socket_pair();
  char byte;
  Op op;
  prepare_recv(op, ours.get(), &byte, 1);
  backend.submit(op);
  put(theirs.get(), "ab");
  REQUIRE(result_of(backend, op) == 1);
  backend.poll(0ns);  // finds nobody waiting for the "b", and disarms
  pollfd ready{backend.fd(), POLLIN, 0};
  REQUIRE(::poll(&ready, 1, 0) == 0);
  op.completions = 0;
  backend.submit(op);  // arms again
  REQUIRE(result_of(backend, op) == 1);
  REQUIRE(byte == 'b');
}

TEST_CASE("epoll: a hang-up that nobody waits for does not keep the loop awake",
          "[backend][epoll]") {
  EpollBackend backend;
  auto [ours, theirs] = os::socket_pair();
  char byte;
  Op op;
  prepare_recv(op, ours.get(), &byte, 1);
  backend.submit(op);
  backend.cancel(op);
  REQUIRE(result_of(backend, op) == -ECANCELED);
  theirs.reset();
  backend.poll(0ns);
  pollfd ready{backend.fd(), POLLIN, 0};
  REQUIRE(::poll(&ready, 1, 0) == 0);
}

TEST_CASE("epoll: a poll operation does not depend on what was registered before",
          "[backend][epoll]") {
  EpollBackend backend;
  auto [ours, theirs] = os::socket_pair();
  Op op;
  prepare_poll(op, ours.get(), POLLIN);
  put(theirs.get(), "x");
  backend.submit(op);
  REQUIRE(result_of(backend, op) == POLLIN);
  // Closed behind the backend's back, the same number is another socket now.
  const int number = ours.release();
  ::close(number);
  auto [next, next_peer] = os::socket_pair();
  REQUIRE(next.get() == number);
  op.completions = 0;
  backend.submit(op);
  backend.poll(0ns);
  REQUIRE(op.completions == 0);
  put(next_peer.get(), "y");
  REQUIRE(result_of(backend, op) == POLLIN);
}

TEST_CASE("epoll: a poll operation on a closed descriptor is an error", "[backend][epoll]") {
  EpollBackend backend;
  auto [ours, theirs] = os::socket_pair();
  Op op;
  prepare_poll(op, ours.get(), POLLIN);
  backend.submit(op);
  backend.cancel(op);
  REQUIRE(result_of(backend, op) == -ECANCELED);
  ours.reset();
  op.completions = 0;
  backend.submit(op);
  REQUIRE(result_of(backend, op) == -EBADF);
}

TEST_CASE("epoll: interest of both directions is kept apart", "[backend][epoll]") {
  EpollBackend backend;
  auto [ours, theirs] = os::socket_pair();
  char byte;
  Op receiving;
  Op sending;
  prepare_recv(receiving, ours.get(), &byte, 1);
  prepare_send(sending, ours.get(), "x", 1);
  backend.submit(receiving);
  backend.submit(sending);
  REQUIRE(result_of(backend, sending) == 1);
  backend.poll(0ns);  // writable, and nobody waits for that any more: only this part is disarmed
  backend.poll(0ns);
  pollfd ready{backend.fd(), POLLIN, 0};
  REQUIRE(::poll(&ready, 1, 0) == 0);
  put(theirs.get(), "y");
  REQUIRE(result_of(backend, receiving) == 1);
}

}  // namespace epoll_backend_test
