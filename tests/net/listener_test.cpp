#include <asyncio/net/listener.hpp>

#include "net_support.hpp"

#include <asyncio/net/open_connection.hpp>
#include <asyncio/net/start_server.hpp>

#include <sys/resource.h>

namespace listener_test {

using namespace asyncio_test;
using asyncio::Server;
using asyncio::StreamReader;
using asyncio::StreamWriter;
using asyncio::detail::Listener;
using asyncio::detail::Ref;

namespace {

/// Lowers the limit of open descriptors to what is open now, for a scope.
class NoMoreDescriptors {
 public:
  NoMoreDescriptors() {
    ::getrlimit(RLIMIT_NOFILE, &previous_);
    const asyncio::os::Fd next(::dup(0));  // the lowest free number
    rlimit lowered = previous_;
    lowered.rlim_cur = static_cast<rlim_t>(next.get());
    ::setrlimit(RLIMIT_NOFILE, &lowered);
  }
  NoMoreDescriptors(const NoMoreDescriptors&) = delete;
  NoMoreDescriptors& operator=(const NoMoreDescriptors&) = delete;
  ~NoMoreDescriptors() { ::setrlimit(RLIMIT_NOFILE, &previous_); }

 private:
  rlimit previous_{};
};

struct Target final : asyncio::detail::AcceptTarget {
  void accepted(asyncio::os::Fd fd, const asyncio::Address& peer) noexcept override {
    fds.push_back(std::move(fd));
    peers.push_back(peer);
  }
  void accept_failed(const char* message, int error) noexcept override {
    failures.push_back(std::string(message) + " " + std::to_string(error));
  }
  std::vector<asyncio::os::Fd> fds;
  std::vector<asyncio::Address> peers;
  std::vector<std::string> failures;
};

asyncio::os::Fd bound() {
  asyncio::os::Fd fd = asyncio::os::make_socket(AF_INET, SOCK_STREAM);
  asyncio::os::bind(fd.get(), *asyncio::Address::from_numeric("127.0.0.1", 0));
  return fd;
}

asyncio::os::Fd client_of(const asyncio::Address& address) {
  asyncio::os::Fd fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(fd);
  REQUIRE(::connect(fd.get(), address.data(), address.size()) == 0);
  return fd;
}

}  // namespace

ASYNC_TEST("listener: accepts what has come at once, with the peers' addresses", "[SVR-06]") {
  Target target;
  const Ref<Listener> listener(new Listener(asyncio::get_running_loop(), bound(), 100, target));
  listener->start();
  const asyncio::Address address = asyncio::os::local_address(listener->fd());
  std::vector<asyncio::os::Fd> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(client_of(address));
  co_await until([&] { return target.fds.size() == 20; });
  REQUIRE(target.peers[0] == asyncio::os::local_address(clients[0].get()));
  listener->stop();
  REQUIRE(target.failures.empty());
}

ASYNC_TEST("listener: a stopped one closes what it still gets", "[SVR-08]") {
  Target target;
  const std::ptrdiff_t before = open_descriptors();
  {
    const Ref<Listener> listener(new Listener(asyncio::get_running_loop(), bound(), 1, target));
    listener->start();
    const asyncio::os::Fd client = client_of(asyncio::os::local_address(listener->fd()));
    listener->stop();
    co_await turns(3);
    REQUIRE(target.fds.size() <= 1);
  }
  target.fds.clear();
  co_await until([&] { return open_descriptors() == before; });
}

ASYNC_TEST("listener: out of descriptors: reported once, paused, retried when one is free",
           "[SVR-06][N5]") {
  std::vector<std::string> reports;
  asyncio::get_running_loop().set_exception_handler(
      [&reports](asyncio::EventLoop&, const asyncio::ExceptionContext& context) {
        reports.push_back(std::string(context.message));
      });
  auto echo = [](StreamReader reader, StreamWriter writer) -> Task<> {
    while (auto line = co_await reader.next()) writer.write(*line);
  };
  Server server = co_await asyncio::start_server(echo, "127.0.0.1", 0);
  auto first = co_await asyncio::open_connection("127.0.0.1", server.port());
  first.second.write("first\n");
  std::string line = co_await first.first.readline();
  REQUIRE(line == "first\n");
  const asyncio::os::Fd waiting(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const asyncio::Address address = server.sockets().front().local_address();
  // Nothing is asserted in the scope: the sanitizers need descriptors themselves.
  std::vector<std::string> reported;
  bool serves_on = false;
  bool serves_next = false;
  {
    const NoMoreDescriptors none;
    static_cast<void>(::connect(waiting.get(), address.data(), address.size()));
    static_cast<void>(co_await eventually([&] { return !reports.empty(); }));
    co_await asyncio::sleep(5ms);  // it does not try again and again
    reported = reports;
    // Those who are connected are served, and one who leaves makes room.
    first.second.write("still\n");
    line = co_await first.first.readline();
    serves_on = line == "still\n" && server.is_serving();
    first.second.close();
    static_cast<void>(::send(waiting.get(), "second\n", 7, MSG_NOSIGNAL));
    char answer[7];
    serves_next =
        co_await eventually([&] { return ::recv(waiting.get(), answer, 7, MSG_DONTWAIT) == 7; });
  }
  REQUIRE(reported == std::vector<std::string>{"socket.accept() out of system resource"});
  REQUIRE(serves_on);
  REQUIRE(serves_next);
  asyncio::get_running_loop().set_exception_handler(nullptr);
  REQUIRE(reports.size() == 1);
}

ASYNC_TEST("listener: after a second it tries again by itself", "[SVR-06]") {
  Target target;
  const Ref<Listener> listener(new Listener(asyncio::get_running_loop(), bound(), 5, target));
  listener->start();
  asyncio::os::Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const asyncio::Address address = asyncio::os::local_address(listener->fd());
  {
    const NoMoreDescriptors none;
    static_cast<void>(::connect(client.get(), address.data(), address.size()));
    static_cast<void>(co_await eventually([&] { return !target.failures.empty(); }));
  }
  REQUIRE(target.failures == std::vector<std::string>{"socket.accept() out of system resource " +
                                                      std::to_string(EMFILE)});
  co_await until([&] { return target.fds.size() == 1; });
  listener->stop();
}

TEST_CASE("listener: a loop that closes ends its accept", "[LOP-12]") {
  for (const auto kind : {asyncio::Backend::epoll, asyncio::Backend::io_uring}) {
    Target target;
    asyncio::EventLoop loop(kind);
    const Ref<Listener> listener(new Listener(loop, bound(), 5, target));
    listener->start();
    loop.run_once();
    REQUIRE(loop.backend_interface().in_flight() == 1);
    loop.close();
    REQUIRE(loop.backend_interface().in_flight() == 0);
    REQUIRE(listener->fd() == -1);
  }
}

}  // namespace listener_test
