// One table of everything that can be awaited. tools/check_awaitables.py holds it against the
// headers.
#include <asyncio/core/wait_queue.hpp>
#include <asyncio/fs/file.hpp>
#include <asyncio/net/open_connection.hpp>
#include <asyncio/net/start_server.hpp>
#include <asyncio/net/udp_socket.hpp>
#include <asyncio/net/unix_streams.hpp>
#include <asyncio/process/create_subprocess.hpp>
#include <asyncio/process/signal_set.hpp>
#include <asyncio/tasks/callback_wait.hpp>
#include <asyncio/tasks/staggered_race.hpp>
#include <asyncio/tasks/to_thread.hpp>

#include <tasks/cancellation_table.hpp>

#include <sys/socket.h>
#include <unistd.h>

namespace cancellation_table_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

// --- tasks/ and core/ ----------------------------------------------------------------------------

/// What the cancellation of the await does to the future behind it.
enum class Inner : bool { is_cancelled, runs_on };

/// Awaits what `make(gate)` gives; complete() opens the gate.
template <auto make, Inner inner = Inner::is_cancelled>
class Gated final : public Subject {
 public:
  Task<> wait() override { static_cast<void>(co_await make(gate_)); }
  void complete() override {
    if (!gate_.done()) gate_.set_result(1);
  }
  Task<> finish() override {
    if constexpr (inner == Inner::runs_on) CHECK_FALSE(gate_.cancelled());
    complete();
    co_await turns(4);  // tasks behind the gate end
  }

 private:
  Future<int> gate_ = get_running_loop().create_future<int>();
};

/// Ends when the gate opens. Unlike the future, it is a task of its own for whoever schedules it.
Task<int> passes(Future<int> gate) {
  const Frame frame;
  const int value = co_await gate;
  co_return value;
}

/// Ends by itself.
template <auto make>
class Timed final : public Subject {
 public:
  Task<> wait() override { static_cast<void>(co_await make()); }
  void complete() override {}
};

/// The child's result is received by the task that awaits it, or stays in its handle.
class OfTask final : public Subject {
 public:
  Task<> wait() override {
    const int value = co_await child_;
    received += is_taken_ ? 0 : value;
    is_taken_ = true;
  }
  void complete() override {
    if (gate_.done()) return;
    gate_.set_result(1);
    ++sent;
  }
  Task<> finish() override {
    co_await turns(2);
    if (!gate_.done()) gate_.cancel();
    const Outcome<int> outcome = co_await as_outcome(child_);
    // Python: a request that reaches the child after the gate is open costs the child's result.
    if (!is_taken_) received += outcome.has_value() ? outcome.value() : sent;
  }

 private:
  Future<int> gate_ = get_running_loop().create_future<int>();
  TaskHandle<int> child_ = create_task(passes(gate_));
  bool is_taken_ = false;
};

/// Two futures; the steps get their results one after the other.
template <auto step>
class InOrder final : public Subject {
 public:
  Task<> wait() override {
    static_cast<void>(co_await step(iterator_));
    ++received;
  }
  void complete() override {
    for (const Future<int>& future : futures_) future.set_result(1);
    sent = 2;
  }
  Task<> finish() override {
    if (sent == 0) complete();
    while (auto handle = co_await iterator_.next()) ++received;
  }

 private:
  std::vector<Future<int>> futures_{get_running_loop().create_future<int>(),
                                    get_running_loop().create_future<int>()};
  AsCompleted<Future<int>> iterator_ = as_completed(futures_, {.timeout = 1h});
};

/// The queue that synchronisation is made of; its plain wake-up hands nothing over.
class InQueue final : public Subject {
 public:
  Task<> wait() override { co_await queue_.wait(); }
  void complete() override { queue_.wake_all(); }

 private:
  detail::WaitQueue queue_;
};

// --- sync/ ---------------------------------------------------------------------------------------

/// A lock that the task gets from us, or that stays free for us. `acquire` makes the await.
template <class L, auto acquire>
class OfLock final : public Subject {
 public:
  Task<> prepare() override { co_await lock_.acquire(); }
  Task<> wait() override {
    co_await acquire(lock_);
    ++received;
  }
  void complete() override {
    lock_.release();
    ++sent;
  }
  /// The lock was handed over, or can be taken now.
  Task<> finish() override {
    if (sent == 0) complete();
    if (received == 0) {
      co_await wait_for(lock_.acquire(), 1s);
      ++received;
    }
  }

 private:
  L lock_;
};

class OfEvent final : public Subject {
 public:
  Task<> wait() override { co_await event_.wait(); }
  void complete() override { event_.set(); }

 private:
  Event event_;
};

/// The lock is held after the wait, however it ends; the notification is not lost.
template <auto wait_for_it>
class OfCondition final : public Subject {
 public:
  Task<> wait() override {
    auto held = co_await condition_.scoped_acquire();
    co_await wait_for_it(condition_, is_done_);
  }
  void complete() override {
    is_done_ = true;
    notification_ = create_task([this]() -> Task<> {
      auto held = co_await condition_.scoped_acquire();
      condition_.notify();
    });
  }
  Task<> finish() override {
    co_await turns(6);
    CHECK_FALSE(condition_.locked());
  }

 private:
  Condition condition_;
  TaskHandle<> notification_;
  bool is_done_ = false;
};

/// Two parties: the second comes when the wait may complete.
class OfBarrier final : public Subject {
 public:
  Task<> wait() override { static_cast<void>(co_await barrier_.wait()); }
  void complete() override { other_ = create_task(barrier_.wait()); }
  Task<> finish() override {
    co_await turns(6);
    if (other_.shared_state() && !other_.done()) {
      co_await wait_for(barrier_.wait(), 1s);
      co_await other_;
    }
    CHECK(barrier_.n_waiting() == 0);
  }

 private:
  Barrier barrier_{2};
  TaskHandle<int> other_;
};
template <auto end>
class OfFreeBarrier final : public Subject {
 public:
  Task<> wait() override { co_await end(barrier_); }
  void complete() override {}

 private:
  Barrier barrier_{2};
};

/// An item is received, or still there.
class QueueGet final : public Subject {
 public:
  Task<> wait() override { received += co_await queue_.get(); }
  void complete() override { queue_.put_nowait(sent = 1); }
  Task<> finish() override {
    if (auto item = queue_.try_get()) received += *item;
    co_return;
  }

 private:
  Queue<int> queue_;
};

/// What put() says was put is there, and no more.
class QueuePut final : public Subject {
 public:
  QueuePut() { queue_.put_nowait(0); }
  Task<> wait() override {
    co_await queue_.put(1);
    ++sent;
  }
  void complete() override { static_cast<void>(queue_.get_nowait()); }
  Task<> finish() override {
    while (auto item = queue_.try_get()) received += *item;
    co_return;
  }

 private:
  Queue<int> queue_{1};
};

class QueueJoin final : public Subject {
 public:
  QueueJoin() { queue_.put_nowait(1); }
  Task<> wait() override { co_await queue_.join(); }
  void complete() override { queue_.task_done(); }

 private:
  Queue<int> queue_;
};

constexpr auto acquires = [](auto& lock) { return lock.acquire(); };
constexpr auto waits_once = [](Condition& condition, bool&) { return condition.wait(); };
constexpr auto waits_until = [](Condition& condition, bool& is_done) {
  return condition.wait_for([&is_done] { return is_done; });
};
constexpr auto resets = [](Barrier& barrier) { return barrier.reset(); };
constexpr auto aborts = [](Barrier& barrier) { return barrier.abort(); };

/// The same with a scoped acquisition, which releases at once.
template <class L>
class OfScopedLock final : public Subject {
 public:
  Task<> prepare() override { co_await lock_.acquire(); }
  Task<> wait() override { auto held = co_await lock_.scoped_acquire(); }
  void complete() override { lock_.release(); }
  Task<> finish() override {
    co_await turns(2);
    if (lock_.locked()) lock_.release();  // nobody completed it
    co_await wait_for(lock_.acquire(), 1s);
  }

 private:
  L lock_;
};

const Row sync_rows[] = {
    {"Lock::acquire", &make<OfLock<Lock, acquires>>},
    {"Lock::scoped_acquire", &make<OfScopedLock<Lock>>},
    {"Semaphore::acquire", &make<OfLock<Semaphore, acquires>>},
    {"Semaphore::scoped_acquire", &make<OfScopedLock<Semaphore>>},
    {"Event::wait", &make<OfEvent>},
    {"Condition::acquire", &make<OfLock<Condition, acquires>>},
    {"Condition::scoped_acquire", &make<OfScopedLock<Condition>>},
    {"Condition::wait", &make<OfCondition<waits_once>>},
    {"Condition::wait_for", &make<OfCondition<waits_until>>},
    {"Barrier::wait", &make<OfBarrier>},
    {"Barrier::reset", &make<OfFreeBarrier<resets>>},
    {"Barrier::abort", &make<OfFreeBarrier<aborts>>},
    {"Queue::get", &make<QueueGet>},
    {"Queue::put", &make<QueuePut>},
    {"detail::QueueBase::join", &make<QueueJoin>},
};

ASYNC_VIRTUAL_TEST("cancellation table: sync", "[sync][table]") { co_await run_table(sync_rows); }

/// A manager that awaits when it is entered and when it is left, and counts.
struct Manager {
  Subject* subject;
  Task<> aenter() {
    co_await turns(1);
    ++subject->sent;
  }
  Task<> aexit(std::exception_ptr) {
    ++subject->received;
    co_await turns(1);
  }
};

class InScope final : public Subject {
 public:
  Task<> wait() override {
    co_await async_with(Manager{this}, [this]() -> Task<> { co_await gate_; });
  }
  void complete() override {
    if (!gate_.done()) gate_.set_result();
  }

 private:
  Future<> gate_ = get_running_loop().create_future();
};

std::vector<TaskHandle<int>> two_tasks(const Future<int>& gate) {
  return {create_task(passes(gate)), create_task(passes(gate))};
}

class Attempt {
 public:
  explicit Attempt(Future<int> gate) : gate_(std::move(gate)) {}
  Task<int> operator()() const { return passes(gate_); }

 private:
  Future<int> gate_;
};

constexpr auto sleeps = [] { return sleep(1s); };
constexpr auto yields = [] { return sleep(0s); };
constexpr auto sleeps_for_a_result = [] { return sleep(1s, 1); };
constexpr auto future = [](Future<int>& gate) { return gate; };
constexpr auto coroutine = [](Future<int>& gate) { return passes(gate); };
constexpr auto gather_two = [](Future<int>& gate) { return gather(passes(gate), gate); };
constexpr auto gather_range = [](Future<int>& gate) { return gather(two_tasks(gate)); };
constexpr auto gather_outcomes = [](Future<int>& gate) {
  return gather(return_exceptions, passes(gate), passes(gate));
};
constexpr auto wait_all = [](Future<int>& gate) { return wait(two_tasks(gate)); };
constexpr auto wait_first = [](Future<int>& gate) {
  return wait(std::vector{gate}, {.timeout = 1h, .return_when = FIRST_COMPLETED});
};
constexpr auto limited_coroutine = [](Future<int>& gate) { return wait_for(passes(gate), 1h); };
constexpr auto limited_task = [](Future<int>& gate) {
  return wait_for(create_task(passes(gate)), 1h);
};
constexpr auto limited_future = [](Future<int>& gate) { return wait_for(gate, 1h); };
constexpr auto unlimited = [](Future<int>& gate) { return wait_for(gate, std::nullopt); };
constexpr auto limited_to_zero = [](Future<int>& gate) {
  return wait_for(create_task(passes(gate)), 0s);
};
constexpr auto shield_task = [](Future<int>& gate) { return shield(passes(gate)); };
constexpr auto shield_future = [](Future<int>& gate) { return shield(gate); };
constexpr auto group_body = [](Future<int>& gate) {
  return async_with(TaskGroup{}, [&gate](TaskGroup& tg) -> Task<> {
    tg.create_task(passes(gate));
    co_await gate;
  });
};
constexpr auto group_exit = [](Future<int>& gate) {
  return async_with(TaskGroup{}, [&gate](TaskGroup& tg) -> Task<> {
    tg.create_task(passes(gate));
    tg.create_task(passes(gate));
    co_return;
  });
};
constexpr auto in_timeout = [](Future<int>& gate) {
  return async_with(timeout(1h), [&gate] { return gate; });
};
constexpr auto outcome_of_task = [](Future<int>& gate) { return as_outcome(passes(gate)); };
constexpr auto outcome_of_future = [](Future<int>& gate) { return as_outcome(gate); };
constexpr auto staggered = [](Future<int>& gate) {
  return staggered_race(std::vector{Attempt(gate), Attempt(gate)}, 0ms);
};
constexpr auto race_two = [](Future<int>& gate) { return race(passes(gate), sleep(1h)); };
constexpr auto each_item = [](Future<int>& gate) {
  auto work = [&gate](int) { return passes(gate); };
  return for_each_concurrently(std::views::iota(0, 3), 2, work);
};
constexpr auto mapped_items = [](Future<int>& gate) {
  auto work = [&gate](int) { return passes(gate); };
  return map_concurrently(std::views::iota(0, 3), 2, work);
};
constexpr auto started_task = [](Future<int>& gate) {
  return async_with(TaskGroup{}, [&gate](TaskGroup& tg) -> Task<> {
    auto work = [&gate](Started<int> started) -> Task<> { started(co_await passes(gate)); };
    co_await tg.start<int>(work);
  });
};
/// Gives one value when the gate opens.
AsyncGenerator<int> generates(Future<int> gate) {
  const int value = co_await passes(gate);
  co_yield value;
}
Task<> one_step(Future<int> gate) {
  auto generator = generates(gate);
  co_await generator.next();
}
constexpr auto generator_step = [](Future<int>& gate) { return one_step(gate); };
constexpr auto callback_wait = [](Future<int>& gate) {
  return detail::CallbackWait(gate.shared_state());
};
constexpr auto next = [](AsCompleted<Future<int>>& it) { return it.next(); };
constexpr auto next_result = [](AsCompleted<Future<int>>& it) { return it.awaitables().front(); };

const Row task_rows[] = {
    {"sleep", &make<Timed<sleeps>>},
    {"sleep, a yield", &make<Timed<yields>>},
    {"sleep, with a result", &make<Timed<sleeps_for_a_result>>},
    {"Task", &make<Gated<coroutine>>},
    {"Future::operator co_await", &make<Gated<future>>},
    {"TaskHandle::operator co_await", &make<OfTask>},
    {"gather", &make<Gated<gather_two>>},
    {"gather, a range", &make<Gated<gather_range>>},
    {"gather, return_exceptions", &make<Gated<gather_outcomes>>},
    {"wait", &make<Gated<wait_all, Inner::runs_on>>},
    {"wait, FIRST_COMPLETED", &make<Gated<wait_first, Inner::runs_on>>},
    {"wait_for, a coroutine", &make<Gated<limited_coroutine>>},
    {"wait_for, a task", &make<Gated<limited_task>>},
    {"wait_for, a future", &make<Gated<limited_future>>},
    {"wait_for, without a limit", &make<Gated<unlimited>>},
    {"wait_for, zero", &make<Gated<limited_to_zero>>, "TimeoutError"},
    {"shield, a coroutine", &make<Gated<shield_task, Inner::runs_on>>},
    {"shield, a future", &make<Gated<shield_future, Inner::runs_on>>},
    {"AsCompleted::next", &make<InOrder<next>>},
    {"AsCompleted::awaitables", &make<InOrder<next_result>>},
    {"async_with", &make<InScope>},
    {"async_with, TaskGroup, in the body", &make<Gated<group_body>>},
    {"async_with, TaskGroup, in the exit", &make<Gated<group_exit>>},
    {"async_with, Timeout", &make<Gated<in_timeout>>},
    {"as_outcome, a coroutine", &make<Gated<outcome_of_task>>, "a result", "a result"},
    {"as_outcome, a future", &make<Gated<outcome_of_future>>, "a result", "a result"},
    {"race", &make<Gated<race_two>>},
    {"for_each_concurrently", &make<Gated<each_item>>},
    {"map_concurrently", &make<Gated<mapped_items>>},
    {"TaskGroup::start", &make<Gated<started_task>>},
    {"AsyncGenerator::next", &make<Gated<generator_step>>},
    {"staggered_race", &make<Gated<staggered>>},
    {"detail::CallbackWait", &make<Gated<callback_wait, Inner::runs_on>>},
    {"detail::WaitQueue", &make<InQueue>},
    // Threads: their rows go here.
};

ASYNC_VIRTUAL_TEST("cancellation table: tasks", "[tasks][table]") { co_await run_table(task_rows); }

// --- net/ ----------------------------------------------------------------------------------------

Address loopback() { return *Address::from_numeric("127.0.0.1", 0); }

void put(const Socket& socket, std::string_view bytes) {
  REQUIRE(::send(socket.fileno(), bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(bytes.size()));
}

/// Fills the socket until the kernel takes no more.
void fill(const Socket& socket) {
  const std::string zeros(65536, '\0');
  while (::send(socket.fileno(), zeros.data(), zeros.size(), MSG_NOSIGNAL | MSG_DONTWAIT) > 0) {
  }
}

/// Takes what has come; gives how many bytes of it are no filling.
int take_all(const Socket& socket) {
  std::string bytes(65536, '\0');
  int count = 0;
  for (;;) {
    const ssize_t got = ::recv(socket.fileno(), bytes.data(), bytes.size(), MSG_DONTWAIT);
    if (got <= 0) return count;
    count += static_cast<int>(got - std::count(bytes.begin(), bytes.begin() + got, '\0'));
  }
}

/// What was sent and not received must come: not for ever, if it was lost.
Task<> take_rest(Subject& subject) {
  if (subject.received < subject.sent) co_await wait_for(subject.wait(), 5s);
}

class OnPair : public Subject {
 public:
  explicit OnPair(int type = SOCK_STREAM) : pair_(Socket::pair(type)) {}
  void complete() override {
    put(theirs(), "x");
    ++sent;
  }
  Task<> finish() override { co_await take_rest(*this); }

 protected:
  Socket& ours() { return pair_.first; }
  Socket& theirs() { return pair_.second; }

 private:
  std::pair<Socket, Socket> pair_;
};

class Recv final : public OnPair {
 public:
  Task<> wait() override {
    const std::string bytes = co_await ours().recv(8);
    received += static_cast<int>(bytes.size());
  }
};

class RecvInto final : public OnPair {
 public:
  Task<> wait() override {
    std::byte buffer[8];
    const std::size_t count = co_await ours().recv_into(buffer);
    received += static_cast<int>(count);
  }
};

class RecvFrom final : public OnPair {
 public:
  RecvFrom() : OnPair(SOCK_DGRAM) {}
  Task<> wait() override {
    const auto datagram = co_await ours().recvfrom(8);
    received += static_cast<int>(datagram.data.size());
  }
};

/// What send() says was sent has arrived, and no more.
class Send final : public OnPair {
 public:
  Send() { fill(ours()); }
  Task<> wait() override {
    const std::size_t count = co_await ours().send("y");
    sent += static_cast<int>(count);
  }
  void complete() override { received += take_all(theirs()); }
  Task<> finish() override {
    co_await turns(1);
    received += take_all(theirs());
  }
};

class SendAll final : public OnPair {
 public:
  SendAll() { fill(ours()); }
  Task<> wait() override { co_await ours().send_all("y"); }
  void complete() override { take_all(theirs()); }
};

class SendTo final : public Subject {
 public:
  Task<> wait() override { static_cast<void>(co_await ours_.sendto("y", theirs_.local_address())); }
  void complete() override {}

 private:
  static Socket bound() {
    Socket socket(AF_INET, SOCK_DGRAM);
    socket.bind(loopback());
    return socket;
  }
  Socket ours_ = bound();
  Socket theirs_ = bound();
};

class RecvFromInto final : public OnPair {
 public:
  RecvFromInto() : OnPair(SOCK_DGRAM) {}
  Task<> wait() override {
    std::byte buffer[8];
    const auto datagram = co_await ours().recvfrom_into(buffer);
    received += static_cast<int>(datagram.size);
  }
};

/// Two UDP sockets that are connected to each other.
class OnUdp : public Subject {
 public:
  OnUdp() {
    ours_.connect(theirs_.local_address());
    theirs_.connect(ours_.local_address());
  }

 protected:
  UdpSocket ours_ = UdpSocket::bind(loopback());
  UdpSocket theirs_ = UdpSocket::bind(loopback());
  DatagramBatch batch_{4, 8};
};

template <auto receive>
class UdpReceive final : public OnUdp {
 public:
  Task<> wait() override {
    auto received_now = co_await receive(ours_, batch_);
    received += bytes_in(received_now);
  }
  void complete() override {
    REQUIRE(::send(theirs_.fileno(), "x", 1, 0) == 1);
    ++sent;
  }
  Task<> finish() override { co_await take_rest(*this); }

 private:
  static int bytes_in(const Datagram& datagram) { return static_cast<int>(datagram.data.size()); }
  static int bytes_in(const std::string& bytes) { return static_cast<int>(bytes.size()); }
  static int bytes_in(const DatagramInfo& datagram) { return static_cast<int>(datagram.size); }
  int bytes_in(std::size_t count) const {
    int bytes = 0;
    for (const DatagramView& datagram : batch_) bytes += static_cast<int>(datagram.data.size());
    CHECK(count == batch_.size());
    return bytes;
  }
};

/// What is said to have been sent has arrived, and no more.
template <auto send>
class UdpSend final : public OnUdp {
 public:
  UdpSend() { batch_.add("y"); }
  Task<> wait() override {
    const std::size_t count = co_await send(ours_, batch_);
    sent += static_cast<int>(count);
  }
  void complete() override {}
  Task<> finish() override {
    std::byte buffer[8];
    for (ssize_t got; (got = ::recv(theirs_.fileno(), buffer, 8, MSG_DONTWAIT)) > 0;)
      received += static_cast<int>(got);
    co_return;
  }
};

constexpr auto udp_recvfrom = [](UdpSocket& socket, DatagramBatch&) { return socket.recvfrom(8); };
constexpr auto udp_recv = [](UdpSocket& socket, DatagramBatch&) { return socket.recv(8); };
constexpr auto udp_recv_many = [](UdpSocket& socket, DatagramBatch& batch) {
  return socket.recv_many(batch);
};
std::byte udp_buffer[8];
constexpr auto udp_recvfrom_into = [](UdpSocket& socket, DatagramBatch&) {
  return socket.recvfrom_into(udp_buffer);
};
constexpr auto udp_sendto = [](UdpSocket& socket, DatagramBatch&) {
  return socket.sendto("y", socket.remote_address());
};
constexpr auto udp_send = [](UdpSocket& socket, DatagramBatch&) { return socket.send("y"); };
constexpr auto udp_send_many = [](UdpSocket& socket, DatagramBatch& batch) {
  return socket.send_many(batch);
};

class Accept final : public Subject {
 public:
  Task<> wait() override {
    const Socket socket = co_await listener_.accept();
    ++received;
  }
  void complete() override {
    const Address address = listener_.local_address();
    ::connect(client_.fileno(), address.data(), address.size());
    ++sent;
  }
  Task<> finish() override { co_await take_rest(*this); }

 private:
  Socket listener_ = Socket::listen(loopback());
  Socket client_{AF_INET, SOCK_STREAM};
};

class Connect final : public Subject {
 public:
  Task<> wait() override {
    Socket socket(AF_INET, SOCK_STREAM);
    co_await socket.connect(listener_.local_address());
  }
  void complete() override {}

 private:
  Socket listener_ = Socket::listen(loopback());
};

/// A connection of streams to a plain socket.
class OnStreams : public Subject {
 public:
  Task<> prepare() override {
    Streams streams = co_await open_connection("127.0.0.1", listener_.local_address().port());
    reader_.emplace(std::move(streams.first));
    writer_.emplace(std::move(streams.second));
    peer_ = co_await listener_.accept();
  }

 protected:
  std::optional<StreamReader> reader_;
  std::optional<StreamWriter> writer_;
  Socket peer_;

 private:
  Socket listener_ = Socket::listen(loopback());
};

constexpr std::string_view line = "x\n";

/// `read` makes the await; what it does not give is read afterwards, up to the end of the stream.
template <auto read>
class OfReader : public OnStreams {
 public:
  Task<> wait() override { received += co_await read(*reader_); }
  void complete() override {
    put(peer_, line);
    peer_.shutdown_write();
    sent = static_cast<int>(line.size());
  }
  Task<> finish() override {
    if (sent == 0) complete();
    const std::string rest = co_await wait_for(reader_->read(), 5s);
    received += static_cast<int>(rest.size());
  }
};

/// The same with a reader made by hand.
template <auto read>
class OfFedReader final : public OfReader<read> {
 public:
  Task<> prepare() override {
    this->reader_.emplace();
    co_return;
  }
  void complete() override {
    this->reader_->feed_data(line);
    this->reader_->feed_eof();
    this->sent = static_cast<int>(line.size());
  }
};

constexpr auto size_of = [](const auto& bytes) { return static_cast<int>(bytes.size()); };
constexpr auto reads_some = [](StreamReader& reader) -> Task<int> {
  const std::string bytes = co_await reader.read(16);
  co_return size_of(bytes);
};
constexpr auto reads_all = [](StreamReader& reader) -> Task<int> {
  const std::string bytes = co_await reader.read();
  co_return size_of(bytes);
};
constexpr auto reads_into = [](StreamReader& reader) -> Task<int> {
  std::byte buffer[16];
  const std::size_t count = co_await reader.read_into(buffer);
  co_return static_cast<int>(count);
};
constexpr auto reads_line = [](StreamReader& reader) -> Task<int> {
  const std::string bytes = co_await reader.readline();
  co_return size_of(bytes);
};
constexpr auto reads_exactly = [](StreamReader& reader) -> Task<int> {
  const std::string bytes = co_await reader.readexactly(line.size());
  co_return size_of(bytes);
};
constexpr auto reads_until = [](StreamReader& reader) -> Task<int> {
  const std::string bytes = co_await reader.readuntil("\n");
  co_return size_of(bytes);
};
constexpr auto reads_next = [](StreamReader& reader) -> Task<int> {
  const auto bytes = co_await reader.next();
  co_return bytes ? size_of(*bytes) : 0;
};

/// `write` waits for a peer that does not read before complete().
template <auto write>
class OfWriter final : public OnStreams {
 public:
  Task<> wait() override { co_await write(*writer_, bytes_); }
  void complete() override { peer_task_ = create_task(read_everything()); }
  Task<> finish() override {
    writer_->abort();
    if (peer_task_) co_await *peer_task_;
  }

 private:
  Task<> read_everything() {
    std::string last = "unread";
    while (!last.empty()) {
      const Outcome<std::string> bytes = co_await as_outcome(peer_.recv(1 << 20));
      last = bytes.has_value() ? bytes.value() : "";  // the peer is told of abort() by an error
    }
  }
  std::string bytes_ = std::string(16 << 20, 'z');
  std::optional<TaskHandle<>> peer_task_;
};

constexpr auto drains = [](StreamWriter& writer, std::string_view bytes) {
  if (!writer.is_closing()) writer.write(bytes);
  return writer.drain();
};
constexpr auto writes_all = [](StreamWriter& writer, std::string_view bytes) {
  return writer.write_all(bytes);
};
constexpr auto waits_closed = [](StreamWriter& writer, std::string_view bytes) {
  writer.write(bytes);
  writer.close();
  return writer.wait_closed();
};
constexpr auto closes = [](StreamWriter& writer, std::string_view bytes) {
  writer.write(bytes);
  return writer.aclose();
};

class OpenConnection final : public Subject {
 public:
  Task<> wait() override {
    const Streams streams = co_await open_connection("localhost", port());
    static_cast<void>(streams);
  }
  void complete() override {}

 private:
  Port port() const { return listener_.local_address().port(); }
  Socket listener_ = Socket::listen(loopback());
};

Task<> read_to_the_end(StreamReader reader, StreamWriter writer) {
  const std::string bytes = co_await reader.read();
  writer.write(bytes);
}

class StartServer final : public Subject {
 public:
  Task<> wait() override {
    const Server server = co_await start_server(&read_to_the_end, "127.0.0.1", 0);
    CHECK(server.is_serving());
  }
  void complete() override {}
};

/// An abstract name, which leaves no file.
std::string unix_name() {
  std::string name(1, '\0');
  return name.append("asyncio-cancellation-table-").append(std::to_string(::getpid()));
}

class OpenUnixConnection final : public Subject {
 public:
  Task<> wait() override {
    const Streams streams = co_await open_unix_connection(unix_name());
    static_cast<void>(streams);
  }
  void complete() override {}

 private:
  Socket listener_ = Socket::listen(Address::from_unix_path(unix_name()));
};

class StartUnixServer final : public Subject {
 public:
  Task<> wait() override {
    const Server server = co_await start_unix_server(&read_to_the_end, unix_name());
    CHECK(server.is_serving());
  }
  void complete() override {}
};

/// A server with one client.
template <auto wait_for_server>
class OfServer final : public Subject {
 public:
  Task<> prepare() override {
    server_ = co_await start_server(&read_to_the_end, "127.0.0.1", 0);
    co_await client_.connect(server_->sockets().front().local_address());
    co_await turns(20);  // accepted
  }
  Task<> wait() override { co_await wait_for_server(*server_); }
  void complete() override {
    server_->close();
    client_.close();
  }
  Task<> finish() override {
    complete();
    server_->close_clients();
    co_await wait_for(server_->wait_closed(), 5s);
  }

 private:
  std::optional<Server> server_;
  Socket client_{AF_INET, SOCK_STREAM};
};

constexpr auto starts_serving = [](Server& server) { return server.start_serving(); };
constexpr auto serves_forever = [](Server& server) { return server.serve_forever(); };
constexpr auto waits_for_end = [](Server& server) { return server.wait_closed(); };
constexpr auto shuts_down = [](Server& server) { return server.shutdown(1h); };
constexpr auto resolves = [] { return getaddrinfo("localhost", 80); };
constexpr auto resolves_number = [] { return getaddrinfo("127.0.0.1", 80); };
constexpr auto names = [] { return getnameinfo(loopback()); };

const Row net_rows[] = {
    {"Socket::recv", &make<Recv>},
    {"Socket::recv_into", &make<RecvInto>},
    {"Socket::recvfrom", &make<RecvFrom>},
    {"Socket::recvfrom_into", &make<RecvFromInto>},
    {"Socket::send", &make<Send>},
    {"Socket::send_all", &make<SendAll>},
    {"Socket::sendto", &make<SendTo>},
    {"Socket::accept", &make<Accept>},
    {"Socket::connect", &make<Connect>},
    {"UdpSocket::recv", &make<UdpReceive<udp_recv>>},
    {"UdpSocket::recvfrom", &make<UdpReceive<udp_recvfrom>>},
    {"UdpSocket::recvfrom_into", &make<UdpReceive<udp_recvfrom_into>>},
    {"UdpSocket::recv_many", &make<UdpReceive<udp_recv_many>>},
    {"UdpSocket::send", &make<UdpSend<udp_send>>},
    {"UdpSocket::sendto", &make<UdpSend<udp_sendto>>},
    {"UdpSocket::send_many", &make<UdpSend<udp_send_many>>},
    {"StreamReader::read", &make<OfReader<reads_some>>},
    {"StreamReader::read, fed", &make<OfFedReader<reads_some>>},
    {"StreamReader::read, to the end", &make<OfReader<reads_all>>},
    {"StreamReader::read_into", &make<OfReader<reads_into>>},
    {"StreamReader::readline", &make<OfReader<reads_line>>},
    {"StreamReader::readline, fed", &make<OfFedReader<reads_line>>},
    {"StreamReader::readexactly", &make<OfReader<reads_exactly>>},
    {"StreamReader::readexactly, fed", &make<OfFedReader<reads_exactly>>},
    {"StreamReader::readuntil", &make<OfReader<reads_until>>},
    {"StreamReader::next", &make<OfReader<reads_next>>},
    {"StreamWriter::drain", &make<OfWriter<drains>>},
    {"StreamWriter::write_all", &make<OfWriter<writes_all>>},
    {"StreamWriter::wait_closed", &make<OfWriter<waits_closed>>},
    {"StreamWriter::aclose", &make<OfWriter<closes>>},
    {"open_connection", &make<OpenConnection>},
    {"start_server", &make<StartServer>},
    {"open_unix_connection", &make<OpenUnixConnection>},
    {"start_unix_server", &make<StartUnixServer>},
    {"Server::start_serving", &make<OfServer<starts_serving>>},
    {"Server::serve_forever", &make<OfServer<serves_forever>>, "CancelledError"},
    {"Server::wait_closed", &make<OfServer<waits_for_end>>},
    {"Server::shutdown", &make<OfServer<shuts_down>>},
    {"getaddrinfo", &make<Timed<resolves>>},
    {"getaddrinfo, a number", &make<Timed<resolves_number>>},
    {"getnameinfo", &make<Timed<names>>},
    // Pipes: their rows go here.
};

ASYNC_TEST("cancellation table: net", "[tasks][table]") { co_await run_table(net_rows); }

// --- process/ ------------------------------------------------------------------------------------

/// A program that copies what comes through a pipe of ours, until that is closed.
class OfProcess : public Subject {
 public:
  Task<> prepare() override {
    Process started = co_await create_subprocess_exec(
        argv("cat"), {.stdin_ = pipe_.reader.get(), .stdout_ = PIPE});
    process_.emplace(std::move(started));
    pipe_.reader.reset();
  }
  void complete() override {
    sent += static_cast<int>(::write(pipe_.writer.get(), "x", 1));
    pipe_.writer.reset();
  }
  Task<> finish() override {
    pipe_.writer.reset();
    const auto parts = co_await process_->communicate();
    received += static_cast<int>(parts.first->size());
    process_.reset();
  }

 protected:
  os::Pipe pipe_ = os::make_pipe();
  std::optional<Process> process_;
};

class ProcessWait final : public OfProcess {
 public:
  Task<> wait() override { co_await process_->wait(); }
};

/// What was read by a communicate() that is cancelled is there for the next.
class Communicate final : public OfProcess {
 public:
  Task<> wait() override {
    const auto parts = co_await process_->communicate();
    received += static_cast<int>(parts.first->size());
  }
};

/// No program is left.
template <auto make>
class Started final : public Subject {
 public:
  Task<> wait() override {
    Process process = co_await make();
    co_await process.wait();
  }
  void complete() override {}
  Task<> finish() override {
    siginfo_t info{};
    for (int i = 0; i < 2000; ++i) {
      if (::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) co_return;
      co_await sleep(1ms);
    }
    FAIL_CHECK("a program was not reaped");
  }
};

class NextSignal final : public Subject {
 public:
  Task<> wait() override {
    const int signal = co_await signals_.next();
    received += signal == SIGUSR1;
  }
  void complete() override {
    std::raise(SIGUSR1);
    ++sent;
  }
  Task<> finish() override { co_await take_rest(*this); }

 private:
  SignalSet signals_{SIGUSR1};
};

constexpr auto starts_program = [] { return create_subprocess_exec("true"); };
constexpr auto starts_shell = [] { return create_subprocess_shell("exit 3"); };

const Row process_rows[] = {
    {"create_subprocess_exec", &make<Started<starts_program>>},
    {"create_subprocess_shell", &make<Started<starts_shell>>},
    {"Process::wait", &make<ProcessWait>},
    {"Process::communicate", &make<Communicate>},
    {"SignalSet::next", &make<NextSignal>},
};

ASYNC_TEST("cancellation table: process", "[tasks][table]") { co_await run_table(process_rows); }
// --- fs/ and threads -----------------------------------------------------------------------------

/// An open file with two lines.
template <auto call>
class OfFile final : public Subject {
 public:
  OfFile() {
    const int fd = ::mkstemp(path_.data());
    CHECK(::write(fd, "one\ntwo\n", 8) == 8);
    ::close(fd);
  }
  ~OfFile() override { ::unlink(path_.c_str()); }

  Task<> prepare() override { file_ = co_await File::open(path_, "r+"); }
  Task<> wait() override { co_await call(file_); }
  void complete() override {}
  Task<> finish() override { co_await file_.close(); }

 private:
  std::string path_ = "/tmp/asyncio-table-XXXXXX";
  File file_;
};

constexpr auto opens_file = [] { return File::open("/dev/null"); };
constexpr auto reads_file = [](File& file) -> Task<> { static_cast<void>(co_await file.read(5)); };
constexpr auto reads_whole_file = [](File& file) -> Task<> {
  static_cast<void>(co_await file.read());
};
constexpr auto reads_file_into = [](File& file) -> Task<> {
  std::byte buffer[4];
  static_cast<void>(co_await file.read_into(buffer));
};
constexpr auto reads_file_line = [](File& file) -> Task<> {
  static_cast<void>(co_await file.readline());
};
constexpr auto reads_next_line = [](File& file) -> Task<> {
  static_cast<void>(co_await file.next());
};
constexpr auto reads_file_at = [](File& file) -> Task<> {
  static_cast<void>(co_await file.pread(2, 4));
};
constexpr auto writes_file = [](File& file) { return file.write("abc"); };
constexpr auto writes_file_at = [](File& file) { return file.pwrite("abc", 2); };
constexpr auto truncates = [](File& file) { return file.truncate(3); };
constexpr auto syncs = [](File& file) { return file.fsync(); };
constexpr auto syncs_data = [](File& file) { return file.fdatasync(); };
constexpr auto asks_status = [](File& file) -> Task<> { static_cast<void>(co_await file.stat()); };
constexpr auto closes_file = [](File& file) { return file.close(); };
constexpr auto calls_thread = [] { return to_thread([] { return 1; }); };
constexpr auto calls_thread_to_the_end = [] {
  return to_thread(wait_for_thread, [] { return 1; });
};

const Row thread_rows[] = {
    {"to_thread", &make<Timed<calls_thread>>},
    {"to_thread, to the end", &make<Timed<calls_thread_to_the_end>>},
    {"File::open", &make<Timed<opens_file>>},
    {"File::read", &make<OfFile<reads_file>>},
    {"File::read, to the end", &make<OfFile<reads_whole_file>>},
    {"File::read_into", &make<OfFile<reads_file_into>>},
    {"File::readline", &make<OfFile<reads_file_line>>},
    {"File::next", &make<OfFile<reads_next_line>>},
    {"File::pread", &make<OfFile<reads_file_at>>},
    {"File::write", &make<OfFile<writes_file>>},
    {"File::pwrite", &make<OfFile<writes_file_at>>},
    {"File::truncate", &make<OfFile<truncates>>},
    {"File::fsync", &make<OfFile<syncs>>},
    {"File::fdatasync", &make<OfFile<syncs_data>>},
    {"File::stat", &make<OfFile<asks_status>>},
    {"File::close", &make<OfFile<closes_file>>},
};

ASYNC_TEST("cancellation table: threads and files", "[tasks][table][THR-02]") {
  co_await run_table(thread_rows);
}

class ShutdownOfExecutor final : public Subject {
 public:
  Task<> wait() override { return get_running_loop().shutdown_default_executor(); }
  void complete() override {}
};

const Row shutdown_rows[] = {
    {"EventLoop::shutdown_default_executor", &make<ShutdownOfExecutor>},
};

ASYNC_TEST("cancellation table: the end of the executor", "[tasks][table][EXE-04]") {
  co_await to_thread([] {});
  co_await run_table(shutdown_rows);
}

}  // namespace

}  // namespace cancellation_table_test
