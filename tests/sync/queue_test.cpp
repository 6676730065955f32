#include <asyncio/sync/queue.hpp>

#include <tasks/steps.hpp>

namespace queue_test {

using namespace asyncio;
using namespace asyncio_test;

static_assert(!std::is_move_constructible_v<Queue<int>>);
static_assert(Awaitable<decltype(std::declval<Queue<int>&>().put(1))>);

namespace {

template <class F>
std::string error_of(F f) {
  try {
    f();
  } catch (...) {
    return describe(std::current_exception());
  }
  return "none";
}

TEST_CASE("queue: maxsize, and none", "[QUE-01][SYN-02]") {
  CHECK(Queue<int>().maxsize() == 0);
  CHECK(Queue<int>(-5).maxsize() == 0);
  Queue<int> unbounded;
  for (int i = 0; i < 1000; ++i) unbounded.put_nowait(i);
  CHECK_FALSE(unbounded.full());
  CHECK(unbounded.qsize() == 1000);

  Queue<int> queue(2);
  CHECK(queue.maxsize() == 2);
  CHECK(queue.empty());
  queue.put_nowait(1);
  CHECK_FALSE(queue.empty());
  CHECK_FALSE(queue.full());
  queue.put_nowait(2);
  CHECK(queue.full());
  CHECK(queue.qsize() == 2);
}

TEST_CASE("queue: the nowait variants refuse to wait", "[QUE-03][QUE-15]") {
  Queue<int> queue(1);
  CHECK_THROWS_AS(queue.get_nowait(), QueueEmpty);
  CHECK(queue.try_get() == std::nullopt);
  queue.put_nowait(1);
  CHECK_THROWS_AS(queue.put_nowait(2), QueueFull);
  CHECK(queue.try_get() == 1);
  CHECK(queue.empty());
  static_assert(!std::is_base_of_v<QueueEmpty, QueueShutDown> &&
                !std::is_base_of_v<QueueEmpty, QueueFull>);
}

ASYNC_TEST("queue: items come out in the order they went in", "[QUE-02]") {
  Queue<std::string> queue;
  for (const char* item : {"one", "two", "three"}) co_await queue.put(item);
  std::string all;
  while (!queue.empty()) all += co_await queue.get() + " ";
  CHECK(all == "one two three ");
}

ASYNC_TEST("queue: put and get do not suspend while they need not", "[QUE-02]") {
  Queue<int> queue(1);
  int other_turns = 0;
  get_running_loop().call_soon([&] { ++other_turns; });
  co_await queue.put(1);
  const int item = co_await queue.get();
  CHECK(item == 1);
  CHECK(other_turns == 0);
  co_await turns(1);
  CHECK(other_turns == 1);
}

ASYNC_TEST("queue: items that can only be moved", "[QUE-02]") {
  Queue<std::unique_ptr<int>> queue(1);
  auto consumer = create_task([&queue]() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 10; ++i) {
      auto item = co_await queue.get();
      sum += *item;
    }
    co_return sum;
  });
  for (int i = 0; i < 10; ++i) co_await queue.put(std::make_unique<int>(i));
  const int sum = co_await consumer;
  CHECK(sum == 45);
}

struct ItemTag;
struct Item : Counted<ItemTag> {
  explicit Item(std::string t) : text(std::move(t)) {}
  std::string text;
};

ASYNC_TEST("queue: every item is destroyed once", "[QUE-02]") {
  Item::count.reset();
  {
    Queue<Item> queue(2);
    auto producer = create_task([&queue]() -> Task<> {
      for (int i = 0; i < 20; ++i) {
        co_await queue.put(Item("a text that is too long for a small string " + std::to_string(i)));
      }
    });
    for (int i = 0; i < 18; ++i) {
      const Item item = co_await queue.get();
      CHECK(item.text.ends_with(" " + std::to_string(i)));
    }
    co_await producer;
    CHECK(queue.qsize() == 2);
  }
  CHECK(Item::count.alive() == 0);
}

ASYNC_TEST("queue: a put may be named, moved, and dropped", "[QUE-02]") {
  Queue<std::string> queue;
  auto put = queue.put("later");
  CHECK(queue.empty());
  co_await std::move(put);
  CHECK(queue.get_nowait() == "later");
  {
    auto dropped = queue.put("never");
  }
  CHECK(queue.empty());
}

ASYNC_TEST("queue: gathered gets and puts", "[QUE-02]") {
  Queue<int> queue(1);
  auto [a, b, x, y] = co_await gather(queue.get(), queue.get(), queue.put(1), queue.put(2));
  CHECK(a == 1);
  CHECK(b == 2);
  static_cast<void>(x);
  static_cast<void>(y);
}

ASYNC_TEST("queue: shut down, it drains and takes nothing", "[QUE-09]") {
  Queue<int> queue(2);
  queue.put_nowait(1);
  queue.shutdown();
  CHECK(error_of([&] { queue.put_nowait(2); }) == "the queue was shut down");
  const std::string put = co_await ending(queue.put(2));
  CHECK(put == "the queue was shut down");
  const int last = co_await queue.get();
  CHECK(last == 1);
  const std::string get = co_await ending(queue.get());
  CHECK(get == "the queue was shut down");
  CHECK(error_of([&] { static_cast<void>(queue.get_nowait()); }) == "the queue was shut down");
  CHECK(queue.try_get() == std::nullopt);
}

ASYNC_TEST("queue: shut down while it is full, a put raises at once", "[QUE-09]") {
  Queue<int> queue(1);
  queue.put_nowait(1);
  queue.shutdown();
  const std::string put = co_await ending(queue.put(2));
  CHECK(put == "the queue was shut down");
  CHECK(queue.qsize() == 1);
}

ASYNC_TEST("queue: shut down, join still waits for what is unfinished", "[QUE-09][QUE-08]") {
  Queue<int> queue;
  queue.put_nowait(1);
  queue.shutdown();
  auto joined = create_task(queue.join());
  co_await turns(2);
  CHECK_FALSE(joined.done());
  static_cast<void>(queue.get_nowait());
  queue.task_done();
  co_await joined;
}

ASYNC_TEST("queue: an immediate shutdown drops the items and releases join", "[QUE-10]") {
  Queue<std::unique_ptr<int>> queue(2);
  queue.put_nowait(std::make_unique<int>(1));
  queue.put_nowait(std::make_unique<int>(2));
  auto joined = create_task(queue.join());
  auto putter = create_task(queue.put(std::make_unique<int>(3)));
  co_await turns(1);
  queue.shutdown(true);
  CHECK(queue.empty());
  co_await joined;
  const std::string put = co_await ending(putter);
  CHECK(put == "the queue was shut down");
}

ASYNC_TEST("queue: an immediate shutdown leaves unfinished what was taken", "[QUE-10]") {
  Queue<int> queue;
  queue.put_nowait(1);
  queue.put_nowait(2);
  static_cast<void>(queue.get_nowait());
  auto joined = create_task(queue.join());
  co_await turns(1);
  queue.shutdown(true);
  co_await turns(2);
  CHECK_FALSE(joined.done());
  queue.task_done();
  co_await joined;
  CHECK_THROWS_AS(queue.task_done(), std::invalid_argument);
}

ASYNC_TEST("queue: an immediate shutdown after a soft one", "[QUE-11]") {
  Queue<int> queue;
  queue.put_nowait(1);
  queue.shutdown();
  CHECK(queue.qsize() == 1);
  queue.shutdown(true);
  CHECK(queue.empty());
  co_await queue.join();
  CHECK_THROWS_AS(queue.get_nowait(), QueueShutDown);
}

ASYNC_TEST("lifo queue: the newest first", "[QUE-12]") {
  LifoQueue<int> queue(3);
  for (int i = 1; i <= 3; ++i) co_await queue.put(i);
  CHECK(queue.full());
  const int first = co_await queue.get();
  CHECK(first == 3);
  CHECK(queue.get_nowait() == 2);
  CHECK(queue.try_get() == 1);
}

ASYNC_TEST("priority queue: the smallest first", "[QUE-13]") {
  PriorityQueue<std::pair<int, std::string>> queue;
  co_await queue.put({2, "second"});
  co_await queue.put({1, "first"});
  co_await queue.put({3, "third"});
  const auto first = co_await queue.get();
  CHECK(first.second == "first");
  CHECK(queue.get_nowait().second == "second");

  PriorityQueue<int, std::greater<int>> largest(5);
  for (int i : {3, 9, 4}) largest.put_nowait(i);
  CHECK(largest.get_nowait() == 9);
}

/// Gives every second item first: an order of one's own.
class OddFirst {
 public:
  void push(int&& item) { (item % 2 ? odd_ : even_).push_back(item); }
  int pop() {
    std::vector<int>& from = odd_.empty() ? even_ : odd_;
    const int item = from.front();
    from.erase(from.begin());
    return item;
  }

 private:
  std::vector<int> odd_, even_;
};

ASYNC_TEST("queue: another order by a policy", "[QUE-14]") {
  Queue<int, OddFirst> queue;
  for (int i = 0; i < 4; ++i) co_await queue.put(i);
  std::vector<int> all;
  while (auto item = queue.try_get()) all.push_back(*item);
  CHECK(all == std::vector<int>{1, 3, 0, 2});
}

TEST_CASE("queue: a main task may end before those that wait at its locks and queues", "[sync]") {
  int cancelled = 0;
  auto main_task = [&cancelled]() -> Task<> {
    Queue<int> queue, full(1);
    Lock lock;
    Semaphore semaphore(0);
    Event event;
    Condition condition;
    Barrier barrier(5);
    full.put_nowait(0);
    auto worker = [](auto wait, int& count) -> Task<> {
      try {
        static_cast<void>(co_await wait());
      } catch (const CancelledError&) {
        ++count;
        throw;
      }
    };
    auto notified = [&condition]() -> Task<> {
      auto held = co_await condition.scoped_acquire();
      co_await condition.wait();
    };
    co_await lock.acquire();
    create_task(worker([&] { return queue.get(); }, cancelled));
    create_task(worker([&] { return full.put(1); }, cancelled));
    create_task(worker([&] { return full.join(); }, cancelled));
    create_task(worker([&] { return lock.acquire(); }, cancelled));
    create_task(worker([&] { return lock.scoped_acquire(); }, cancelled));
    create_task(worker([&] { return semaphore.acquire(); }, cancelled));
    create_task(worker([&] { return event.wait(); }, cancelled));
    create_task(worker([&] { return barrier.wait(); }, cancelled));
    create_task(worker([&] { return notified(); }, cancelled));
    create_task(worker([&] { return notified(); }, cancelled));
    co_await turns(2);
    co_await condition.acquire();
    condition.notify();  // one is in line for the lock when it ends
    co_await turns(2);
  };
  run(main_task());
  CHECK(cancelled == 10);
}

/// Its move fails when told.
struct Fragile {
  explicit Fragile(int v) : value(v) {}
  Fragile(Fragile&& other) : value(other.value) {
    if (value == refused) throw std::runtime_error("cannot move");
  }
  int value;
  static inline int refused = 0;
};

ASYNC_VIRTUAL_TEST("queue: a put that fails leaves its room to the next", "[QUE-06]") {
  Fragile::refused = 0;
  Queue<Fragile> queue(1);
  queue.put_nowait(Fragile(1));
  auto a = create_task(queue.put(Fragile(2)));
  auto b = create_task(queue.put(Fragile(3)));
  co_await turns(1);
  static_cast<void>(queue.get_nowait());
  Fragile::refused = 2;
  const std::string how = co_await ending(a);
  CHECK(how == "cannot move");
  co_await b;
  CHECK(queue.get_nowait().value == 3);
  CHECK(queue.empty());
}

}  // namespace

}  // namespace queue_test
