#include <asyncio/backend/datagram_operations.hpp>

#include <asyncio/os/socket.hpp>
#include <support/catch.hpp>

#include <array>

namespace datagram_operations_test {

using namespace asyncio::detail;
namespace os = asyncio::os;

namespace {

/// Two messages with a byte each.
struct TwoMessages {
  TwoMessages() {
    for (std::size_t i = 0; i < 2; ++i) {
      buffers[i] = {&bytes[i], 1};
      messages[i].msg_hdr.msg_iov = &buffers[i];
      messages[i].msg_hdr.msg_iovlen = 1;
    }
  }
  std::array<char, 2> bytes{'a', 'b'};
  std::array<iovec, 2> buffers{};
  std::array<mmsghdr, 2> messages{};
};

}  // namespace

TEST_CASE("datagram operations: two go out and come in by one attempt each",
          "[backend][operations]") {
  auto [ours, theirs] = os::socket_pair(SOCK_DGRAM);
  TwoMessages out;
  Operation send;
  prepare_sendmmsg(send, ours.get(), out.messages);
  REQUIRE(send.type->attempt(send) == 2);
  TwoMessages in;
  in.bytes = {};
  Operation receive;
  prepare_recvmmsg(receive, theirs.get(), in.messages);
  REQUIRE(receive.type->attempt(receive) == 2);
  REQUIRE(in.bytes == out.bytes);
  REQUIRE(in.messages[1].msg_len == 1);
}

TEST_CASE("datagram operations: nothing there, and a peer that is gone", "[backend][operations]") {
  auto [ours, theirs] = os::socket_pair(SOCK_DGRAM);
  TwoMessages messages;
  Operation operation;
  prepare_recvmmsg(operation, ours.get(), messages.messages);
  REQUIRE(operation.type->attempt(operation) == -EAGAIN);
  theirs.reset();
  prepare_sendmmsg(operation, ours.get(), messages.messages);
  REQUIRE(operation.type->attempt(operation) == -ECONNREFUSED);
}

}  // namespace datagram_operations_test
