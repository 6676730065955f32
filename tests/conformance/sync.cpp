// Twins of lock_*.py, event_*.py, condition_*.py, semaphore_*.py, barrier_*.py, sync_turns.py: how tasks wait for each other.

#include "scenario.hpp"

namespace conformance {
namespace sync_scenarios {

// LCK-01, LCK-02, LCK-04, LCK-08: first in, first out; a release takes a turn; locked() in between.
SCENARIO(lock_fifo) {
  Lock lock;
  co_await tell("main", lock.acquire());

  auto worker = [&](std::string who) -> Task<> {
    co_await tell(who, lock.acquire());
    co_await turns(1);
    log(who, " releases");
    lock.release();
    log("locked ", lock.locked());
  };

  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c"}) tasks.push_back(create_task(worker(who)));
  co_await logged_turns(2);
  log("locked ", lock.locked());
  lock.release();
  log("locked ", lock.locked());
  co_await logged_turns(8);
  co_await wait(tasks);
  log("locked ", lock.locked());
}

// LCK-02: while somebody waits, neither the releaser nor a newcomer overtakes; behind the cancelled only, one does.
SCENARIO(lock_barging) {
  Lock lock;
  co_await lock.acquire();
  auto a = told("a", lock.acquire());
  co_await turns(1);
  lock.release();
  auto again = told("releaser", lock.acquire());
  auto newcomer = told("newcomer", lock.acquire());
  for (int i = 0; i < 3; ++i) {
    co_await logged_turns(2);
    log("locked ", lock.locked());
    lock.release();
  }

  co_await lock.acquire();
  auto b = told("b", lock.acquire());
  co_await turns(1);
  b.cancel();
  lock.release();
  co_await tell("overtakes", lock.acquire());
  co_await logged_turns(2);
}

// LCK-05: a waiter that is cancelled in line leaves the others alone.
SCENARIO(lock_cancel_queued) {
  Lock lock;
  co_await lock.acquire();
  auto a = told("a", lock.acquire());
  auto b = told("b", lock.acquire());
  auto c = told("c", lock.acquire());
  co_await turns(1);
  b.cancel("b");
  co_await logged_turns(2);
  lock.release();
  co_await logged_turns(2);
  lock.release();
  co_await logged_turns(2);
  log("cancelled ", b.cancelled(), ", locked ", lock.locked());
}

// LCK-06: cancelled after the wake-up, the lock goes to the next (bpo-27585, bpo-32734); nobody left, it is free.
SCENARIO(lock_cancel_woken) {
  Lock lock;
  co_await lock.acquire();
  auto a = told("a", lock.acquire());
  auto b = told("b", lock.acquire());
  co_await turns(1);
  lock.release();
  a.cancel("late");
  co_await logged_turns(3);
  log("locked ", lock.locked());
  lock.release();

  co_await lock.acquire();
  auto c = told("c", lock.acquire());
  co_await turns(1);
  lock.release();
  c.cancel();
  co_await logged_turns(2);
  log("locked ", lock.locked());
}

// LCK-07: a release that finds cancelled waiters in front; they pass it on when they run.
SCENARIO(lock_cancel_race) {
  Lock lock;
  co_await lock.acquire();
  auto a = told("a", lock.acquire());
  auto b = told("b", lock.acquire());
  auto c = told("c", lock.acquire());
  co_await turns(1);
  a.cancel("a");
  b.cancel("b");
  lock.release();
  auto newcomer = told("newcomer", lock.acquire());
  co_await logged_turns(4);
  lock.release();
  co_await logged_turns(2);

  auto d = told("d", lock.acquire());
  auto e = told("e", lock.acquire());
  co_await turns(1);
  lock.release();
  e.cancel("e");
  co_await logged_turns(3);
  log("locked ", lock.locked());
}

// LCK-06, CAN-06: create_task(lock.acquire()) cancelled in the turn of the hand-off.
SCENARIO(lock_task_cancelled) {
  Lock lock;
  co_await lock.acquire();
  auto a = create_task(lock.acquire());
  auto b = told("b", lock.acquire());
  co_await turns(1);
  lock.release();
  log("taken ", a.cancel());
  co_await logged_turns(3);
  log("cancelled ", a.cancelled(), ", locked ", lock.locked());
}

// LCK-04, SYN-05: releasing a free lock; the scope releases also when its body fails or releases itself.
SCENARIO(lock_misuse) {
  Lock lock;
  try {
    lock.release();
  } catch (const RuntimeError&) {
    log(error());
  }

  auto body = [&](std::string what) -> Task<> {
    auto inside = [&]() -> Task<> {
      log("in the scope, locked ", lock.locked());
      if (what == "fails") throw std::invalid_argument("broken");
      if (what == "releases") lock.release();
      co_return;
    };
    co_await async_with(lock, inside);
  };

  for (const char* what : {"ends", "fails", "releases"}) {
    try {
      co_await body(what);
    } catch (const std::exception&) {
      log(error());
    }
    log("locked ", lock.locked());
  }
}

// SYN-03, LCK-05, LCK-06: composed with wait_for, also when the deadline and the release come together.
TIMED_SCENARIO(lock_timeout) {
  Lock lock;
  co_await lock.acquire();
  try {
    co_await wait_for(lock.acquire(), 1s);
  } catch (const TimeoutError&) {
    log(name(), " at ", ms());
  }
  get_running_loop().call_later(1s, [&lock] { lock.release(); });
  try {
    co_await wait_for(lock.acquire(), 2s);
    log("acquired at ", ms());
  } catch (const TimeoutError&) {
    log(name(), " at ", ms());
  }
  auto other = create_task(wait_for(lock.acquire(), 5s));
  co_await sleep(1s);
  lock.release();
  co_await sleep(0s);
  log("locked ", lock.locked(), " at ", ms());
  const bool result = co_await other;
  log(result);
}

// EVT-01, EVT-02: set() wakes all in order, once; who finds it set runs before those who are woken.
SCENARIO(event_order) {
  Event event;
  std::vector<TaskHandle<>> tasks{told("1", event.wait()), told("2", event.wait())};
  co_await logged_turns(1);
  tasks.push_back(told("3", event.wait()));
  event.set();
  event.set();
  log("set ", event.is_set());
  co_await logged_turns(2);
  co_await tell("main", event.wait());
  co_await wait(tasks);
}

// EVT-03, EVT-05: cleared after set(), it still lets pass who was woken, and nobody else.
SCENARIO(event_clear) {
  Event event;
  auto a = told("a", event.wait());
  co_await turns(1);
  event.set();
  event.clear();
  auto b = told("b", event.wait());
  log("set ", event.is_set());
  co_await logged_turns(2);
  event.set();
  co_await logged_turns(1);
  event.clear();
  auto c = told("c", event.wait());
  co_await logged_turns(2);
  log("done ", c.done());
  event.set();
  co_await c;
}

// EVT-04, CAN-07: cancelled before set() and after it; the others are woken.
SCENARIO(event_cancel) {
  Event event;
  auto a = told("a", event.wait());
  auto b = told("b", event.wait());
  auto c = told("c", event.wait());
  co_await turns(1);
  a.cancel("before");
  event.set();
  b.cancel("after");
  co_await logged_turns(2);
  log(a.cancelled(), b.cancelled(), c.cancelled());
  Event other;
  auto task = create_task(other.wait());
  co_await turns(1);
  task.cancel();
  co_await logged_turns(1);
  log(task.cancelled());
}

// CND-02, CND-06, CND-07: notify wakes the first n, in order, and they go on when the lock is free.
SCENARIO(condition_notify) {
  Condition condition;

  auto waiter = [&](std::string who) -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await tell(who, condition.wait());
    log(who, " has the lock: ", condition.locked());
  };

  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c", "d"}) tasks.push_back(create_task(waiter(who)));
  co_await logged_turns(2);
  {
    auto held = co_await condition.scoped_acquire();
    condition.notify();
    log("notified one");
    co_await logged_turns(2);
  }
  co_await logged_turns(3);
  {
    auto held = co_await condition.scoped_acquire();
    condition.notify(2);
    condition.notify(0);
  }
  co_await logged_turns(4);
  {
    auto held = co_await condition.scoped_acquire();
    condition.notify(2048);
    condition.notify_all();
  }
  co_await logged_turns(3);
  log("locked ", condition.locked());
  co_await wait(tasks);
}

// CND-06, CND-07: all return in the order in which they waited; late ones wait on.
SCENARIO(condition_notify_all) {
  Condition condition;

  auto waiter = [&](std::string who) -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await tell(who, condition.wait());
    log(who, " has the lock: ", condition.locked());
  };

  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c"}) tasks.push_back(create_task(waiter(who)));
  co_await turns(2);
  {
    auto held = co_await condition.scoped_acquire();
    condition.notify_all();
    tasks.push_back(create_task(waiter("late")));
    co_await logged_turns(1);
  }
  co_await logged_turns(6);
  log("done ", tasks[3].done());
  {
    auto held = co_await condition.scoped_acquire();
    condition.notify_all();
  }
  co_await wait(tasks);
}

// CND-08, CND-09: the predicate is asked first, then after each notification.
SCENARIO(condition_wait_for) {
  Condition condition;
  int value = 0;

  auto predicate = [&] {
    log("asked, ", value);
    return value > 1 ? value : 0;
  };

  auto waiter = [&]() -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await tell("waiter", condition.wait_for(predicate));
  };

  auto task = create_task(waiter());
  co_await logged_turns(1);
  for (value = 1; value <= 2; ++value) {
    {
      auto held = co_await condition.scoped_acquire();
      condition.notify();
    }
    co_await logged_turns(3);
  }
  value = 2;
  co_await task;
  co_await tell("without the lock", condition.wait_for(predicate));
  value = 0;
  try {
    co_await condition.wait_for(predicate);
  } catch (const RuntimeError&) {
    log(error());
  }
}

// CND-02, CND-06: wait and notify without the lock, which may be held by anyone.
SCENARIO(condition_errors) {
  Condition condition;
  try {
    co_await condition.wait();
  } catch (const RuntimeError&) {
    log(error());
  }
  using Act = void (*)(Condition&);
  const std::vector<Act> acts{[](Condition& c) { c.notify(); },
                              [](Condition& c) { c.notify_all(); },
                              [](Condition& c) { c.release(); }};
  for (Act act : acts) {
    try {
      act(condition);
    } catch (const RuntimeError&) {
      log(error());
    }
  }
  co_await condition.acquire();

  auto other = [&]() -> Task<> {
    condition.notify();
    log("notified by another task");
    condition.release();
    co_return;
  };

  co_await create_task(other());
  log("locked ", condition.locked());
}

// CND-03: a cancelled wait has the lock again before it raises (bpo-22970).
SCENARIO(condition_cancel) {
  Condition condition;

  auto waiter = [&](std::string who) -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await tell(who, condition.wait());
    log(who, " has the lock: ", condition.locked());
  };

  auto a = create_task(waiter("a"));
  auto b = create_task(waiter("b"));
  co_await turns(2);
  a.cancel("stop");
  co_await logged_turns(3);
  log("cancelled ", a.cancelled(), ", locked ", condition.locked());
  co_await condition.acquire();
  b.cancel("in line");
  co_await logged_turns(3);
  log("cancelled ", b.cancelled());
  condition.release();
  co_await logged_turns(3);
  log("cancelled ", b.cancelled(), ", locked ", condition.locked());
}

// CND-04: a notification of a task that is cancelled goes to another one (gh-112202).
SCENARIO(condition_cancel_notified) {
  Condition condition;

  auto waiter = [&](std::string who) -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await tell(who, condition.wait());
    log(who, " has the lock: ", condition.locked());
  };

  auto a = create_task(waiter("a"));
  auto b = create_task(waiter("b"));
  co_await turns(2);
  co_await condition.acquire();
  condition.notify();
  a.cancel("late");
  condition.release();
  co_await logged_turns(6);
  log(a.cancelled(), " ", b.done(), " ", condition.locked());
}

// CND-03, CND-05: cancelled, again and again, while it acquires the lock; the last error is raised.
SCENARIO(condition_cancel_relock) {
  Condition condition;

  auto waiter = [&](std::string who) -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await tell(who, condition.wait());
    log(who, " has the lock: ", condition.locked());
  };

  auto a = create_task(waiter("a"));
  auto b = create_task(waiter("b"));
  co_await turns(2);
  co_await condition.acquire();
  condition.notify();
  co_await logged_turns(2);
  a.cancel("first");
  co_await logged_turns(2);
  a.cancel("second");
  co_await logged_turns(1);
  condition.release();
  co_await logged_turns(6);
  log(a.cancelled(), " ", b.done(), " ", condition.locked());

  auto c = create_task(waiter("c"));
  co_await turns(2);
  co_await condition.acquire();
  condition.notify();
  co_await turns(2);
  condition.release();
  c.cancel("with the lock on its way");
  co_await logged_turns(3);
  log(c.cancelled(), " ", condition.locked());
}

// CND-01: two conditions share a lock.
SCENARIO(condition_shared_lock) {
  Lock lock;
  Condition full(lock), empty(lock);
  std::vector<int> items;

  auto consumer = [&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      auto held = co_await full.scoped_acquire();
      co_await full.wait_for([&] { return !items.empty(); });
      log("takes ", items.front());
      items.erase(items.begin());
      empty.notify();
    }
  };

  auto producer = [&]() -> Task<> {
    for (int i = 0; i < 3; ++i) {
      auto held = co_await empty.scoped_acquire();
      co_await empty.wait_for([&] { return items.empty(); });
      log("makes ", i);
      items.push_back(i);
      full.notify();
    }
  };

  co_await gather(consumer(), producer());
  log("locked ", full.locked(), " ", empty.locked(), " ", lock.locked());
}

// SEM-01, SEM-02, SEM-04: permits in order of arrival.
SCENARIO(semaphore_fifo) {
  try {
    Semaphore(-1).release();
  } catch (const std::invalid_argument&) {
    log(error());
  }
  Semaphore semaphore(2);
  co_await tell("main", semaphore.acquire());
  log("locked ", semaphore.locked());
  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c", "d"}) tasks.push_back(told(who, semaphore.acquire()));
  co_await logged_turns(2);
  log("locked ", semaphore.locked());
  semaphore.release();
  semaphore.release();
  log("locked ", semaphore.locked());
  co_await logged_turns(2);
  semaphore.release();
  co_await wait(tasks);
  log("locked ", semaphore.locked());
  semaphore.release();
  log("locked ", semaphore.locked());
}

// SEM-03, SEM-04, SEM-07: a permit goes straight to the first; who gets one wakes as many as are left.
SCENARIO(semaphore_handoff) {
  Semaphore semaphore(1);
  co_await semaphore.acquire();
  auto a = told("a", semaphore.acquire());
  co_await turns(1);
  semaphore.release();
  auto again = told("releaser", semaphore.acquire());
  co_await logged_turns(2);
  log("locked ", semaphore.locked());
  semaphore.release();
  co_await logged_turns(2);

  auto b = told("b", semaphore.acquire());
  co_await turns(1);

  auto release = [&] {
    for (int i = 0; i < 3; ++i) semaphore.release();
    log("released, locked ", semaphore.locked());
  };

  get_running_loop().call_soon(release);
  auto c = told("c", semaphore.acquire());
  auto d = told("d", semaphore.acquire());
  auto e = told("e", semaphore.acquire());
  co_await logged_turns(4);
  log("locked ", semaphore.locked(), ", e ", e.done());
  semaphore.release();
  co_await e;
}

// SEM-05, SEM-06: cancelled in line, and cancelled with the permit on its way (gh-90155).
SCENARIO(semaphore_cancel) {
  Semaphore semaphore(0);
  auto a = told("a", semaphore.acquire());
  auto b = told("b", semaphore.acquire());
  auto c = told("c", semaphore.acquire());
  co_await turns(1);
  a.cancel("in line");
  semaphore.release();
  b.cancel("late");
  co_await logged_turns(3);
  log("locked ", semaphore.locked());

  auto d = told("d", semaphore.acquire());
  co_await turns(1);
  semaphore.release();
  d.cancel("nobody else");
  log("locked ", semaphore.locked());
  auto newcomer = told("newcomer", semaphore.acquire());
  co_await logged_turns(3);
  log("locked ", semaphore.locked());
}

// SEM-06: several are woken and cancelled in the same turn; all permits are there afterwards.
SCENARIO(semaphore_cancel_all) {
  Semaphore semaphore(3);
  for (int i = 0; i < 3; ++i) co_await semaphore.acquire();
  std::vector<TaskHandle<>> tasks;
  for (int i = 0; i < 6; ++i) tasks.push_back(told(std::to_string(i), semaphore.acquire()));
  co_await turns(1);
  for (int i = 0; i < 3; ++i) semaphore.release();
  for (std::size_t i : {0u, 2u, 3u, 5u}) tasks[i].cancel();
  co_await logged_turns(4);
  for (std::size_t i = 0; i < tasks.size(); ++i)
    log(i, " done ", tasks[i].done(), ", cancelled ", tasks[i].cancelled());
  log("locked ", semaphore.locked());
  co_await tell("main", semaphore.acquire());
  log("locked ", semaphore.locked());
}

// SEM-08, SYN-05: one release too many; the scope.
SCENARIO(semaphore_bounded) {
  BoundedSemaphore semaphore(1);
  try {
    semaphore.release();
  } catch (const std::invalid_argument&) {
    log(error());
  }
  co_await async_with(semaphore, [&]() -> Task<> {
    log("locked ", semaphore.locked());
    co_return;
  });
  log("locked ", semaphore.locked());

  auto user = [&](std::string who) -> Task<> {
    auto held = co_await semaphore.scoped_acquire();
    log(who);
    co_await turns(1);
  };

  co_await gather(user("a"), user("b"), user("c"));
  log("locked ", semaphore.locked());
}

// SEM-06, CAN-06: create_task(semaphore.acquire()) cancelled in the turn of the hand-off.
SCENARIO(semaphore_task_cancelled) {
  Semaphore semaphore(0);
  auto a = create_task(semaphore.acquire());
  auto b = told("b", semaphore.acquire());
  co_await turns(1);
  semaphore.release();
  log("taken ", a.cancel());
  co_await logged_turns(3);
  log("cancelled ", a.cancelled(), ", locked ", semaphore.locked());
}

// BAR-01, BAR-02, BAR-04: all get a number, round after round.
SCENARIO(barrier_rounds) {
  try {
    static_cast<void>(Barrier(0).parties());
  } catch (const std::invalid_argument&) {
    log(error());
  }
  Barrier single(1);
  co_await tell("alone", single.wait());
  co_await tell("alone", single.wait());
  Barrier barrier(3);
  log(barrier.parties(), " ", barrier.n_waiting(), " ", barrier.broken());

  auto party = [&](std::string who) -> Task<> {
    for (int i = 0; i < 3; ++i) co_await tell(who + std::to_string(i), barrier.wait());
  };

  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b"}) tasks.push_back(create_task(party(who)));
  co_await logged_turns(2);
  log("waiting ", barrier.n_waiting());
  tasks.push_back(create_task(party("c")));
  co_await wait(tasks);
  log("waiting ", barrier.n_waiting());
}

// BAR-03, BAR-04: who comes while it drains belongs to the next round.
SCENARIO(barrier_draining) {
  Barrier barrier(2);
  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c", "d", "e"}) tasks.push_back(told(who, barrier.wait()));
  for (int i = 0; i < 8; ++i) {
    co_await logged_turns(1);
    log("waiting ", barrier.n_waiting());
  }
  co_await tell("f", barrier.wait());
  co_await wait(tasks);
  log("waiting ", barrier.n_waiting());
}

// BAR-05: a task cancelled while it fills counts no longer.
SCENARIO(barrier_cancel) {
  Barrier barrier(3);
  auto a = told("a", barrier.wait());
  auto b = told("b", barrier.wait());
  co_await logged_turns(2);
  b.cancel("b");
  co_await logged_turns(3);
  log("waiting ", barrier.n_waiting(), ", broken ", barrier.broken());
  auto c = told("c", barrier.wait());
  auto d = told("d", barrier.wait());
  std::vector<TaskHandle<>> round{a, c, d};
  co_await wait(round);

  auto e = told("e", barrier.wait());
  auto f = told("f", barrier.wait());
  co_await turns(1);
  auto g = told("g", barrier.wait());
  co_await turns(1);
  e.cancel("while it drains");
  co_await logged_turns(4);
  log("waiting ", barrier.n_waiting(), ", done ", f.done());
}

// BAR-06: reset sends away who waits, not who is blocked outside; an empty one does nothing.
SCENARIO(barrier_reset) {
  Barrier barrier(3);
  co_await barrier.reset();
  std::vector<TaskHandle<>> tasks{told("a", barrier.wait()), told("b", barrier.wait())};
  co_await logged_turns(2);
  co_await barrier.reset();
  log("waiting ", barrier.n_waiting(), ", broken ", barrier.broken());
  co_await logged_turns(4);

  for (const char* who : {"c", "d", "e", "f"}) tasks.push_back(told(who, barrier.wait()));
  co_await turns(1);
  auto reset = told("reset", barrier.reset());
  co_await logged_turns(8);
  log("waiting ", barrier.n_waiting());
  tasks.push_back(told("g", barrier.wait()));
  tasks.push_back(told("h", barrier.wait()));
  co_await wait(tasks);
  log("waiting ", barrier.n_waiting());
}

// BAR-06: reset while some have left and some have not.
SCENARIO(barrier_reset_draining) {
  Barrier barrier(2);
  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c"}) tasks.push_back(told(who, barrier.wait()));
  co_await turns(1);
  co_await barrier.reset();
  co_await logged_turns(6);
  log("waiting ", barrier.n_waiting());
  tasks.push_back(told("d", barrier.wait()));
  co_await wait(tasks);
}

// BAR-07, BAR-08: abort breaks it for those inside, those outside and those to come, until reset.
SCENARIO(barrier_abort) {
  Barrier barrier(2);
  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c", "d", "e"}) tasks.push_back(told(who, barrier.wait()));
  co_await turns(1);
  co_await barrier.abort();
  log("broken ", barrier.broken(), ", waiting ", barrier.n_waiting());
  co_await logged_turns(6);
  try {
    co_await barrier.wait();
  } catch (const BrokenBarrierError&) {
    log(error());
  }
  co_await barrier.reset();
  log("broken ", barrier.broken());
  tasks.push_back(told("f", barrier.wait()));
  tasks.push_back(told("g", barrier.wait()));
  co_await wait(tasks);
}

// SYN-05: the scope waits, and gives the number.
SCENARIO(barrier_scope) {
  Barrier barrier(2);

  auto party = [&](std::string who) -> Task<> {
    co_await async_with(barrier, [&](int index) -> Task<> {
      log(who, " ", index);
      co_await turns(1);
    });
    log(who, " left");
  };

  co_await gather(party("a"), party("b"));
}

// The turns that each operation takes.
SCENARIO(sync_turns) {
  Lock lock;
  Event event;
  Semaphore semaphore(1);
  Condition condition;
  Barrier barrier(2);
  Queue<int> queue(1);
  EventLoop& loop = get_running_loop();

  auto notified = [&]() -> Task<> {
    auto held = co_await condition.scoped_acquire();
    co_await condition.wait();
  };

  auto notifies = [&]() -> Task<> {
    auto held = co_await condition.scoped_acquire();
    condition.notify();
  };

  Turns t;
  co_await t.start();
  co_await t.measure("a free lock", [&] { return lock.acquire(); });
  loop.call_soon([&] { lock.release(); });
  co_await t.measure("a lock", [&] { return lock.acquire(); });
  loop.call_soon([&] { event.set(); });
  co_await t.measure("an event", [&] { return event.wait(); });
  co_await t.measure("a set event", [&] { return event.wait(); });
  co_await t.measure("a permit", [&] { return semaphore.acquire(); });
  loop.call_soon([&] { semaphore.release(); });
  co_await t.measure("no permit", [&] { return semaphore.acquire(); });
  auto task = create_task(notified());
  co_await t.measure("notifying", [&] { return notifies(); });
  co_await t.measure("notified", [&] { return task; });
  auto other = create_task(barrier.wait());
  co_await t.measure("a barrier", [&] { return barrier.wait(); });
  co_await t.measure("its other party", [&] { return other; });
  co_await t.measure("a put", [&] { return queue.put(1); });
  co_await t.measure("a get", [&] { return queue.get(); });
  loop.call_soon([&] { queue.put_nowait(2); });
  co_await t.measure("a get that waits", [&] { return queue.get(); });
  loop.call_soon([&] { queue.task_done(); });
  loop.call_soon([&] { queue.task_done(); });
  co_await t.measure("a join", [&] { return queue.join(); });
  t.stop();
}

}  // namespace sync_scenarios
}  // namespace conformance
