// Twins of queue_*.py: Queue, LifoQueue, PriorityQueue.

#include "scenario.hpp"

namespace conformance {
namespace queues_scenarios {

// QUE-01, QUE-02: items and waiters in order; put and get suspend only when full or empty.
SCENARIO(queue_order) {
  Queue<int> queue(2);
  log(queue.maxsize(), queue.qsize(), queue.empty(), queue.full());

  auto putter = [&](int first) -> Task<> {
    for (int i = first; i < first + 2; ++i) {
      co_await queue.put(i);
      log("put ", i, ", size ", queue.qsize());
    }
  };

  std::vector<TaskHandle<>> tasks;
  for (int first : {10, 20, 30}) tasks.push_back(create_task(putter(first)));
  co_await logged_turns(2);
  log("full ", queue.full());
  for (int i = 0; i < 6; ++i) {
    co_await tell("get", queue.get());
    co_await logged_turns(1);
  }
  co_await wait(tasks);
  log(queue.qsize(), queue.empty(), queue.full());

  std::vector<TaskHandle<>> getters;
  for (const char* who : {"a", "b", "c"}) getters.push_back(told(who, queue.get()));
  co_await turns(1);
  for (int i = 0; i < 3; ++i) {
    co_await queue.put(i);
    log("put ", i);
  }
  co_await logged_turns(2);
  Queue<int> unbounded(-1);
  for (int i = 0; i < 100; ++i) unbounded.put_nowait(i);
  log(unbounded.full(), " ", unbounded.qsize());
}

// QUE-04: a woken getter or putter looks again, and lines up again if somebody was faster.
SCENARIO(queue_recheck) {
  Queue<int> queue(1);
  auto a = told("a", queue.get());
  auto b = told("b", queue.get());
  auto c = told("c", queue.get());
  co_await turns(1);
  queue.put_nowait(1);
  log("faster ", queue.get_nowait());
  co_await logged_turns(2);
  for (int i : {2, 3, 4}) {
    co_await queue.put(i);
    log("put ", i);
  }
  co_await logged_turns(3);

  queue.put_nowait(0);
  auto d = told("d", queue.put(10));
  auto e = told("e", queue.put(20));
  co_await turns(1);
  log("get ", queue.get_nowait());
  queue.put_nowait(99);
  co_await logged_turns(2);
  for (int i = 0; i < 3; ++i) {
    co_await tell("get", queue.get());
    co_await logged_turns(1);
  }
}

// QUE-03, QUE-08, QUE-15: what the calls that do not wait refuse.
SCENARIO(queue_nowait) {
  Queue<int> queue(1);
  using Act = void (*)(Queue<int>&);
  const std::vector<Act> acts{
      [](Queue<int>& q) { static_cast<void>(q.get_nowait()); },
      [](Queue<int>& q) { q.put_nowait(1); }, [](Queue<int>& q) { q.put_nowait(2); },
      [](Queue<int>& q) { q.task_done(); }, [](Queue<int>& q) { q.task_done(); }};
  const std::vector<Act> later{[](Queue<int>& q) { q.put_nowait(3); },
                               [](Queue<int>& q) { log(q.get_nowait()); },
                               [](Queue<int>& q) { static_cast<void>(q.get_nowait()); }};
  auto try_all = [&](const std::vector<Act>& all) {
    for (Act act : all) {
      try {
        act(queue);
        log("done");
      } catch (const std::exception&) {
        log(error());
      }
    }
  };
  try_all(acts);
  queue.shutdown();
  try_all(later);
  co_return;
}

// QUE-05, QUE-07: a cancelled get never loses an item (bpo-23812).
SCENARIO(queue_cancel_get) {
  Queue<int> queue;
  auto a = told("a", queue.get());
  auto b = told("b", queue.get());
  auto c = told("c", queue.get());
  co_await turns(1);
  a.cancel("in line");
  queue.put_nowait(1);
  b.cancel("late");
  co_await logged_turns(3);
  log("size ", queue.qsize());
  auto d = told("d", queue.get());
  co_await turns(1);
  queue.put_nowait(2);
  d.cancel("nobody else");
  co_await logged_turns(2);
  log("size ", queue.qsize());
  co_await tell("main", queue.get());

  auto e = told("e", queue.get());
  auto f = told("f", queue.get());
  co_await turns(1);
  queue.put_nowait(3);
  e.cancel("and somebody is faster");
  log(queue.get_nowait());
  co_await logged_turns(3);
  log("done ", f.done());
  queue.put_nowait(4);
  co_await f;
}

// QUE-06, QUE-07: a cancelled put never loses its room, and its item is not put.
SCENARIO(queue_cancel_put) {
  Queue<int> queue(1);
  queue.put_nowait(0);
  auto a = told("a", queue.put(1));
  auto b = told("b", queue.put(2));
  auto c = told("c", queue.put(3));
  co_await turns(1);
  a.cancel("in line");
  log(queue.get_nowait());
  b.cancel("late");
  co_await logged_turns(3);
  const auto size = queue.qsize();
  log("size ", size, ", ", queue.get_nowait());
  co_await logged_turns(1);

  queue.put_nowait(4);
  auto d = told("d", queue.put(5));
  co_await turns(1);
  log(queue.get_nowait());
  d.cancel("nobody else");
  co_await logged_turns(2);
  log("size ", queue.qsize());
}

// QUE-05, QUE-06, CAN-06: create_task(queue.get()) and create_task(queue.put()) cancelled in the turn of the hand-off.
SCENARIO(queue_task_cancelled) {
  Queue<int> queue(1);
  auto get = create_task(queue.get());
  co_await turns(1);
  queue.put_nowait(1);
  log("taken ", get.cancel());
  co_await logged_turns(2);
  log("cancelled ", get.cancelled(), ", size ", queue.qsize());
  auto put = create_task(queue.put(2));
  auto other = told("other", queue.put(3));
  co_await turns(1);
  log(queue.get_nowait());
  log("taken ", put.cancel());
  co_await logged_turns(3);
  log("cancelled ", put.cancelled(), ", ", queue.get_nowait());
}

// QUE-08: join returns when task_done() was called for each item, or at once.
SCENARIO(queue_join) {
  Queue<int> queue;
  co_await tell("nothing", queue.join());
  for (int i = 0; i < 3; ++i) queue.put_nowait(i);
  std::vector<TaskHandle<>> joiners{told("x", queue.join()), told("y", queue.join())};

  auto worker = [&](std::string who) -> Task<> {
    for (;;) {
      const int item = co_await queue.get();
      log(who, " works on ", item);
      co_await turns(1);
      queue.task_done();
    }
  };

  std::vector<TaskHandle<>> workers{create_task(worker("a")), create_task(worker("b"))};
  co_await logged_turns(4);
  co_await wait(joiners);
  queue.put_nowait(9);
  auto again = told("again", queue.join());
  co_await logged_turns(4);
  co_await again;
  for (auto& task : workers) task.cancel();
  co_await wait(workers);
}

// QUE-09, QUE-11: after a shutdown puts raise, gets take what is left; join waits on.
SCENARIO(queue_shutdown) {
  Queue<int> queue(2);
  queue.put_nowait(1);
  queue.put_nowait(2);
  std::vector<TaskHandle<>> tasks{told("put 3", queue.put(3)), told("join", queue.join())};
  co_await turns(1);
  queue.shutdown();
  co_await logged_turns(2);
  try {
    co_await tell("put 4", queue.put(4));
  } catch (const QueueShutDown&) {
  }
  for (int i = 0; i < 3; ++i) {
    try {
      co_await tell("get", queue.get());
    } catch (const QueueShutDown&) {
    }
  }
  queue.task_done();
  co_await logged_turns(1);
  queue.task_done();
  co_await logged_turns(2);
  co_await wait(tasks);

  Queue<int> empty;
  tasks = {told("a", empty.get()), told("b", empty.get())};
  co_await turns(1);
  empty.put_nowait(1);
  empty.shutdown();
  empty.shutdown();
  co_await logged_turns(2);
  co_await wait(tasks);
}

// QUE-10, QUE-11: an immediate shutdown drops what is left, also after a soft one.
SCENARIO(queue_shutdown_immediate) {
  Queue<int> queue(3);
  for (int i = 0; i < 3; ++i) queue.put_nowait(i);
  log(queue.get_nowait());
  queue.put_nowait(3);
  std::vector<TaskHandle<>> tasks{told("put", queue.put(4)), told("join", queue.join())};
  co_await turns(1);
  queue.shutdown();
  log("size ", queue.qsize());
  queue.shutdown(true);
  log("size ", queue.qsize());
  co_await logged_turns(2);
  queue.task_done();
  co_await logged_turns(1);
  try {
    queue.task_done();
  } catch (const std::invalid_argument&) {
    log(error());
  }
  co_await wait(tasks);

  Queue<int> other;
  other.put_nowait(1);
  tasks = {told("join", other.join())};
  co_await turns(1);
  other.shutdown(true);
  co_await logged_turns(1);
  try {
    co_await other.get();
  } catch (const QueueShutDown&) {
    log(error());
  }
}

// QUE-12, QUE-13: last in first out; smallest first; both with waiters.
SCENARIO(queue_kinds) {
  auto use = [](auto& queue) -> Task<> {
    for (int item : {2, 3, 1}) co_await queue.put(item);
    auto putter = told("put", queue.put(0));
    co_await turns(1);
    for (int i = 0; i < 4; ++i) {
      co_await tell("get", queue.get());
      co_await turns(1);
    }
    co_await putter;
    std::vector<TaskHandle<>> getters{told("a", queue.get()), told("b", queue.get())};
    co_await turns(1);
    for (int item : {1, 2, 3}) queue.put_nowait(item);
    co_await logged_turns(2);
    const int last = queue.get_nowait();
    log(last, " ", queue.qsize());
  };
  Queue<int> fifo(3);
  LifoQueue<int> lifo(3);
  PriorityQueue<int> sorted(3);
  co_await use(fifo);
  co_await use(lifo);
  co_await use(sorted);
}

// QUE-02, QUE-08: the example of Python's documentation, in virtual time.
TIMED_SCENARIO(queue_pipeline) {
  Queue<std::string> queue(4);

  auto producer = [&](std::string who, int delay) -> Task<> {
    for (int i = 0; i < 4; ++i) {
      co_await sleep(std::chrono::milliseconds(delay));
      co_await queue.put(who + std::to_string(i));
      log(ms(), " put ", who, i);
    }
  };

  auto consumer = [&](std::string who, int delay) -> Task<> {
    for (;;) {
      const std::string item = co_await queue.get();
      log(ms(), " ", who, " got ", item);
      co_await sleep(std::chrono::milliseconds(delay));
      queue.task_done();
    }
  };

  std::vector<TaskHandle<>> consumers;
  consumers.push_back(create_task(consumer("x", 73)));
  consumers.push_back(create_task(consumer("y", 131)));
  co_await gather(producer("a", 10), producer("b", 19), producer("c", 27));
  co_await queue.join();
  log(ms(), " all done");
  for (auto& task : consumers) task.cancel();
  co_await wait(consumers);
  log(consumers[0].cancelled(), " ", consumers[1].cancelled());
}

}  // namespace queues_scenarios
}  // namespace conformance
