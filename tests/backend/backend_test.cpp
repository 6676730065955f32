#include <asyncio/backend/backend.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <backend/each_backend.hpp>
#include <csignal>
#include <cstring>
#include <deque>
#include <thread>
#include <tuple>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>

namespace backend_test {

using namespace asyncio_test;
using namespace asyncio::detail;

namespace {

/// A pair of sockets, and an operation in flight that receives from one of them.
struct Receiving {
  explicit Receiving(Backend& backend) {
    std::tie(ours, theirs) = os::socket_pair();
    prepare_recv(op, ours.get(), buffer, sizeof buffer);
    backend.submit(op);
  }
  os::Fd ours;
  os::Fd theirs;
  char buffer[16] = {};
  Op op;
};

/// A test case that runs on each kind of backend; the body sees `backend` and `kind`.
#define BACKEND_TEST(name, tags) BACKEND_TEST_ON_LINE(__LINE__, name, tags)
#define BACKEND_TEST_ON_LINE(line, name, tags) BACKEND_TEST_WITH_ID(line, name, tags)
#define BACKEND_TEST_WITH_ID(line, name, tags) BACKEND_TEST_NAMED(body_##line, name, tags)
#define BACKEND_TEST_NAMED(body, name, tags)                                       \
  static void body([[maybe_unused]] Backend& backend, [[maybe_unused]] Kind kind); \
  TEST_CASE(name, tags) {                                                          \
    const Kind kind = GENERATE(from_range(kinds()));                               \
    INFO("on " << name_of(kind));                                                  \
    const auto backend = make(kind);                                               \
    if (backend == nullptr) return;                                                \
    body(*backend, kind);                                                          \
  }                                                                                \
  static void body([[maybe_unused]] Backend& backend, [[maybe_unused]] Kind kind)

// --- each operation ---

BACKEND_TEST("backend: recv completes when bytes arrive", "[backend]") {
  Receiving receiving(backend);
  auto& [ours, theirs, buffer, op] = receiving;
  REQUIRE(backend.in_flight() == 1);
  backend.poll(0ns);
  REQUIRE(op.completions == 0);
  put(theirs.get(), "hello");
  REQUIRE(result_of(backend, op) == 5);
  REQUIRE(std::string(buffer) == "hello");
  REQUIRE(backend.in_flight() == 0);
}

BACKEND_TEST("backend: submit never completes inline", "[backend]") {
  auto [ours, theirs] = os::socket_pair();
  put(theirs.get(), "x");
  char buffer[16];
  Op good;
  Op bad;
  Op closed;
  prepare_recv(good, ours.get(), buffer, sizeof buffer);
  prepare_recv(bad, -1, buffer, sizeof buffer);
  prepare_recv(closed, 1'000, buffer, sizeof buffer);  // a number that is not open
  backend.submit(good);
  backend.submit(bad);
  backend.submit(closed);
  REQUIRE(good.completions + bad.completions + closed.completions == 0);
  REQUIRE(backend.in_flight() == 3);
  REQUIRE(result_of(backend, good) == 1);
  REQUIRE(result_of(backend, bad) == -EBADF);
  REQUIRE(result_of(backend, closed) == -EBADF);
}

BACKEND_TEST("backend: recv gets the end of the stream", "[backend]") {
  Receiving receiving(backend);
  auto& [ours, theirs, buffer, op] = receiving;
  theirs.reset();
  REQUIRE(result_of(backend, op) == 0);
}

BACKEND_TEST("backend: send waits for room", "[backend]") {
  auto [ours, theirs] = os::socket_pair();
  fill(ours.get());
  Op op;
  prepare_send(op, ours.get(), "hello", 5);
  backend.submit(op);
  backend.poll(0ns);
  REQUIRE(op.completions == 0);
  std::string received = drain(theirs.get());
  REQUIRE(result_of(backend, op) == 5);
  received += drain(theirs.get());
  REQUIRE(received.substr(received.size() - 6) == "xhello");
}

BACKEND_TEST("backend: send to a peer that is gone is EPIPE without a signal", "[backend]") {
  auto [ours, theirs] = os::socket_pair();
  theirs.reset();
  Op op;
  prepare_send(op, ours.get(), "x", 1);
  backend.submit(op);
  REQUIRE(result_of(backend, op) == -EPIPE);
}

BACKEND_TEST("backend: sendmsg and recvmsg move a message of several parts", "[backend]") {
  auto [ours, theirs] = os::socket_pair(SOCK_DGRAM);
  char first[3];
  char second[8];
  iovec parts[2] = {{first, sizeof first}, {second, sizeof second}};
  msghdr incoming{};
  incoming.msg_iov = parts;
  incoming.msg_iovlen = 2;
  Op receiving;
  prepare_recvmsg(receiving, ours.get(), &incoming);
  backend.submit(receiving);
  char text[] = "abcdef";
  iovec whole{text, 6};
  msghdr outgoing{};
  outgoing.msg_iov = &whole;
  outgoing.msg_iovlen = 1;
  Op sending;
  prepare_sendmsg(sending, theirs.get(), &outgoing);
  backend.submit(sending);
  REQUIRE(result_of(backend, sending) == 6);
  REQUIRE(result_of(backend, receiving) == 6);
  REQUIRE(std::string(first, 3) + std::string(second, 3) == "abcdef");
}

BACKEND_TEST("backend: read and write on pipes", "[backend]") {
  Pipe pipe;
  char buffer[16];
  Op reading;
  prepare_read(reading, pipe.reader.get(), buffer, sizeof buffer);
  backend.submit(reading);
  Op writing;
  prepare_write(writing, pipe.writer.get(), "hello", 5);
  backend.submit(writing);
  REQUIRE(result_of(backend, writing) == 5);
  REQUIRE(result_of(backend, reading) == 5);
}

BACKEND_TEST("backend: read and write at an offset of a file", "[backend]") {
  os::Fd file(::memfd_create("test", MFD_CLOEXEC));
  Op writing;
  prepare_write(writing, file.get(), "hello", 5, 100);
  backend.submit(writing);
  REQUIRE(result_of(backend, writing) == 5);
  char buffer[3];
  Op reading;
  prepare_read(reading, file.get(), buffer, sizeof buffer, 102);
  backend.submit(reading);
  REQUIRE(result_of(backend, reading) == 3);
  REQUIRE(std::string(buffer, 3) == "llo");
}

BACKEND_TEST("backend: accept and connect", "[backend]") {
  const LoopbackListener listener;
  os::Address peer;
  Op accepting;
  prepare_accept(accepting, listener.fd.get(), peer.storage(), os::Address::capacity());
  backend.submit(accepting);
  os::Fd client = os::make_socket(AF_INET, SOCK_STREAM);
  Op connecting;
  prepare_connect(connecting, client.get(), listener.address.data(), listener.address.size());
  backend.submit(connecting);
  REQUIRE(result_of(backend, connecting) == 0);
  const os::Fd server(result_of(backend, accepting));
  peer.resize(accepting.address_length);
  REQUIRE(peer == os::local_address(client.get()));
  REQUIRE((::fcntl(server.get(), F_GETFD) & FD_CLOEXEC) != 0);
  REQUIRE((::fcntl(server.get(), F_GETFL) & O_NONBLOCK) != 0);
}

BACKEND_TEST("backend: connect that an attempt began is finished by submit", "[backend]") {
  const LoopbackListener listener;
  os::Fd client = os::make_socket(AF_INET, SOCK_STREAM);
  Op op;
  prepare_connect(op, client.get(), listener.address.data(), listener.address.size());
  if (!backend.attempt(op)) {
    backend.submit(op);
    REQUIRE(result_of(backend, op) == 0);
  }
  REQUIRE(op.result == 0);
  REQUIRE(os::peer_address(client.get()) == listener.address);
}

BACKEND_TEST("backend: connect is refused", "[backend]") {
  const os::Address nobody = LoopbackListener().address;
  os::Fd client = os::make_socket(AF_INET, SOCK_STREAM);
  Op op;
  prepare_connect(op, client.get(), nobody.data(), nobody.size());
  backend.submit(op);
  REQUIRE(result_of(backend, op) == -ECONNREFUSED);
}

BACKEND_TEST("backend: poll reports readiness", "[backend]") {
  auto [ours, theirs] = os::socket_pair();
  Op readable;
  prepare_poll(readable, ours.get(), POLLIN);
  backend.submit(readable);
  Op writable;
  prepare_poll(writable, ours.get(), POLLOUT);
  backend.submit(writable);
  REQUIRE((result_of(backend, writable) & POLLOUT) != 0);
  REQUIRE(readable.completions == 0);
  put(theirs.get(), "x");
  REQUIRE((result_of(backend, readable) & POLLIN) != 0);
  REQUIRE(take(ours.get()) == "x");
}

BACKEND_TEST("backend: poll waits for either direction at once", "[backend]") {
  auto [ours, theirs] = os::socket_pair();
  fill(ours.get());
  Op op;
  prepare_poll(op, ours.get(), POLLIN | POLLOUT);
  backend.submit(op);
  backend.poll(0ns);
  REQUIRE(op.completions == 0);
  put(theirs.get(), "x");
  REQUIRE(result_of(backend, op) == POLLIN);
}

// --- attempt ---

BACKEND_TEST("backend: attempt does what needs no waiting", "[backend]") {
  auto [ours, theirs] = os::socket_pair();
  char buffer[16];
  Op op;
  prepare_recv(op, ours.get(), buffer, sizeof buffer);
  REQUIRE_FALSE(backend.attempt(op));
  REQUIRE(op.state == OperationState::idle);
  put(theirs.get(), "abc");
  REQUIRE(backend.attempt(op));
  REQUIRE(op.result == 3);
  REQUIRE(op.state == OperationState::done);
  REQUIRE(backend.in_flight() == 0);
  backend.poll(0ns);
  REQUIRE(op.completions == 0);
}

// --- cancel ---

BACKEND_TEST("backend: cancel completes with ECANCELED, once", "[backend][cancel]") {
  Receiving receiving(backend);
  auto& [ours, theirs, buffer, op] = receiving;
  backend.poll(0ns);
  backend.cancel(op);
  backend.cancel(op);
  REQUIRE(op.completions == 0);
  REQUIRE(result_of(backend, op) == -ECANCELED);
  backend.cancel(op);  // too late: nothing happens
  backend.poll(0ns);
  backend.poll(0ns);
  REQUIRE(op.is_complete());
  put(theirs.get(), "kept");
  REQUIRE(take(ours.get()) == "kept");
}

BACKEND_TEST("backend: cancel right after submit", "[backend][cancel]") {
  Receiving receiving(backend);
  auto& [ours, theirs, buffer, op] = receiving;
  backend.cancel(op);
  REQUIRE(result_of(backend, op) == -ECANCELED);
}

BACKEND_TEST("backend: a cancel that races with bytes loses none", "[backend][cancel]") {
  auto [ours, theirs] = os::socket_pair();
  for (int round = 0; round < 100; ++round) {
    char buffer[16] = {};
    Op op;
    prepare_recv(op, ours.get(), buffer, sizeof buffer);
    backend.submit(op);
    if (round % 2 == 0) backend.poll(0ns);
    put(theirs.get(), "payload");
    if (round % 3 == 0) backend.poll(0ns);
    backend.cancel(op);
    const int result = result_of(backend, op);
    if (result == -ECANCELED) {
      REQUIRE(take(ours.get()) == "payload");
    } else {
      REQUIRE(std::string(buffer) == "payload");
      REQUIRE(result == 7);
    }
  }
}

BACKEND_TEST("backend: an effect wins over a cancel that comes before delivery",
             "[backend][cancel]") {
  auto [ours, theirs] = os::socket_pair();
  char buffer[16];
  Op reader;
  prepare_recv(reader, ours.get(), buffer, sizeof buffer);
  // Cancels `victim` from its own on_complete, when both are done already.
  struct Canceller : Operation {
    Backend* backend = nullptr;
    Op* victim = nullptr;
  } canceller;
  canceller.backend = &backend;
  canceller.victim = &reader;
  canceller.on_complete = [](Operation& operation) noexcept {
    auto& self = static_cast<Canceller&>(operation);
    self.backend->cancel(*self.victim);
  };
  prepare_poll(canceller, ours.get(), POLLIN);
  put(theirs.get(), "x");
  backend.submit(canceller);
  backend.submit(reader);
  REQUIRE(result_of(backend, reader) == 1);
}

BACKEND_TEST("backend: a cancel that is late does not hit the next use of the operation",
             "[backend][cancel]") {
  auto [ours, theirs] = os::socket_pair();
  char buffer[16];
  for (int round = 0; round < 50; ++round) {
    Op op;
    prepare_recv(op, ours.get(), buffer, sizeof buffer);
    put(theirs.get(), "1");
    backend.submit(op);
    backend.poll(0ns);   // the kernel has done it on some rings, not on others
    backend.cancel(op);  // on its way while the operation completes
    if (result_of(backend, op) == -ECANCELED) REQUIRE(take(ours.get()) == "1");
    op.completions = 0;
    prepare_recv(op, ours.get(), buffer, sizeof buffer);
    backend.submit(op);
    for (int i = 0; i < 3; ++i) backend.poll(0ns);
    REQUIRE(op.completions == 0);
    put(theirs.get(), "2");
    REQUIRE(result_of(backend, op) == 1);
    REQUIRE(buffer[0] == '2');
  }
}

BACKEND_TEST("backend: two operations on one descriptor are cancelled one at a time",
             "[backend][cancel]") {
  const LoopbackListener listener;
  Op first;
  Op second;
  prepare_accept(first, listener.fd.get());
  prepare_accept(second, listener.fd.get());
  backend.submit(first);
  backend.submit(second);
  backend.cancel(first);
  REQUIRE(result_of(backend, first) == -ECANCELED);
  REQUIRE(second.completions == 0);
  const os::Fd client = listener.connect();
  const os::Fd server(result_of(backend, second));
  REQUIRE(server);
}

// --- cancel_sync ---

BACKEND_TEST("backend: cancel_sync ends each kind of operation without on_complete",
             "[backend][cancel]") {
  const LoopbackListener listener;
  auto [ours, theirs] = os::socket_pair();
  auto [full, full_peer] = os::socket_pair();
  fill(full.get());
  Pipe pipe;
  Pipe full_pipe;
  fill(full_pipe.writer.get());
  char buffer[16] = {};
  iovec part{buffer, sizeof buffer};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  const LoopbackListener busy(
      0);  // its backlog is full, so it answers nobody and connect() goes on
  std::vector<os::Fd> clients;
  for (int i = 0; i < 4; ++i) {
    clients.push_back(os::make_socket(AF_INET, SOCK_STREAM));
    static_cast<void>(::connect(clients.back().get(), busy.address.data(), busy.address.size()));
  }
  const os::Fd client = os::make_socket(AF_INET, SOCK_STREAM);

  std::array<Op, 9> ops;
  prepare_recv(ops[0], ours.get(), buffer, sizeof buffer);
  prepare_send(ops[1], full.get(), "x", 1);
  prepare_recvmsg(ops[2], ours.get(), &message);
  prepare_sendmsg(ops[3], full.get(), &message);
  prepare_read(ops[4], pipe.reader.get(), buffer, sizeof buffer);
  prepare_write(ops[5], full_pipe.writer.get(), "x", 1);
  prepare_accept(ops[6], listener.fd.get());
  prepare_poll(ops[7], ours.get(), POLLIN);
  prepare_connect(ops[8], client.get(), busy.address.data(), busy.address.size());
  for (const bool after_poll : {false, true}) {
    for (Op& op : ops) backend.submit(op);
    if (after_poll) backend.poll(0ns);
    for (Op& op : ops) backend.cancel_sync(op);
    REQUIRE(backend.in_flight() == 0);
    for (int i = 0; i < 3; ++i) backend.poll(0ns);
    for (const Op& op : ops) REQUIRE(op.completions == 0);
  }
  put(theirs.get(), "kept");
  put(pipe.writer.get(), "kept too");
  REQUIRE(take(ours.get()) == "kept");
  REQUIRE(take(pipe.reader.get()) == "kept too");
  REQUIRE(std::string(buffer).empty());
}

BACKEND_TEST("backend: cancel_sync closes a descriptor that nobody will take",
             "[backend][cancel]") {
  const LoopbackListener listener;
  const os::Fd client = listener.connect();
  const std::size_t before = open_descriptors();
  Op op;
  prepare_accept(op, listener.fd.get());
  backend.submit(op);
  backend.cancel_sync(op);
  REQUIRE(op.completions == 0);
  REQUIRE(open_descriptors() == before);
  REQUIRE(backend.in_flight() == 0);
}

BACKEND_TEST("backend: cancel_sync keeps the completions of others for poll", "[backend][cancel]") {
  auto [ours, theirs] = os::socket_pair();
  Pipe pipe;
  char bytes[2][16];
  Op quick;
  Op slow;
  prepare_recv(quick, ours.get(), bytes[0], 16);
  prepare_read(slow, pipe.reader.get(), bytes[1], 16);
  put(theirs.get(), "x");
  backend.submit(quick);
  backend.submit(slow);
  backend.cancel_sync(slow);
  REQUIRE(quick.completions == 0);
  REQUIRE(backend.in_flight() == 1);
  REQUIRE(result_of(backend, quick) == 1);
}

BACKEND_TEST("backend: destroying it lets go of everything in flight", "[backend][cancel]") {
  const LoopbackListener listener;
  auto [ours, theirs] = os::socket_pair();
  char buffer[16] = {};
  Op ops[3];
  {
    const auto second = make(kind);
    if (second == nullptr) return;
    prepare_recv(ops[0], ours.get(), buffer, sizeof buffer);
    prepare_accept(ops[1], listener.fd.get());
    prepare_poll(ops[2], ours.get(), POLLIN);
    for (Op& op : ops) second->submit(op);
    second->poll(0ns);
  }
  put(theirs.get(), "kept");
  REQUIRE(take(ours.get()) == "kept");
  for (const Op& op : ops) REQUIRE(op.completions == 0);
}

// --- close ---

BACKEND_TEST("backend: close ends what waits, and the peer sees the end", "[backend][close]") {
  for (const bool after_poll : {false, true}) {
    auto [ours, theirs] = os::socket_pair();
    const int number = ours.get();
    char buffer[16];
    Op receiving;
    Op polling;
    prepare_recv(receiving, number, buffer, sizeof buffer);
    prepare_poll(polling, number, POLLIN);
    backend.submit(receiving);
    backend.submit(polling);
    if (after_poll) backend.poll(0ns);
    backend.close(ours.release());
    REQUIRE(receiving.completions == 0);
    REQUIRE(result_of(backend, receiving) == -ECANCELED);
    REQUIRE(result_of(backend, polling) == -ECANCELED);
    REQUIRE(::fcntl(number, F_GETFD) == -1);
    REQUIRE(take(theirs.get()).empty());
  }
}

BACKEND_TEST("backend: close of an idle descriptor is done at once", "[backend][close]") {
  auto [ours, theirs] = os::socket_pair();
  char buffer[16];
  Op op;
  prepare_recv(op, ours.get(), buffer, sizeof buffer);
  put(theirs.get(), "x");
  backend.submit(op);
  REQUIRE(result_of(backend, op) == 1);
  backend.close(ours.release());
  REQUIRE(take(theirs.get()).empty());
}

BACKEND_TEST("backend: numbers are not reused while the kernel uses them", "[backend][close]") {
  // Each round closes a socket with a recv in flight, opens a new one and sends it a tagged
  // payload: no old operation may eat it, no new one may get anything else.
  std::deque<Op> old_ops;
  std::deque<std::array<char, 32>> buffers;
  for (int round = 0; round < 200; ++round) {
    auto [ours, theirs] = os::socket_pair();
    Op& op = old_ops.emplace_back();
    prepare_recv(op, ours.get(), buffers.emplace_back().data(), 32);
    backend.submit(op);
    if (round % 3 == 0) backend.poll(0ns);
    backend.close(ours.release());

    auto [next, next_peer] = os::socket_pair();
    const std::string payload = "payload " + std::to_string(round);
    Op& tagged = old_ops.emplace_back();
    auto& bytes = buffers.emplace_back();
    prepare_recv(tagged, next.get(), bytes.data(), 32);
    backend.submit(tagged);
    put(next_peer.get(), payload);
    REQUIRE(result_of(backend, tagged) == static_cast<int>(payload.size()));
    REQUIRE(std::string(bytes.data(), payload.size()) == payload);
    REQUIRE(result_of(backend, op) == -ECANCELED);
    backend.close(next.release());
  }
  REQUIRE(backend.in_flight() == 0);
}

BACKEND_TEST("backend: a duplicate of a closed descriptor causes no events", "[backend][close]") {
  Receiving receiving(backend);
  auto& [ours, theirs, buffer, op] = receiving;
  backend.poll(0ns);
  const os::Fd duplicate(::fcntl(ours.get(), F_DUPFD_CLOEXEC, 0));
  backend.close(ours.release());
  REQUIRE(result_of(backend, op) == -ECANCELED);
  put(theirs.get(), "for the duplicate");
  for (int i = 0; i < 3; ++i) backend.poll(0ns);
  pollfd ready{backend.fd(), POLLIN, 0};
  REQUIRE(::poll(&ready, 1, 0) == 0);  // else a loop would spin
  REQUIRE(take(duplicate.get()) == "for the duplicate");
}

BACKEND_TEST("backend: a polled descriptor that somebody else closed and reopened",
             "[backend][close]") {
  for (int round = 0; round < 5; ++round) {
    auto [ours, theirs] = os::socket_pair();  // the numbers of the round before
    Op op;
    prepare_poll(op, ours.get(), POLLIN);
    backend.submit(op);
    backend.poll(0ns);
    put(theirs.get(), "x");
    REQUIRE(result_of(backend, op) == POLLIN);
  }
}

// --- hang-up, errors ---

BACKEND_TEST("backend: a reset wakes a waiting writer", "[backend]") {
  const LoopbackListener listener;
  os::Fd client = listener.connect();
  REQUIRE(::fcntl(client.get(), F_SETFL, O_NONBLOCK) == 0);
  os::Fd server(::accept4(listener.fd.get(), nullptr, nullptr, SOCK_CLOEXEC));
  fill(client.get());
  Op op;
  prepare_send(op, client.get(), "x", 1);
  backend.submit(op);
  backend.poll(0ns);
  const linger reset_on_close{1, 0};
  REQUIRE(::setsockopt(server.get(), SOL_SOCKET, SO_LINGER, &reset_on_close,
                       sizeof reset_on_close) == 0);
  server.reset();
  const int result = result_of(backend, op);
  REQUIRE((result == -ECONNRESET || result == -EPIPE));
}

BACKEND_TEST("backend: the end of a pipe wakes reader and writer", "[backend]") {
  std::signal(SIGPIPE, SIG_IGN);
  Pipe first;
  Pipe second;
  fill(second.writer.get());
  char buffer[16];
  Op reading;
  Op writing;
  prepare_read(reading, first.reader.get(), buffer, sizeof buffer);
  prepare_write(writing, second.writer.get(), "x", 1);
  backend.submit(reading);
  backend.submit(writing);
  backend.poll(0ns);
  first.writer.reset();
  second.reader.reset();
  REQUIRE(result_of(backend, reading) == 0);
  REQUIRE(result_of(backend, writing) == -EPIPE);
  std::signal(SIGPIPE, SIG_DFL);
}

BACKEND_TEST("backend: regular files and /dev/null are always ready", "[backend]") {
  const os::Fd file(::memfd_create("test", MFD_CLOEXEC));
  const os::Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  char buffer[16];
  Op ops[4];
  prepare_poll(ops[0], file.get(), POLLIN);
  prepare_poll(ops[1], null.get(), POLLIN);
  prepare_read(ops[2], null.get(), buffer, sizeof buffer);
  prepare_write(ops[3], null.get(), "x", 1);
  for (Op& op : ops) backend.submit(op);
  for (const Op& op : ops) REQUIRE(op.completions == 0);
  REQUIRE(result_of(backend, ops[0]) == POLLIN);
  REQUIRE(result_of(backend, ops[1]) == POLLIN);
  REQUIRE(result_of(backend, ops[2]) == 0);
  REQUIRE(result_of(backend, ops[3]) == 1);
}

BACKEND_TEST("backend: what waits for a regular file can be cancelled and closed", "[backend]") {
  os::Fd file(::open("/dev/null", O_RDWR | O_CLOEXEC));
  Op first;
  Op second;
  prepare_poll(first, file.get(), POLLIN);
  prepare_poll(second, file.get(), POLLIN);
  backend.submit(first);
  backend.submit(second);
  backend.cancel_sync(first);
  backend.close(file.release());
  static_cast<void>(result_of(backend, second));  // ready or cancelled: it was both
  REQUIRE(first.completions == 0);
  REQUIRE(backend.in_flight() == 0);
}

// --- waiting and waking ---

BACKEND_TEST("backend: poll waits as long as it is told, not less", "[backend][wake]") {
  while (backend.wants_poll()) backend.poll(0ns);
  REQUIRE(waits_for(backend, 1500us));
  const auto start = backend.now();
  for (int i = 0; i < 3; ++i) backend.poll(1500us);
  backend.poll(-1s);
  REQUIRE(backend.now() - start < 2s);
}

BACKEND_TEST("backend: a wake before poll makes it return", "[backend][wake]") {
  while (backend.wants_poll()) backend.poll(0ns);
  for (int round = 0; round < 10; ++round) {
    backend.wake();
    backend.wake();
    backend.poll(Backend::forever);
  }
  SUCCEED("it returned");
}

BACKEND_TEST("backend: one return answers a burst of wakes", "[backend][wake]") {
  while (backend.wants_poll()) backend.poll(0ns);
  for (int i = 0; i < 1000; ++i) backend.wake();
  backend.poll(Backend::forever);
  while (backend.wants_poll()) backend.poll(0ns);
  REQUIRE(waits_for(backend, 2ms));
}

BACKEND_TEST("backend: no wake from another thread is lost", "[backend][wake]") {
  constexpr int total = 20'000;
  std::atomic<int> posted = 0;
  std::thread poster([&] {
    for (int i = 1; i <= total; ++i) {
      posted.store(i, std::memory_order_relaxed);
      backend.wake();
      if (i % 64 == 0) std::this_thread::yield();
    }
  });
  // A lost wake-up would leave this waiting without end; CTest would stop it.
  while (posted.load(std::memory_order_relaxed) != total) backend.poll(Backend::forever);
  poster.join();
  SUCCEED("poll has returned each time");
}

BACKEND_TEST("backend: each post wakes a loop that sleeps", "[backend][wake]") {
  constexpr int total = 500;
  std::atomic<int> ball = 0;
  std::thread partner([&] {
    for (int i = 1; i < total; i += 2) {
      while (ball.load() != i) std::this_thread::yield();
      ball.store(i + 1);
      backend.wake();
    }
  });
  for (int i = 0; i < total; i += 2) {
    ball.store(i + 1);
    while (ball.load() != i + 2) backend.poll(Backend::forever);
  }
  partner.join();
  SUCCEED("poll has returned each time");
}

Backend* signalled_backend = nullptr;

BACKEND_TEST("backend: a signal handler can wake it", "[backend][wake]") {
  while (backend.wants_poll()) backend.poll(0ns);
  signalled_backend = &backend;
  std::signal(SIGUSR1, [](int) { signalled_backend->wake(); });
  std::raise(SIGUSR1);
  backend.poll(Backend::forever);
  std::signal(SIGUSR1, SIG_DFL);
  SUCCEED("it returned");
}

BACKEND_TEST("backend: a signal ends the wait", "[backend][wake]") {
  while (backend.wants_poll()) backend.poll(0ns);
  struct sigaction action{};
  action.sa_handler = [](int) {};
  sigaction(SIGUSR1, &action, nullptr);
  const auto loop_thread = ::pthread_self();
  std::atomic<bool> returned = false;
  std::thread sender([&] {
    while (!returned.load()) {
      ::pthread_kill(loop_thread, SIGUSR1);
      std::this_thread::yield();
    }
  });
  backend.poll(Backend::forever);
  returned.store(true);
  sender.join();
  std::signal(SIGUSR1, SIG_DFL);
  SUCCEED("poll has returned each time");
}

BACKEND_TEST("backend: its descriptor is readable when poll has something to do",
             "[backend][wake]") {
  Receiving receiving(backend);
  auto& [ours, theirs, buffer, op] = receiving;
  while (backend.wants_poll()) backend.poll(0ns);
  pollfd ready{backend.fd(), POLLIN, 0};
  REQUIRE(::poll(&ready, 1, 0) == 0);
  put(theirs.get(), "x");
  REQUIRE(::poll(&ready, 1, 5000) == 1);
  backend.poll(0ns);
  REQUIRE(op.is_complete());
  while (backend.wants_poll()) backend.poll(0ns);
  backend.wake();
  REQUIRE(::poll(&ready, 1, 5000) == 1);
}

// --- many ---

BACKEND_TEST("backend: a thousand operations at once", "[backend][many]") {
  constexpr std::size_t count = 1000;
  Pipe pipe;
  std::deque<Op> ops;
  std::vector<char> buffer(count);
  for (std::size_t i = 0; i < count; ++i) {
    prepare_read(ops.emplace_back(), pipe.reader.get(), &buffer[i], 1);
    backend.submit(ops.back());
  }
  REQUIRE(backend.in_flight() == count);
  std::string text(count, '\0');
  for (std::size_t i = 0; i < count; ++i) text[i] = static_cast<char>('a' + i % 26);
  put(pipe.writer.get(), text);
  REQUIRE(drive(backend, [&] { return backend.in_flight() == 0; }));
  std::sort(buffer.begin(), buffer.end());
  std::sort(text.begin(), text.end());
  REQUIRE(std::string(buffer.begin(), buffer.end()) == text);
  for (const Op& op : ops) REQUIRE(op.is_complete());
}

BACKEND_TEST("backend: a thousand operations cancelled at once", "[backend][many]") {
  constexpr std::size_t count = 1000;
  auto [ours, theirs] = os::socket_pair();
  std::deque<Op> ops;
  char buffer[16];
  for (std::size_t i = 0; i < count; ++i) {
    prepare_recv(ops.emplace_back(), ours.get(), buffer, sizeof buffer);
    backend.submit(ops.back());
  }
  for (Op& op : ops) backend.cancel(op);
  REQUIRE(drive(backend, [&] { return backend.in_flight() == 0; }));
  for (const Op& op : ops) REQUIRE(op.result == -ECANCELED);
  backend.close(ours.release());
  REQUIRE(take(theirs.get()).empty());
}

BACKEND_TEST("backend: close with hundreds of operations in flight", "[backend][many]") {
  auto [ours, theirs] = os::socket_pair();
  std::deque<Op> ops;
  char buffer[16];
  for (int i = 0; i < 300; ++i) {
    prepare_recv(ops.emplace_back(), ours.get(), buffer, sizeof buffer);
    backend.submit(ops.back());
  }
  backend.close(ours.release());
  REQUIRE(drive(backend, [&] { return backend.in_flight() == 0; }));
  for (const Op& op : ops) REQUIRE(op.result == -ECANCELED);
  REQUIRE(take(theirs.get()).empty());
}

/// Sends back what it receives, from inside on_complete.
struct Echo : Operation {
  Backend* backend = nullptr;
  int socket = -1;
  char bytes[64];
  int rounds = 0;

  void receive() noexcept {
    prepare_recv(*this, socket, bytes, sizeof bytes);
    on_complete = [](Operation& operation) noexcept {
      auto& self = static_cast<Echo&>(operation);
      if (self.result <= 0) return;
      const auto size = static_cast<std::size_t>(self.result);
      prepare_send(self, self.socket, self.bytes, size);
      self.on_complete = [](Operation& sent) noexcept {
        ++static_cast<Echo&>(sent).rounds;
        static_cast<Echo&>(sent).receive();
      };
      self.backend->submit(self);
    };
    backend->submit(*this);
  }
};

BACKEND_TEST("backend: operations are submitted again from on_complete", "[backend][many]") {
  constexpr int connections = 50;
  std::deque<Echo> echos;
  std::vector<os::Fd> sockets;
  std::vector<os::Fd> clients;
  for (int i = 0; i < connections; ++i) {
    auto [ours, theirs] = os::socket_pair();
    Echo& echo = echos.emplace_back();
    echo.backend = &backend;
    echo.socket = ours.get();
    echo.receive();
    sockets.push_back(std::move(ours));
    clients.push_back(std::move(theirs));
  }
  for (int round = 1; round <= 5; ++round) {
    for (const os::Fd& client : clients) put(client.get(), "ping");
    REQUIRE(drive(backend, [&] {
      return std::all_of(echos.begin(), echos.end(),
                         [&](const Echo& echo) { return echo.rounds == round; });
    }));
    for (const os::Fd& client : clients) REQUIRE(take(client.get()) == "ping");
  }
  for (Echo& echo : echos) backend.cancel_sync(echo);
  REQUIRE(backend.in_flight() == 0);
}

BACKEND_TEST("backend: wants_poll tells whether poll(0) has something to do", "[backend]") {
  while (backend.wants_poll()) backend.poll(0ns);
  REQUIRE_FALSE(backend.wants_poll());
  Op op;
  prepare_recv(op, -1, nullptr, 0);
  backend.submit(op);
  REQUIRE(backend.wants_poll());
  backend.poll(0ns);
  REQUIRE(op.is_complete());
}

}  // namespace

}  // namespace backend_test
