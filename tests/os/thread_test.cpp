#include <asyncio/os/thread.hpp>

#include <support/catch.hpp>

#include <array>

namespace thread_test {

using asyncio::os::start_thread;

namespace {

bool blocks(int signal) {
  sigset_t mask;
  ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
  return ::sigismember(&mask, signal) == 1;
}

std::string own_name() {
  std::array<char, 64> name{};
  ::pthread_getname_np(::pthread_self(), name.data(), name.size());
  return name.data();
}

}  // namespace

TEST_CASE("thread: has its name, cut to what the kernel keeps") {
  std::string first, second;
  start_thread("pool_7", [&] { first = own_name(); }).join();
  start_thread("a name that is too long", [&] { second = own_name(); }).join();
  CHECK(first == "pool_7");
  CHECK(second == "a name that is ");
}

TEST_CASE("thread: takes no signals, and the one that starts it goes on taking them") {
  bool thread_blocks = false;
  start_thread("t", [&] { thread_blocks = blocks(SIGINT) && blocks(SIGTERM); }).join();
  CHECK(thread_blocks);
  CHECK_FALSE(blocks(SIGINT));
}

}  // namespace thread_test
