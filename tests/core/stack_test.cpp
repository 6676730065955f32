// CONTRACT 6.2: awaits and chains of tasks use bounded stack, in every build.
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <pthread.h>

namespace stack_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

#if ASYNCIO_RECYCLES_FRAMES && !defined(__SANITIZE_THREAD__)
constexpr std::size_t stack_size = 256 * 1024;
#else
constexpr std::size_t stack_size = 1024 * 1024;  // sanitizers make frames of functions larger
#endif

/// Runs `function` on a thread with a small stack. Catch2's assertions belong outside of it.
template <class F>
void on_small_stack(F&& function) {
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, stack_size);
  pthread_t thread;
  const auto entry = [](void* argument) -> void* {
    (*static_cast<std::remove_reference_t<F>*>(argument))();
    return nullptr;
  };
  const int error = ::pthread_create(&thread, &attributes, entry, &function);
  ::pthread_attr_destroy(&attributes);
  REQUIRE(error == 0);
  ::pthread_join(thread, nullptr);
}

Task<int> at_once() { co_return 1; }

Task<int> nested(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await nested(depth - 1);
  co_return below + 1;
}

Task<int> nested_around(int depth, Future<int> future) {
  if (depth == 0) {
    const int value = co_await future;
    co_return value;
  }
  const int below = co_await nested_around(depth - 1, future);
  co_return below + 1;
}

Task<int> nested_failing(int depth) {
  if (depth == 0) {
    co_await fails("deep");
    co_return 0;
  }
  const int below = co_await nested_failing(depth - 1);
  co_return below + 1;
}

constexpr int deep = 100'000;

TEST_CASE("stack: a million awaits that finish at once", "[CORO-02]") {
  std::int64_t sum = 0;
  on_small_stack([&sum] {
    auto main = [&sum]() -> Task<> {
      for (int i = 0; i < 1'000'000; ++i) {
        sum += co_await at_once();
      }
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(sum == 1'000'000);
}

TEST_CASE("stack: a million awaits of a future that is done", "[CORO-03]") {
  std::int64_t sum = 0;
  on_small_stack([&sum] {
    auto main = [&sum]() -> Task<> {
      auto future = get_running_loop().create_future<int>();
      future.set_result(1);
      for (int i = 0; i < 1'000'000; ++i) {
        sum += co_await future;
      }
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(sum == 1'000'000);
}

TEST_CASE("stack: a hundred thousand nested calls that never suspend", "[CORO-02]") {
  int result = 0;
  on_small_stack([&result] { result = asyncio::run(nested(deep), {.backend = Backend::epoll}); });
  CHECK(result == deep);
}

TEST_CASE("stack: a hundred thousand nested calls around a suspension", "[CORO-02]") {
  int result = 0;
  on_small_stack([&result] {
    auto main = []() -> Task<int> {
      auto future = get_running_loop().create_future<int>();
      auto task = create_task(nested_around(deep, future));
      co_await turns(1);
      future.set_result(1);
      const int value = co_await task;
      co_return value;
    };
    result = asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(result == deep + 1);
}

TEST_CASE("stack: an exception through ten thousand nested calls", "[CORO-02]") {
  std::string how;
  on_small_stack([&how] {
    auto main = [&how]() -> Task<> { how = co_await ending(nested_failing(10'000)); };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(how == "invalid_argument(deep)");
}

TEST_CASE("stack: a cancellation through ten thousand nested calls", "[CAN-02]") {
  bool cancelled = false;
  on_small_stack([&cancelled] {
    auto main = [&cancelled]() -> Task<> {
      auto future = get_running_loop().create_future<int>();
      auto task = create_task(nested_around(10'000, future));
      co_await turns(1);
      task.cancel();
      co_await turns(2);
      cancelled = task.cancelled();
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(cancelled);
}

TEST_CASE("stack: cancel through ten thousand tasks that await each other in a row", "[CAN-08]") {
  constexpr std::size_t length = 10'000;
  std::size_t cancelled = 0;
  on_small_stack([&cancelled] {
    auto main = [&cancelled]() -> Task<> {
      std::vector<TaskHandle<>> chain;
      chain.push_back(create_task(endless()));
      while (chain.size() < length) chain.push_back(create_task(chain.back()));
      co_await turns(2);
      chain.back().cancel();
      const std::string how = co_await ending(chain.back());
      for (const auto& task : chain) cancelled += task.cancelled() ? 1 : 0;
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(cancelled == length);
}

/// Waits for a task that it owns alone: the handles form a chain, and so does their end.
Task<> owns(TaskHandle<> next) { co_await next; }

TEST_CASE("stack: a chain of ten thousand tasks, each owned by the one before it") {
  bool finished = false;
  on_small_stack([&finished] {
    auto main = [&finished]() -> Task<> {
      auto future = get_running_loop().create_future();
      TaskHandle<> last = create_task(future);
      for (int i = 0; i < 10'000; ++i) last = create_task(owns(std::move(last)));
      co_await turns(2);
      future.set_result();
      co_await last;
      finished = true;
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(finished);
}

TEST_CASE("stack: two tasks hand a ball to and fro") {
  constexpr int rounds = 50'000;
  int hits = 0;
  on_small_stack([&hits] {
    auto main = [&hits]() -> Task<> {
      std::vector<Future<int>> ball{get_running_loop().create_future<int>()};
      auto player = [&]() -> Task<> {
        while (hits < rounds) {
          const int count = co_await ball.back();
          ++hits;
          ball.back() = get_running_loop().create_future<int>();
          ball.back().set_result(count + 1);
          co_await turns(1);
        }
      };
      auto a = create_task(player());
      auto b = create_task(player());
      ball.back().set_result(0);
      co_await a;
      co_await b;
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(hits >= rounds);
}

TEST_CASE("stack: a hundred thousand done callbacks, each set off by the one before") {
  int called = 0;
  on_small_stack([&called] {
    auto main = [&called]() -> Task<> {
      std::vector<Future<>> futures;
      for (int i = 0; i < deep; ++i) futures.push_back(get_running_loop().create_future());
      for (std::size_t i = 0; i + 1 < futures.size(); ++i) {
        futures[i].add_done_callback([&, i](Future<>) {
          ++called;
          futures[i + 1].set_result();
        });
      }
      futures.front().set_result();
      co_await futures.back();
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(called == deep - 1);
}

TEST_CASE("stack: closing a loop with a task that is suspended a hundred thousand calls deep",
          "[TASK-06]") {
  bool closed = false;
  on_small_stack([&closed] {
    auto loop = new_event_loop(Backend::epoll);
    loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    auto future = loop->create_future<int>();
    auto task = loop->create_task(nested_around(deep, future));
    loop->run_once();
    loop->close();
    closed = !task.done();
  });
  CHECK(closed);
}

/// A task that gathers a task that gathers a task …
Task<int> gathers_around(int depth) {
  if (depth == 0) {
    co_await endless();
    co_return 0;
  }
  auto results = co_await gather(gathers_around(depth - 1));
  co_return std::get<0>(results) + 1;
}

TEST_CASE("stack: a cancellation through gathers inside gathers", "[GAT-08]") {
  constexpr int depth = 20'000;
  std::string how;
  on_small_stack([&how] {
    auto main = [&how]() -> Task<> {
      auto task = create_task(gathers_around(depth));
      co_await turns(depth + 1);
      task.cancel();
      how = co_await ending(task);
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(how == "CancelledError");
}

TEST_CASE("stack: a hundred thousand shields around each other", "[SHD-01]") {
  std::vector<std::string> endings;
  on_small_stack([&endings] {
    auto main = [&endings]() -> Task<> {
      for (const std::string end : {"result", "cancelled", "dropped"}) {
        auto inner = get_running_loop().create_future<>();
        Future<> outer = inner;
        for (int i = 0; i < deep; ++i) outer = shield(outer);
        if (end == "result") inner.set_result();
        if (end == "cancelled") inner.cancel();
        if (end == "dropped") break;
        endings.push_back(co_await ending(outer));
      }
    };
    asyncio::run(main, {.backend = Backend::epoll});
  });
  CHECK(endings == std::vector<std::string>{"a result", "CancelledError"});
}

TEST_CASE("stack: a hundred thousand exception groups inside each other") {
  bool is_made = false;
  on_small_stack([&is_made] {
    std::exception_ptr error = std::make_exception_ptr(std::runtime_error("innermost"));
    for (int i = 0; i < deep; ++i)
      error = std::make_exception_ptr(
          ExceptionGroup("outer", std::vector<std::exception_ptr>{std::move(error)}));
    is_made = error != nullptr;
  });
  CHECK(is_made);
}

}  // namespace

}  // namespace stack_test
