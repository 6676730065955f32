#include <asyncio/backend/operations.hpp>

#include <asyncio/os/socket.hpp>
#include <support/catch.hpp>

namespace operations_test {

using namespace asyncio::detail;
namespace os = asyncio::os;

TEST_CASE("operations: both forms ask for the same", "[backend][operations]") {
  Operation op;
  char bytes[8];
  prepare_recv(op, 5, bytes, sizeof bytes, MSG_PEEK);
  const UringForm form = op.type->uring(op);
  REQUIRE(form.opcode == uring_opcode::recv);
  REQUIRE(form.address == uring_word(bytes));
  REQUIRE(form.length == sizeof bytes);
  REQUIRE(form.flags == MSG_PEEK);
  REQUIRE(interest_of(op) == POLLIN);
}

TEST_CASE("operations: a send never raises SIGPIPE", "[backend][operations]") {
  Operation op;
  msghdr message{};
  prepare_send(op, 5, "x", 1);
  REQUIRE((op.type->uring(op).flags & MSG_NOSIGNAL) != 0);
  prepare_sendmsg(op, 5, &message);
  REQUIRE((op.type->uring(op).flags & MSG_NOSIGNAL) != 0);
  auto [ours, theirs] = os::socket_pair();
  theirs.reset();
  prepare_send(op, ours.get(), "x", 1);
  REQUIRE(op.type->attempt(op) == -EPIPE);
}

TEST_CASE("operations: preparing again leaves nothing of the use before", "[backend][operations]") {
  Operation op;
  char bytes[8];
  prepare_recv(op, 5, bytes, sizeof bytes, MSG_PEEK);
  prepare_accept(op, 6);
  REQUIRE(op.type->uring(op).flags == (SOCK_NONBLOCK | SOCK_CLOEXEC));
  REQUIRE(op.type->uring(op).offset == 0);
  prepare_read(op, 7, bytes, 4, 12);
  prepare_read(op, 7, bytes, 4);
  REQUIRE(op.type->uring(op).offset == ~0ull);
}

TEST_CASE("operations: a length is cut to what one call moves", "[backend][operations]") {
  Operation op;
  char byte;
  prepare_recv(op, 5, &byte, std::size_t{1} << 40);
  REQUIRE(op.type->uring(op).length == os::transfer_limit);
}

TEST_CASE("operations: poll waits for what its flags say", "[backend][operations]") {
  Operation op;
  prepare_poll(op, 5, POLLIN | POLLOUT);
  REQUIRE(interest_of(op) == (POLLIN | POLLOUT));
}

TEST_CASE("operations: only accept yields a descriptor", "[backend][operations]") {
  REQUIRE(accept_operation.yields_descriptor);
  for (const OperationType* type :
       {&recv_operation, &send_operation, &recvmsg_operation, &sendmsg_operation, &read_operation,
        &write_operation, &connect_operation, &poll_operation}) {
    REQUIRE_FALSE(type->yields_descriptor);
  }
}

}  // namespace operations_test
