#include <asyncio/net/socket_operation.hpp>

#include "net_support.hpp"

#include <asyncio/net/socket_calls.hpp>

namespace socket_operation_test {

using namespace asyncio_test;
using asyncio::detail::AcceptFd;
using asyncio::detail::RecvInto;
using asyncio::detail::Ref;
using asyncio::detail::SocketState;

namespace {

Task<std::size_t> recv_into(Ref<SocketState> socket, std::span<std::byte> target) {
  RecvInto operation(std::move(socket), target);
  const std::size_t count = co_await operation;
  co_return count;
}
Task<asyncio::os::Fd> accept_fd(Ref<SocketState> socket) {
  AcceptFd operation(std::move(socket));
  asyncio::os::Fd fd = co_await operation;
  co_return fd;
}

}  // namespace

ASYNC_TEST("socket operation: the effect of a cancelled one stays with the socket",
           "[SOK-01][W-03]") {
  auto fds = asyncio::os::socket_pair();
  const Ref<SocketState> socket(new SocketState(std::move(fds.first)));
  std::byte target[8];
  auto task = asyncio::create_task(recv_into(socket, target));
  co_await turns(2);
  REQUIRE(::send(fds.second.get(), "abc", 3, 0) == 3);
  asyncio::get_running_loop().backend_interface().poll(std::chrono::nanoseconds(0));
  task.cancel();
  co_await until([&] { return task.done(); });
  REQUIRE(task.cancelled());
  REQUIRE(socket->read_ahead.size() + 0 <= 3);
  const std::size_t count = co_await recv_into(socket, target);
  REQUIRE(count == 3);
  REQUIRE(socket->read_ahead.empty());
}

TEST_CASE("socket operation: destroyed with the loop, nothing stays in flight and none leaks",
          "[LOP-12][U1]") {
  const std::ptrdiff_t before = open_descriptors();
  for (const auto kind : {asyncio::Backend::epoll, asyncio::Backend::io_uring}) {
    asyncio::os::Fd listening = asyncio::os::make_socket(AF_INET, SOCK_STREAM);
    asyncio::os::bind(listening.get(), *asyncio::Address::from_numeric("127.0.0.1", 0));
    asyncio::os::listen(listening.get(), 4);
    const asyncio::Address address = asyncio::os::local_address(listening.get());
    const Ref<SocketState> socket(new SocketState(std::move(listening)));
    asyncio::EventLoop loop(kind);
    loop.set_exception_handler([](asyncio::EventLoop&, const asyncio::ExceptionContext&) {});
    auto task = loop.create_task(accept_fd(socket));
    loop.run_once();
    loop.run_once();
    const asyncio::os::Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    REQUIRE(::connect(client.get(), address.data(), address.size()) == 0);
    // Accepted by the kernel, perhaps, but the task does not run any more.
    loop.backend_interface().poll(std::chrono::milliseconds(100));
    loop.close();
    REQUIRE(loop.backend_interface().in_flight() == 0);
  }
  REQUIRE(open_descriptors() == before);
}

}  // namespace socket_operation_test
