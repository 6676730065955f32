// Loops that are made, run and closed on different threads.
#include <asyncio/core/event_loop.hpp>
//
#include <asyncio/net/socket.hpp>
#include <asyncio/tasks/as_outcome.hpp>
#include <asyncio/tasks/gather.hpp>
#include <asyncio/tasks/run_coroutine_threadsafe.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <functional>
#include <future>
#include <string>
#include <thread>

#include <support/async_test.hpp>
#include <support/uring.hpp>

namespace loop_threads_test {

using namespace asyncio;
using namespace std::chrono_literals;

namespace {

Task<int> work() {
  co_await sleep(0s);
  auto [one, two] = co_await gather(sleep(1ms, 1), sleep(1ms, 2));
  co_return one + two;
}

auto each_backend() { return GENERATE(Backend::automatic, Backend::epoll); }

TEST_CASE("loop threads: made here, run on a thread, used from here, closed here",
          "[THR-04][LOP-05]") {
  auto loop = new_event_loop(each_backend());
  std::thread thread([&] { loop->run_forever(); });
  auto future = run_coroutine_threadsafe(work(), *loop);
  CHECK(future.get() == 3);
  loop->call_soon_threadsafe([&] { loop->stop(); });
  thread.join();
  loop->close();
  CHECK(loop->is_closed());
}

TEST_CASE("loop threads: made here and destroyed on the thread that ran it") {
  int result = 0;
  auto loop = new_event_loop(each_backend());
  std::thread([&result, loop = std::move(loop)]() mutable {
    result = loop->run_until_complete(work());
    loop.reset();
  }).join();
  CHECK(result == 3);
  CHECK(run(work()) == 3);  // nothing of it is left behind here
}

TEST_CASE("loop threads: a task made before its loop runs elsewhere") {
  auto loop = new_event_loop(each_backend());
  auto task = loop->create_task(work());
  std::thread([&] { loop->run_until_complete(task); }).join();
  CHECK(task.result() == 3);
}

TEST_CASE("loop threads: one after the other runs the loop") {
  auto loop = new_event_loop(each_backend());
  CHECK(loop->run_until_complete(work()) == 3);
  for (int i = 0; i < 3; ++i) {
    int result = 0;
    std::thread([&] { result = loop->run_until_complete(work()); }).join();
    CHECK(result == 3);
  }
}

/// Waits on a socket that never becomes readable.
Task<> listen_forever(std::string* end) {
  Socket listener = Socket::listen(*Address::from_numeric("127.0.0.1", 0));
  try {
    co_await listener.accept();
  } catch (const CancelledError&) {
    *end = "cancelled";
    throw;
  } catch (const std::system_error& error) {
    *end = error.code() == std::errc::operation_canceled ? "ECANCELED" : error.what();
  }
}

/// Tells a listener's port, and gives what the first connection sends.
Task<std::string> serve_one(std::promise<std::uint16_t>* port) {
  Socket listener = Socket::listen(*Address::from_numeric("127.0.0.1", 0));
  port->set_value(listener.local_address().port());
  Socket connection = co_await listener.accept();
  std::string text = co_await connection.recv(100);
  co_return text;
}

TEST_CASE("loop threads: what is in flight when one thread leaves goes on for the next one") {
  auto loop = new_event_loop(each_backend());
  std::promise<std::uint16_t> port;
  auto serving = loop->create_task(serve_one(&port));
  std::thread([&] {
    loop->call_later(1ms, [&] { loop->stop(); });
    loop->run_forever();  // leaves the accept in flight
  }).join();
  CHECK_FALSE(serving.done());
  auto client = [](std::uint16_t number) -> Task<> {
    Socket socket(AF_INET, SOCK_STREAM);
    co_await socket.connect(*Address::from_numeric("127.0.0.1", number));
    co_await socket.send_all("hello");
  };
  std::thread([&] { run(client(port.get_future().get()), {.backend = Backend::epoll}); }).join();
  std::string text;
  std::thread([&] { text = loop->run_until_complete(serving); }).join();
  CHECK(text == "hello");
}

TEST_CASE("loop threads: closing a loop whose thread has ended lets go of what it had in flight") {
  std::string end = "nothing";
  auto loop = new_event_loop(each_backend());
  std::thread([&] {
    auto task = loop->create_task(listen_forever(&end));
    loop->call_later(1ms, [&] { loop->stop(); });
    loop->run_forever();
  }).join();
  loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop.reset();
  CHECK(end == "nothing");  // the frame was destroyed
}

TEST_CASE("loop threads: io_uring refuses a thread while another one has operations in flight") {
  if (asyncio_test::uring_refusal() != 0) SKIP("no io_uring here");
  std::string end;
  auto loop = new_event_loop(Backend::io_uring);
  auto task = loop->create_task(listen_forever(&end));
  loop->call_later(1ms, [&] { loop->stop(); });
  loop->run_forever();
  std::string refusal;
  std::string close_refusal;
  std::thread([&] {
    try {
      loop->run_once();
    } catch (const RuntimeError& error) {
      refusal = error.what();
    }
    try {
      loop->close();
    } catch (const RuntimeError& error) {
      close_refusal = error.what();
    }
  }).join();
  CHECK(refusal.starts_with("asyncio: this event loop has operations in the kernel"));
  CHECK(close_refusal == refusal);
  task.cancel();
  CHECK_THROWS_AS(loop->run_until_complete(task), CancelledError);  // goes on here
  CHECK(end == "cancelled");
}

TEST_CASE("loop threads: a loop is destroyed elsewhere while the thread that ran it goes on") {
  auto loop = new_event_loop(each_backend());
  CHECK(loop->run_until_complete(work()) == 3);
  std::thread([&] { loop.reset(); }).join();
  CHECK(run(work()) == 3);
}

/// What `function` throws on another thread.
std::string refusal_elsewhere(std::function<void()> function) {
  std::string text = "nothing";
  std::thread([&] {
    try {
      function();
    } catch (const RuntimeError& error) {
      text = error.what();
    }
  }).join();
  return text;
}

ASYNC_TEST("loop threads: debug mode refuses futures and tasks on other threads",
           "[FUT-18][DBG-04][SYN-04]") {
  const std::string expected =
      "Non-thread-safe operation invoked on an event loop other than the current one";
  EventLoop& loop = get_running_loop();
  loop.set_debug(true);
  auto future = loop.create_future<int>();
  auto task = create_task(sleep(1h));
  CHECK(refusal_elsewhere([&] { future.set_result(1); }) == expected);
  CHECK(refusal_elsewhere([&] { future.cancel(); }) == expected);
  CHECK(refusal_elsewhere([&] { task.cancel(); }) == expected);
  CHECK(refusal_elsewhere([&] { loop.call_soon([] {}); }) == expected);
  CHECK_FALSE(future.done());
  future.set_result(2);
  CHECK(future.result() == 2);
  task.cancel();
  static_cast<void>(co_await as_outcome(task));
}

ASYNC_TEST("loop threads: debug mode refuses what would wake a task on another thread",
           "[DBG-04][SYN-04]") {
  const std::string expected =
      "Non-thread-safe operation invoked on an event loop other than the current one";
  get_running_loop().set_debug(true);
  Event event;
  Lock lock;
  Semaphore permits(0);
  Condition condition;
  Queue<int> queue;
  co_await lock.acquire();
  std::vector<TaskHandle<>> waiting;
  auto acquires = [&]() -> Task<> { static_cast<void>(co_await lock.acquire()); };
  auto takes = [&]() -> Task<> { static_cast<void>(co_await permits.acquire()); };
  auto is_notified = [&]() -> Task<> {
    co_await condition.acquire();
    static_cast<void>(co_await condition.wait());
    condition.release();
  };
  auto waits = [&]() -> Task<> { static_cast<void>(co_await event.wait()); };
  auto gets = [&]() -> Task<> { static_cast<void>(co_await queue.get()); };
  waiting.push_back(create_task(acquires()));
  waiting.push_back(create_task(takes()));
  waiting.push_back(create_task(is_notified()));
  waiting.push_back(create_task(waits()));
  waiting.push_back(create_task(gets()));
  co_await sleep(0s);
  co_await sleep(0s);
  co_await condition.acquire();
  CHECK(refusal_elsewhere([&] { event.set(); }) == expected);
  CHECK(refusal_elsewhere([&] { lock.release(); }) == expected);
  CHECK(refusal_elsewhere([&] { permits.release(); }) == expected);
  CHECK(refusal_elsewhere([&] { condition.notify_all(); }) == expected);
  CHECK(refusal_elsewhere([&] { queue.put_nowait(1); }) == expected);
  CHECK(refusal_elsewhere([&] { queue.shutdown(); }) == expected);
  CHECK(refusal_elsewhere([&] { waiting[0].add_done_callback([](AnyFuture) {}); }) == expected);
  // Nothing has happened: here all of it works.
  CHECK_FALSE(event.is_set());
  CHECK(lock.locked());
  CHECK(queue.qsize() == 0);
  event.set();
  lock.release();
  permits.release();
  condition.notify_all();
  condition.release();
  queue.put_nowait(1);
  for (auto& task : waiting) co_await task;
}

TEST_CASE("loop threads: threads that come one after the other are told apart") {
  std::unique_ptr<EventLoop> loop;
  const Backend backend = each_backend();
  // Each thread's variables stand where those of the thread before it stood.
  std::thread([&] { loop = new_event_loop(backend); }).join();
  int result = 0;
  for (int i = 0; i < 3; ++i) {
    std::thread([&] { result += loop->run_until_complete(work()); }).join();
  }
  CHECK(result == 9);
  std::thread([&] { loop.reset(); }).join();
  CHECK(run(work()) == 3);
}

TEST_CASE("loop threads: a loop is set up on another thread than its maker's") {
  auto loop = new_event_loop(each_backend());
  bool was_called = false;
  bool was_reported = false;
  std::thread([&] {
    loop->set_exception_handler([&](EventLoop&, const ExceptionContext&) { was_reported = true; });
    auto future = loop->create_future<int>();
    future.add_done_callback([&](auto) { was_called = true; });
    future.set_result(1);
    loop->create_future<int>().set_exception(std::runtime_error("nobody asks for it"));
    loop->run_until_complete(sleep(0s));
  }).join();
  CHECK(was_called);
  CHECK(was_reported);
}

TEST_CASE("loop threads: the installed loop may have been destroyed elsewhere") {
  auto loop = new_event_loop();
  set_event_loop(loop.get());
  CHECK(&get_event_loop() == loop.get());
  std::thread([&] { loop.reset(); }).join();
  CHECK_THROWS_AS(get_event_loop(), RuntimeError);
  set_event_loop(nullptr);
}

}  // namespace

}  // namespace loop_threads_test
