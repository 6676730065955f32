#include <asyncio/os/thread_id.hpp>

#include <thread>

#include <support/catch.hpp>

namespace thread_id_test {

TEST_CASE("thread id: is the process's number on the main thread, and another one elsewhere",
          "[os]") {
  CHECK(asyncio::os::thread_id() == ::getpid());
  int elsewhere = 0;
  std::thread([&] { elsewhere = asyncio::os::thread_id(); }).join();
  CHECK(elsewhere > 0);
  CHECK(elsewhere != asyncio::os::thread_id());
}

}  // namespace thread_id_test
