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

}  // namespace thread_state_test
