#include <asyncio/net/batch_calls.hpp>

#include "net_support.hpp"

#include <asyncio/net/udp_socket.hpp>

namespace batch_calls_test {

using namespace asyncio_test;
using asyncio::DatagramBatch;
using asyncio::DatagramView;
using asyncio::UdpSocket;
using asyncio::detail::RecvMany;
using asyncio::detail::Ref;
using asyncio::detail::SocketState;

static_assert(asyncio::detail::Leaf<RecvMany>);
static_assert(asyncio::detail::Leaf<asyncio::detail::SendMany>);

namespace {

/// Two connected unix sockets, whose queues are short.
std::pair<UdpSocket, UdpSocket> short_queues() {
  auto fds = asyncio::os::socket_pair(SOCK_DGRAM);
  return {UdpSocket(std::move(fds.first)), UdpSocket(std::move(fds.second))};
}

void fill(DatagramBatch& batch) {
  for (std::size_t i = 0; i < batch.capacity(); ++i) batch.add(std::to_string(i));
}

/// Receives until `count` have come.
Task<std::string> receive_all(UdpSocket& socket, std::size_t count) {
  DatagramBatch batch(7, 16);
  std::string all;
  for (std::size_t got = 0; got < count;) {
    got += co_await socket.recv_many(batch);
    for (const DatagramView& datagram : batch) all += std::string(datagram.data) + " ";
  }
  co_return all;
}

std::string numbers(std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += std::to_string(i) + " ";
  return all;
}

Task<std::size_t> recv_many(Ref<SocketState> socket, DatagramBatch& batch) {
  RecvMany operation(std::move(socket), &batch);
  const std::size_t count = co_await operation;
  co_return count;
}

}  // namespace

ASYNC_TEST("batch calls: send_many waits for room and sends all in order", "[W-30]") {
  auto [a, b] = short_queues();
  DatagramBatch batch(300, 16);
  fill(batch);
  auto sending = asyncio::create_task(a.send_many(batch));
  co_await turns(3);
  REQUIRE_FALSE(sending.done());
  const std::string all = co_await receive_all(b, 300);
  REQUIRE(all == numbers(300));
  const std::size_t sent = co_await sending;
  REQUIRE(sent == 300);
}

ASYNC_TEST("batch calls: a cancelled send_many tells what it has sent", "[W-30]") {
  auto [a, b] = short_queues();
  DatagramBatch batch(300, 16);
  fill(batch);
  std::size_t sent = 0;
  auto send = [&]() -> Task<> {
    sent = co_await a.send_many(batch);
    co_await asyncio::sleep(1h);
  };
  auto sending = asyncio::create_task(send());
  co_await turns(3);
  sending.cancel();
  co_await until([&] { return sending.done(); });
  REQUIRE(sending.cancelled());
  REQUIRE(sent > 0);
  REQUIRE(sent < 300);
  const std::string all = co_await receive_all(b, sent);
  REQUIRE(all == numbers(sent));
}

ASYNC_TEST("batch calls: close under a send_many that has sent nothing", "[W-30][U2]") {
  auto [a, b] = short_queues();
  while (::send(a.fileno(), "x", 1, MSG_DONTWAIT) > 0) {
  }
  DatagramBatch batch(2, 16);
  fill(batch);
  auto sending = asyncio::create_task(error_of(a.send_many(batch)));
  co_await turns(3);
  a.close();
  const int code = co_await sending;
  REQUIRE(code == EBADF);
}

ASYNC_TEST("batch calls: an empty batch is sent at once", "[W-30]") {
  auto [a, b] = short_queues();
  DatagramBatch batch(2);
  const std::size_t sent = co_await a.send_many(batch);
  REQUIRE(sent == 0);
}

ASYNC_TEST("batch calls: recv_many that waits takes what came with the first", "[W-30]") {
  auto [a, b] = short_queues();
  DatagramBatch batch(3, 16);
  auto receiving = asyncio::create_task(b.recv_many(batch));
  co_await turns(2);
  for (const char* text : {"0", "1", "2", "3"}) REQUIRE(::send(a.fileno(), text, 1, 0) == 1);
  const std::size_t count = co_await receiving;
  REQUIRE(count == 3);
  REQUIRE(batch[2].data == "2");
  const std::size_t rest = co_await b.recv_many(batch);
  REQUIRE(rest == 1);
  REQUIRE(batch[0].data == "3");
}

ASYNC_TEST("batch calls: a cancelled recv_many loses nothing", "[W-30][W-03]") {
  auto [a, b] = short_queues();
  DatagramBatch batch(3, 16);
  for (int moment = 0; moment < 12; ++moment) {
    auto receiving = asyncio::create_task(b.recv_many(batch));
    co_await turns(moment % 3);
    if (moment >= 3) REQUIRE(::send(a.fileno(), "abc", 3, 0) == 3);
    if (moment == 5) asyncio::get_running_loop().backend_interface().poll(0ns);
    if (moment >= 6) co_await turns(moment % 4);
    const bool was_done = receiving.done();
    receiving.cancel();
    co_await until([&] { return receiving.done(); });
    if (moment < 3) REQUIRE(::send(a.fileno(), "abc", 3, 0) == 3);
    if (!was_done) {
      REQUIRE(receiving.cancelled());
      const std::size_t count = co_await b.recv_many(batch);
      REQUIRE(count == 1);
    }
    REQUIRE(batch[0].data == "abc");
  }
}

ASYNC_TEST("batch calls: what one call keeps any other gives, and the error behind it",
           "[W-30][W-03]") {
  auto fds = asyncio::os::socket_pair(SOCK_DGRAM);
  const Ref<SocketState> socket(new SocketState(std::move(fds.first)));
  socket->datagrams.push_back({"first", {}, false});
  socket->datagrams.push_back({"second", {}, true});
  socket->datagrams.push_back({"third", {}, false});
  socket->datagram_error = ECONNREFUSED;
  DatagramBatch batch(2, 16);
  const std::size_t count = co_await recv_many(socket, batch);
  REQUIRE(count == 2);
  REQUIRE(batch[0].data == "first");
  REQUIRE_FALSE(batch[0].truncated);
  REQUIRE(batch[1].truncated);
  const std::size_t more = co_await recv_many(socket, batch);
  REQUIRE(more == 1);
  const int code = co_await error_of(recv_many(socket, batch));
  REQUIRE(code == ECONNREFUSED);
  REQUIRE(::send(fds.second.get(), "x", 1, 0) == 1);
  const std::size_t after = co_await recv_many(socket, batch);
  REQUIRE(after == 1);
}

}  // namespace batch_calls_test
