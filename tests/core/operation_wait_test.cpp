#include <asyncio/core/operation_wait.hpp>
//
#include <asyncio/core/perform.hpp>
#include <asyncio/core/task_handle.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/testing.hpp>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <support/async_test.hpp>

namespace operation_wait_test {

using namespace asyncio;
using namespace std::chrono_literals;
using detail::Operation;
using detail::Perform;
using testing::Script;

namespace {

constexpr int invented = Script::first_invented_descriptor;

Task<int> accept_on(int listener) {
  const int fd =
      co_await Perform([=](Operation& operation) { detail::prepare_accept(operation, listener); });
  co_return fd;
}

/// The lowest free number: what the next descriptor gets.
int next_descriptor() {
  const os::Fd probe(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  return probe.get();
}

os::Fd listening_socket() {
  os::Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;  // no name: the kernel gives an abstract one
  REQUIRE(::bind(listener.get(), reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)) == 0);
  REQUIRE(::listen(listener.get(), 8) == 0);
  return listener;
}

os::Fd connect_to(const os::Fd& listener) {
  sockaddr_un address{};
  socklen_t length = sizeof address;
  REQUIRE(::getsockname(listener.get(), reinterpret_cast<sockaddr*>(&address), &length) == 0);
  os::Fd client(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  REQUIRE(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), length) == 0);
  return client;
}

}  // namespace

TEST_CASE("operation wait: a task destroyed before it takes an accepted descriptor leaks none") {
  const Backend backend = GENERATE(Backend::io_uring, Backend::epoll);
  const os::Fd listener = listening_socket();
  const int free_before = next_descriptor();
  {
    EventLoop loop(backend);
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    auto task = loop.create_task(accept_on(listener.get()));
    loop.run_once();  // submits
    loop.run_once();
    const os::Fd client = connect_to(listener);
    loop.backend_interface().poll(1s);  // accepts, and wakes the task, which never runs
    loop.close();
    CHECK_FALSE(task.done());
  }
  CHECK(next_descriptor() == free_before);
}

TEST_CASE("operation wait: a cancel between the answer and the resumption hides a failure",
          "[CAN-07]") {
  Script script;
  script.on("recv").reply("x").delay(1h);
  script.on("recv").reply_error(ECONNRESET).delay(1h);
  auto receive = [](int fd) -> Task<int> {
    char byte;
    const int result = co_await Perform(
        [&](Operation& operation) { detail::prepare_recv(operation, fd, &byte, 1); });
    co_return result;
  };
  auto main = [&receive]() -> Task<> {
    TaskHandle<int> failing;
    auto cancels = [&]() -> Task<> {  // both are answered in one turn, and this one runs first
      co_await receive(invented);
      failing.cancel("late");
    };
    auto first = create_task(cancels);
    failing = create_task(receive(invented));
    std::string how = "it was not cancelled";
    try {
      co_await failing;
    } catch (const CancelledError& error) {
      how = error.message();
    }
    CHECK(how == "late");
    co_await first;
  };
  testing::run(main, script);
}

}  // namespace operation_wait_test
