#include <asyncio/detail/frame_pool.hpp>
//
#include <cstdint>
#include <cstring>
#include <thread>
#include <vector>

#include <support/catch.hpp>

namespace frame_pool_test {

using asyncio::detail::AllocationObserver;
using asyncio::detail::FramePool;
using asyncio::detail::Pooled;
using asyncio::detail::thread_state;
using asyncio::detail::ThreadState;

namespace {

std::size_t recycled_blocks() {
  std::size_t count = 0;
  for (const ThreadState::FreeBlock* head : thread_state.free_blocks)
    for (; head; head = head->next) ++count;
  return count;
}

constexpr bool recycles = ASYNCIO_RECYCLES_FRAMES;

}  // namespace

TEST_CASE("frame pool: every block is aligned to 64 bytes and usable to its end") {
  FramePool::User user;
  for (std::size_t size : {1u, 63u, 64u, 65u, 1000u, 2048u, 2112u, 2113u, 5000u, 100'000u}) {
    void* const block = FramePool::allocate(size);
    CHECK(reinterpret_cast<std::uintptr_t>(block) % 64 == 0);
    std::memset(block, 0xa5, size);
    FramePool::deallocate(block, size);
  }
}

TEST_CASE("frame pool: a block is used again for the same class of sizes, last in first out") {
  if (!recycles) SKIP("nothing is recycled under AddressSanitizer");
  FramePool::User user;
  void* const a = FramePool::allocate(100);
  void* const b = FramePool::allocate(128);
  FramePool::deallocate(a, 100);
  FramePool::deallocate(b, 128);
  CHECK(FramePool::allocate(65) == b);
  CHECK(FramePool::allocate(120) == a);
  void* const other = FramePool::allocate(129);
  CHECK(other != a);
  CHECK(other != b);
  FramePool::deallocate(a, 100);
  FramePool::deallocate(b, 128);
  FramePool::deallocate(other, 129);
}

TEST_CASE("frame pool: large blocks go back to the system") {
  FramePool::User user;
  const std::size_t before = recycled_blocks();
  FramePool::deallocate(FramePool::allocate(4000), 4000);
  CHECK(recycled_blocks() == before);
}

TEST_CASE("frame pool: nothing is kept on a thread without a user") {
  std::thread([] {
    FramePool::deallocate(FramePool::allocate(100), 100);
    if (recycled_blocks() != 0) std::abort();
  }).join();
  SUCCEED();
}

TEST_CASE("frame pool: the last user takes the memory with it, and trim() at any time") {
  {
    FramePool::User outer;
    {
      FramePool::User inner;
      FramePool::deallocate(FramePool::allocate(100), 100);
    }
    CHECK(recycled_blocks() == (recycles ? 1 : 0));
    FramePool::trim();
    CHECK(recycled_blocks() == 0);
    FramePool::deallocate(FramePool::allocate(100), 100);
  }
  CHECK(recycled_blocks() == 0);
}

TEST_CASE("frame pool: each thread has its own blocks, one may die on another thread") {
  FramePool::User user;
  void* block = nullptr;
  std::thread([&] {
    FramePool::User there;
    block = FramePool::allocate(100);
  }).join();
  FramePool::deallocate(block, 100);
  CHECK(recycled_blocks() == (recycles ? 1 : 0));
}

TEST_CASE("frame pool: new blocks lie side by side, and outlive the loop that made them") {
  if (!recycles) SKIP("nothing is recycled under AddressSanitizer");
  std::vector<void*> blocks;
  {
    FramePool::User user;
    for (int i = 0; i < 1000; ++i) blocks.push_back(FramePool::allocate(256));
    CHECK(static_cast<char*>(blocks[1]) == static_cast<char*>(blocks[0]) + 256);
  }
  for (void* block : blocks) std::memset(block, 0xa5, 256);
  for (void* block : blocks) FramePool::deallocate(block, 256);
  CHECK(recycled_blocks() == 0);
}

TEST_CASE("frame pool: an observer counts the blocks and can make one fail") {
  struct Observer : AllocationObserver {
    Observer()
        : AllocationObserver{[](AllocationObserver& self) {
            if (++static_cast<Observer&>(self).calls == 3) throw std::bad_alloc();
          }} {}
    int calls = 0;
  } observer;
  FramePool::User user;
  FramePool::observe(&observer);
  void* const a = FramePool::allocate(100);
  FramePool::deallocate(FramePool::allocate(100), 100);
  CHECK(recycled_blocks() == 0);
  CHECK_THROWS_AS(FramePool::allocate(100), std::bad_alloc);
  CHECK(observer.blocks_alive == 1);
  FramePool::deallocate(a, 100);
  CHECK(observer.blocks_alive == 0);
  FramePool::observe(nullptr);
}

TEST_CASE("frame pool: Pooled gives a class the pool") {
  struct Thing : Pooled {
    std::uint64_t words[5] = {};
  };
  FramePool::User user;
  auto* thing = new Thing;
  CHECK(reinterpret_cast<std::uintptr_t>(thing) % 64 == 0);
  delete thing;
  CHECK(recycled_blocks() == (recycles ? 1 : 0));
  alignas(64) unsigned char place[sizeof(Thing)];
  std::destroy_at(::new (static_cast<void*>(place)) Thing);
}

}  // namespace frame_pool_test
