#include <asyncio/core/running_loop.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <thread>

namespace running_loop_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

TEST_CASE("get_running_loop: throws where none runs", "[LOP-01]") {
  auto loop = testing::new_event_loop();
  set_event_loop(loop.get());
  CHECK_THROWS_WITH(get_running_loop(), "no running event loop");
  set_event_loop(nullptr);
}

TEST_CASE("get_running_loop: the one that runs on this thread", "[LOP-01]") {
  auto loop = testing::new_event_loop();
  EventLoop* seen = nullptr;
  bool seen_elsewhere = true;
  loop->call_soon([&] {
    seen = &get_running_loop();
    std::thread([&seen_elsewhere] {
      try {
        static_cast<void>(get_running_loop());
      } catch (const RuntimeError&) {
        seen_elsewhere = false;
      }
    }).join();
  });
  loop->run_once();
  CHECK(seen == loop.get());
  CHECK_FALSE(seen_elsewhere);
  CHECK_THROWS_AS(get_running_loop(), RuntimeError);
}

TEST_CASE("get_event_loop: the running one, else the installed one, else an error",
          "[LOP-02][LOP-03]") {
  set_event_loop(nullptr);
  CHECK_THROWS_AS(get_event_loop(), RuntimeError);
  auto installed = testing::new_event_loop();
  set_event_loop(installed.get());
  CHECK(&get_event_loop() == installed.get());
  auto running = testing::new_event_loop();
  EventLoop* seen = nullptr;
  running->call_soon([&seen] { seen = &get_event_loop(); });
  running->run_once();
  CHECK(seen == running.get());
  set_event_loop(nullptr);
  CHECK_THROWS_AS(get_event_loop(), RuntimeError);
}

TEST_CASE("set_event_loop: is for one thread", "[LOP-02][LOP-03]") {
  auto loop = testing::new_event_loop();
  set_event_loop(loop.get());
  bool found = true;
  std::thread([&found] {
    try {
      static_cast<void>(get_event_loop());
    } catch (const RuntimeError&) {
      found = false;
    }
  }).join();
  CHECK_FALSE(found);
  set_event_loop(nullptr);
}

TEST_CASE("new_event_loop: makes one that is not installed", "[LOP-03]") {
  set_event_loop(nullptr);
  auto loop = new_event_loop(Backend::epoll);
  CHECK_FALSE(loop->is_closed());
  CHECK_FALSE(loop->is_running());
  CHECK_THROWS_AS(get_event_loop(), RuntimeError);
}

}  // namespace

}  // namespace running_loop_test
