#include <asyncio/backend/uring_backend.hpp>

#include <backend/each_backend.hpp>

#if ASYNCIO_HAS_URING

#include <array>
#include <deque>
#include <thread>

#include <fcntl.h>
#include <poll.h>

namespace uring_backend_test {

using namespace asyncio_test;
using namespace asyncio::detail;

namespace {

/// A type whose io_uring form fails with -EAGAIN at once, as the kernel answers for non-blocking
/// descriptors on its worker threads (and before Linux 5.19 for all): MSG_DONTWAIT.
constexpr OperationType impatient_recv{.name = "recv",
                                       .uring = [](const Operation& op) noexcept -> UringForm {
                                         return {.opcode = uring_opcode::recv,
                                                 .address = uring_word(op.buffer),
                                                 .length = uring_length(op),
                                                 .flags = MSG_DONTWAIT};
                                       },
                                       .readiness = Readiness::readable,
                                       .attempt = recv_operation.attempt};

void prepare_impatient(Operation& operation, int fd, char* buffer, std::size_t length) {
  prepare_recv(operation, fd, buffer, length);
  operation.type = &impatient_recv;
}

std::vector<Kind> uring_kinds() {
  std::vector<Kind> result = kinds();
  result.erase(result.begin());  // epoll
  return result;
}

/// A test case on every kind of ring; nothing to do where io_uring is refused.
template <class Test>
void on_each_ring(Test test) {
  for (const Kind kind : uring_kinds()) {
    INFO("on " << name_of(kind));
    const auto backend = make(kind);
    if (backend != nullptr) test(*backend);
  }
}

}  // namespace

TEST_CASE("uring: our numbers are the kernel's", "[backend][uring]") {
  STATIC_REQUIRE(uring_opcode::nop == IORING_OP_NOP);
  STATIC_REQUIRE(uring_opcode::poll_add == IORING_OP_POLL_ADD);
  STATIC_REQUIRE(uring_opcode::sendmsg == IORING_OP_SENDMSG);
  STATIC_REQUIRE(uring_opcode::recvmsg == IORING_OP_RECVMSG);
  STATIC_REQUIRE(uring_opcode::accept == IORING_OP_ACCEPT);
  STATIC_REQUIRE(uring_opcode::async_cancel == IORING_OP_ASYNC_CANCEL);
  STATIC_REQUIRE(uring_opcode::connect == IORING_OP_CONNECT);
  STATIC_REQUIRE(uring_opcode::read == IORING_OP_READ);
  STATIC_REQUIRE(uring_opcode::write == IORING_OP_WRITE);
  STATIC_REQUIRE(uring_opcode::send == IORING_OP_SEND);
  STATIC_REQUIRE(uring_opcode::recv == IORING_OP_RECV);
}

TEST_CASE("uring: EAGAIN from the kernel becomes a wait for readiness", "[backend][uring]") {
  on_each_ring([](Backend& backend) {
    auto [ours, theirs] = os::socket_pair();
    char buffer[16] = {};
    Op op;
    prepare_impatient(op, ours.get(), buffer, sizeof buffer);
    backend.submit(op);
    for (int i = 0; i < 4; ++i) backend.poll(0ns);
    REQUIRE(op.completions == 0);
    REQUIRE(backend.in_flight() == 1);
    put(theirs.get(), "hello");
    REQUIRE(result_of(backend, op) == 5);
    REQUIRE(std::string(buffer) == "hello");
  });
}

TEST_CASE("uring: a wait for readiness waits again if somebody else took the bytes",
          "[backend][uring]") {
  on_each_ring([](Backend& backend) {
    auto [ours, theirs] = os::socket_pair();
    char buffer[16];
    Op op;
    prepare_impatient(op, ours.get(), buffer, sizeof buffer);
    backend.submit(op);
    for (int i = 0; i < 4; ++i) backend.poll(0ns);
    put(theirs.get(), "first");
    REQUIRE(take(ours.get()) == "first");
    for (int i = 0; i < 4; ++i) backend.poll(0ns);
    REQUIRE(op.completions == 0);
    put(theirs.get(), "second");
    REQUIRE(result_of(backend, op) == 6);
  });
}

TEST_CASE("uring: a wait for readiness is cancelled at each of its stages", "[backend][uring]") {
  on_each_ring([](Backend& backend) {
    for (int polls = 0; polls < 5; ++polls) {
      for (const bool sync : {false, true}) {
        auto [ours, theirs] = os::socket_pair();
        char buffer[16];
        Op op;
        prepare_impatient(op, ours.get(), buffer, sizeof buffer);
        backend.submit(op);
        for (int i = 0; i < polls; ++i) backend.poll(0ns);
        put(theirs.get(), "kept");
        if (sync) {
          backend.cancel_sync(op);
        } else {
          backend.cancel(op);
          static_cast<void>(result_of(backend, op));
        }
        if (op.result == -ECANCELED) REQUIRE(take(ours.get()) == "kept");
        REQUIRE(backend.in_flight() == 0);
      }
    }
  });
}

TEST_CASE("uring: close at each stage of a wait for readiness", "[backend][uring]") {
  on_each_ring([](Backend& backend) {
    for (int polls = 0; polls < 5; ++polls) {
      auto [ours, theirs] = os::socket_pair();
      char buffer[16];
      Op op;
      prepare_impatient(op, ours.get(), buffer, sizeof buffer);
      backend.submit(op);
      for (int i = 0; i < polls; ++i) backend.poll(0ns);
      backend.close(ours.release());
      REQUIRE(result_of(backend, op) == -ECANCELED);
      REQUIRE(take(theirs.get()).empty());
    }
  });
}

TEST_CASE("uring: many waits for readiness at once", "[backend][uring]") {
  on_each_ring([](Backend& backend) {
    std::deque<Op> ops;
    std::deque<std::array<char, 8>> buffers;
    std::vector<std::pair<os::Fd, os::Fd>> pairs;
    for (int i = 0; i < 100; ++i) {
      pairs.push_back(os::socket_pair());
      prepare_impatient(ops.emplace_back(), pairs.back().first.get(), buffers.emplace_back().data(),
                        8);
      backend.submit(ops.back());
    }
    for (int i = 0; i < 4; ++i) backend.poll(0ns);
    for (const auto& pair : pairs) put(pair.second.get(), "x");
    REQUIRE(drive(backend, [&] { return backend.in_flight() == 0; }));
    for (const Op& op : ops) REQUIRE(op.result == 1);
  });
}

TEST_CASE("uring: a descriptor that is being closed takes no more operations", "[backend][uring]") {
  on_each_ring([](Backend& backend) {
    auto [ours, theirs] = os::socket_pair();
    const int number = ours.get();
    char buffer[16];
    Op first;
    Op second;
    prepare_recv(first, number, buffer, sizeof buffer);
    prepare_recv(second, number, buffer, sizeof buffer);
    backend.submit(first);
    backend.poll(0ns);
    backend.close(ours.release());
    backend.close(number);  // does nothing
    backend.submit(second);
    REQUIRE(result_of(backend, second) == -EBADF);
    REQUIRE(result_of(backend, first) == -ECANCELED);
  });
}

TEST_CASE("uring: closing waits for what the kernel has", "[backend][uring]") {
  on_each_ring([](Backend& backend) {
    auto [ours, theirs] = os::socket_pair();
    const int number = ours.get();
    char buffer[16];
    Op op;
    prepare_recv(op, number, buffer, sizeof buffer);
    backend.submit(op);
    backend.poll(0ns);
    backend.close(ours.release());
    REQUIRE(::fcntl(number, F_GETFD) != -1);  // so nobody gets this number yet
    REQUIRE(result_of(backend, op) == -ECANCELED);
    REQUIRE(::fcntl(number, F_GETFD) == -1);
  });
}

#endif  // ASYNCIO_HAS_URING

}  // namespace uring_backend_test
