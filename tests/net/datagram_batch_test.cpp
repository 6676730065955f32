#include <asyncio/net/datagram_batch.hpp>

#include <support/catch.hpp>

#include <cstring>
#include <string>
#include <utility>

namespace datagram_batch_test {

using asyncio::DatagramBatch;
using asyncio::DatagramView;
using asyncio::os::Address;

namespace {

std::string joined(const DatagramBatch& batch) {
  std::string text;
  for (const DatagramView& datagram : batch) text += std::string(datagram.data) + "|";
  return text;
}

/// Plays the kernel: a datagram for the first free slot.
void receive(DatagramBatch& batch, std::string_view bytes, const Address& peer) {
  mmsghdr& slot = batch.free_slots().front();
  bytes.copy(static_cast<char*>(slot.msg_hdr.msg_iov->iov_base), slot.msg_hdr.msg_iov->iov_len);
  std::memcpy(slot.msg_hdr.msg_name, peer.data(), peer.size());
  slot.msg_hdr.msg_namelen = peer.size();
  slot.msg_len = static_cast<unsigned>(std::min(bytes.size(), slot.msg_hdr.msg_iov->iov_len));
  slot.msg_hdr.msg_flags = bytes.size() > slot.msg_hdr.msg_iov->iov_len ? MSG_TRUNC : 0;
  batch.received(1);
}

const Address peer = *Address::from_numeric("127.0.0.1", 9);

}  // namespace

TEST_CASE("datagram batch: what is added is copied and kept in order", "[net][W-30]") {
  DatagramBatch batch(3, 8);
  REQUIRE(batch.empty());
  REQUIRE(batch.capacity() == 3);
  REQUIRE(batch.datagram_size() == 8);
  std::string text = "one";
  batch.add(text, peer);
  text = "xxx";
  batch.add("");
  REQUIRE(batch.size() == 2);
  REQUIRE(joined(batch) == "one||");
  REQUIRE(batch[0].address == peer);
  REQUIRE(batch[1].address.family() == AF_UNSPEC);
  batch.clear();
  REQUIRE(batch.empty());
  REQUIRE(batch.begin() == batch.end());
}

TEST_CASE("datagram batch: no room, and no slot that is large enough", "[net][W-30]") {
  REQUIRE_THROWS_AS(DatagramBatch(0), std::invalid_argument);
  DatagramBatch batch(1, 4);
  REQUIRE_THROWS_AS(batch.add("12345"), std::length_error);
  batch.add("1234");
  REQUIRE_THROWS_AS(batch.add("x"), std::length_error);
  REQUIRE(joined(batch) == "1234|");
}

TEST_CASE("datagram batch: what was received can be sent back", "[net][W-30]") {
  DatagramBatch batch(2, 4);
  receive(batch, "ab", peer);
  receive(batch, "too long", peer);
  REQUIRE(joined(batch) == "ab|too |");
  REQUIRE_FALSE(batch[0].truncated);
  REQUIRE(batch[1].truncated);
  const std::span<mmsghdr> messages = batch.to_send();
  REQUIRE(messages.size() == 2);
  REQUIRE(messages[0].msg_hdr.msg_iov->iov_len == 2);
  REQUIRE(messages[0].msg_hdr.msg_namelen == peer.size());
  REQUIRE(batch[0].address == peer);
}

TEST_CASE("datagram batch: a slot that was used is as large as before", "[net][W-30]") {
  DatagramBatch batch(1, 8);
  receive(batch, "a", peer);
  batch.clear();
  receive(batch, "12345678", peer);
  REQUIRE(joined(batch) == "12345678|");
  REQUIRE_FALSE(batch[0].truncated);
  batch.clear();
  batch.add("x");
  REQUIRE(batch.to_send()[0].msg_hdr.msg_name == nullptr);
}

TEST_CASE("datagram batch: a datagram kept from an earlier call is cut to the slot",
          "[net][W-30]") {
  DatagramBatch batch(3, 4);
  batch.put("12345", peer, DatagramBatch::Whole::yes);
  batch.put("1", peer, DatagramBatch::Whole::no);
  batch.put("12", peer, DatagramBatch::Whole::yes);
  REQUIRE(joined(batch) == "1234|1|12|");
  REQUIRE(batch[0].truncated);
  REQUIRE(batch[1].truncated);
  REQUIRE_FALSE(batch[2].truncated);
}

TEST_CASE("datagram batch: moved, it points at its own memory", "[net][W-30]") {
  DatagramBatch first(2, 8);
  first.add("moved", peer);
  DatagramBatch second = std::move(first);
  REQUIRE(joined(second) == "moved|");
  second.add("more");
  REQUIRE(second.to_send()[1].msg_hdr.msg_iov->iov_len == 4);
  REQUIRE(joined(second) == "moved|more|");
}

}  // namespace datagram_batch_test
