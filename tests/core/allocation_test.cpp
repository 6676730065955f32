// CONTRACT 6.7: in steady state these make no call to the global allocator.
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <cstdlib>
#include <new>

namespace {

// The operators below are those of the whole program; they count only while this is on.
thread_local bool counting = false;
thread_local std::int64_t allocations = 0;

[[maybe_unused]] void* allocate(std::size_t size, std::size_t alignment) {
  if (counting) ++allocations;
  const std::size_t rounded = (size + alignment - 1) / alignment * alignment;
  void* const memory = alignment <= alignof(std::max_align_t)
                           ? std::malloc(size == 0 ? 1 : size)
                           : std::aligned_alloc(alignment, rounded == 0 ? alignment : rounded);
  if (!memory) throw std::bad_alloc();
  return memory;
}

}  // namespace

#if ASYNCIO_RECYCLES_FRAMES && !ASYNCIO_TEST_UNDER_TSAN  // sanitizers have operators of their own

void* operator new(std::size_t size) { return allocate(size, 1); }
void* operator new[](std::size_t size) { return allocate(size, 1); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

#endif

namespace allocation_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// Runs `step` until the pool is warm, then a hundred times more. Returns: the allocations of
/// those.
template <class F>
Task<std::int64_t> steady_allocations(F& step) {
  for (int i = 0; i < 100; ++i) co_await step();
  allocations = 0;
  counting = true;
  for (int i = 0; i < 100; ++i) co_await step();
  counting = false;
  co_return allocations;
}

void skip_without_recycling() {
  if (!ASYNCIO_RECYCLES_FRAMES || ASYNCIO_TEST_UNDER_TSAN) {
    SKIP("sanitizers have an allocator of their own");
  }
}

/// Tells that the counter would notice.
TEST_CASE("allocation: the counter counts") {
  skip_without_recycling();
  allocations = 0;
  counting = true;
  const auto number = std::make_unique<int>(1);
  struct alignas(64) Wide {
    char bytes[64];
  };
  const auto wide = std::make_unique<Wide>();
  counting = false;
  CHECK(*number == 1);
  CHECK(wide != nullptr);
  CHECK(allocations == 2);
}

ASYNC_TEST("allocation: awaiting a coroutine makes none") {
  skip_without_recycling();
  int sum = 0;
  auto step = [&sum]() -> Task<> {
    const int value = co_await gives(1);
    sum += value;
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
  CHECK(sum == 200);
}

ASYNC_TEST("allocation: a task that is created and awaited makes none") {
  skip_without_recycling();
  auto step = []() -> Task<> {
    auto task = create_task(gives(1));
    const int value = co_await task;
    static_cast<void>(value);
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
}

ASYNC_TEST("allocation: a task of a callable makes none") {
  skip_without_recycling();
  int runs = 0;
  auto body = [&runs]() -> Task<> {
    ++runs;
    co_return;
  };
  auto step = [&body]() -> Task<> {
    auto task = create_task(body);
    co_await task;
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
  CHECK(runs == 200);
}

ASYNC_TEST("allocation: yielding makes none") {
  skip_without_recycling();
  auto step = []() -> Task<> { co_await sleep(0s); };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
}

ASYNC_TEST("allocation: a future that is made, set by a callback and awaited makes none") {
  skip_without_recycling();
  auto step = []() -> Task<> {
    auto future = get_running_loop().create_future<int>();
    get_running_loop().call_soon([future] { future.set_result(1); });
    const int value = co_await future;
    static_cast<void>(value);
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
}

ASYNC_TEST("allocation: a done callback makes none") {
  skip_without_recycling();
  int called = 0;
  auto step = [&called]() -> Task<> {
    auto future = get_running_loop().create_future<int>();
    future.add_done_callback([&called](Future<int>) { ++called; });
    future.set_result(1);
    co_await sleep(0s);
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
  CHECK(called == 200);
}

ASYNC_VIRTUAL_TEST("allocation: a sleep makes none") {
  skip_without_recycling();
  auto step = []() -> Task<> { co_await sleep(1h); };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
}

ASYNC_TEST("allocation: a timer that is cancelled makes none") {
  skip_without_recycling();
  auto step = []() -> Task<> {
    TimerHandle timer = get_running_loop().call_later(1h, [] {});
    timer.cancel();
    co_await sleep(0s);
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
}

ASYNC_TEST("allocation: call_soon makes none") {
  skip_without_recycling();
  std::int64_t sum = 0;
  auto step = [&sum]() -> Task<> {
    get_running_loop().call_soon([&sum](int n) { sum += n; }, 3);
    co_await sleep(0s);
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
  CHECK(sum == 600);
}

ASYNC_TEST(
    "allocation: call_soon_threadsafe makes one, as a pool on the loop's side would only grow") {
  skip_without_recycling();
  std::int64_t sum = 0;
  auto step = [&sum]() -> Task<> {
    get_running_loop().call_soon_threadsafe([&sum] { ++sum; });
    co_await sleep(0s);
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 100);
  CHECK(sum == 200);
}

ASYNC_TEST("allocation: a task with a context of its own makes none") {
  skip_without_recycling();
  static const ContextVar<int> var("allocation", 0);
  auto body = []() -> Task<> {
    var.set(var.get() + 1);
    co_return;
  };
  var.set(1);
  auto step = [&body]() -> Task<> {
    auto task = create_task(body);
    co_await task;
  };
  const std::int64_t count = co_await steady_allocations(step);
  CHECK(count == 0);
}

}  // namespace

}  // namespace allocation_test
