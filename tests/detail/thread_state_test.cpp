#include <asyncio/detail/thread_state.hpp>

#include <thread>
#include <type_traits>

#include <support/catch.hpp>

namespace thread_state_test {

using asyncio::detail::thread_state;
using asyncio::detail::ThreadState;

TEST_CASE("thread state: needs no code at the beginning and the end of a thread",
          "[thread_state]") {
  STATIC_REQUIRE(std::is_trivially_destructible_v<ThreadState>);
  STATIC_REQUIRE(std::is_trivially_copyable_v<ThreadState>);
  STATIC_REQUIRE(ThreadState{}.recycles == false);  // a constant expression
}

TEST_CASE("thread state: a new thread has no loop, no context and no recycled memory",
          "[thread_state]") {
  ThreadState seen;
  seen.pool_users = 99;
  std::thread([&seen] { seen = thread_state; }).join();
  CHECK(seen.running_loop == nullptr);
  CHECK(seen.set_loop == nullptr);
  CHECK(seen.scheduler == nullptr);
  CHECK(seen.context == nullptr);
  CHECK(seen.never_awaited == nullptr);
  CHECK(seen.allocation_observer == nullptr);
  CHECK(seen.pool_users == 0);
  for (const ThreadState::FreeBlock* block : seen.free_blocks) CHECK(block == nullptr);
}

TEST_CASE("thread state: each thread has its own", "[thread_state]") {
  const void* elsewhere = nullptr;
  std::thread([&elsewhere] {
    elsewhere = &thread_state;
    thread_state.pool_users = 7;
  }).join();
  CHECK(elsewhere != &thread_state);
  CHECK(thread_state.pool_users != 7);
}

TEST_CASE("thread state: the number of a thread is never another's", "[thread_state]") {
  const unsigned long long own = asyncio::detail::thread_number();
  CHECK(own != 0);
  CHECK(asyncio::detail::thread_number() == own);
  unsigned long long first = 0;
  unsigned long long second = 0;
  std::thread([&] { first = asyncio::detail::thread_number(); }).join();
  std::thread([&] { second = asyncio::detail::thread_number(); }).join();
  CHECK(first > 0);
  CHECK(second > 0);
  CHECK(first != second);
  CHECK(first != own);
  CHECK(second != own);
}

}  // namespace thread_state_test
