#include <asyncio/os/process_mark.hpp>

#include <array>
#include <asyncio/os/epoll.hpp>
#include <asyncio/os/eventfd.hpp>

#include <poll.h>
#include <support/catch.hpp>
#include <support/child.hpp>

namespace process_mark_test {

using namespace asyncio_test;
namespace os = asyncio::os;

TEST_CASE("process mark: tells a forked child from its parent", "[THR-08]") {
  const os::ProcessMark mark;
  CHECK_FALSE(mark.is_inherited());
  CHECK(in_child([&] {
          const os::ProcessMark own;
          return mark.is_inherited() && !own.is_inherited() ? 0 : 1;
        }) == 0);
  CHECK_FALSE(mark.is_inherited());
}

TEST_CASE("process mark: a child's mark is inherited by its own child", "[THR-08]") {
  CHECK(in_child([] {
          const os::ProcessMark own;
          return in_child([&] { return own.is_inherited() ? 0 : 1; });
        }) == 0);
}

TEST_CASE("process mark: a child changes nothing in its parent's epoll", "[THR-08]") {
  os::Epoll epoll;
  os::EventFd event;
  REQUIRE(epoll.add(event.fd(), EPOLLIN, 7) == 0);
  event.signal();
  std::array<epoll_event, 1> events;
  CHECK(in_child([&] {
          const bool refused = epoll.remove(event.fd()) == -ECHILD &&
                               epoll.wait(events, std::chrono::hours(1)) == -ECHILD;
          return refused ? 0 : 1;
        }) == 0);
  CHECK(epoll.wait(events, {}) == 1);
}

TEST_CASE("process mark: a child neither sets nor clears its parent's eventfd", "[THR-08]") {
  os::EventFd event;
  pollfd readable{event.fd(), POLLIN, 0};
  in_child([&] {
    event.signal();
    return 0;
  });
  CHECK(::poll(&readable, 1, 0) == 0);
  event.signal();
  in_child([&] {
    event.drain();
    return 0;
  });
  CHECK(::poll(&readable, 1, 0) == 1);
}

}  // namespace process_mark_test
