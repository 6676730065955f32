// ConcurrentFuture<T>: what runs on a loop, seen from any thread.
// Reference: https://docs.python.org/3/library/concurrent.futures.html#future-objects
#pragma once

#include <asyncio/core/loop_gate.hpp>
#include <asyncio/core/task_handle.hpp>
#include <condition_variable>
#include <mutex>
#include <vector>

namespace asyncio {
namespace detail {

/// Whom to tell, and how: a delivery to some loop.
struct LoopListener {
  std::shared_ptr<LoopPort> port;
  Ref<Delivery> delivery;

  void tell() noexcept {
    if (port) port->deliver(std::move(delivery));
  }
};

/// The state that threads share, but for the result's type.
///
/// Invariant: it leaves `pending` once; whoever does so tells the listeners, outside the lock.
class ConcurrentBase {
 public:
  ConcurrentBase() = default;
  ConcurrentBase(const ConcurrentBase&) = delete;  // shared
  ConcurrentBase& operator=(const ConcurrentBase&) = delete;

  [[nodiscard]] bool is_pending() {
    const std::lock_guard lock(mutex_);
    return state_ == State::pending;
  }
  [[nodiscard]] bool is_cancelled() {
    const std::lock_guard lock(mutex_);
    return state_ == State::cancelled;
  }

  /// Returns: false if it has a result or an exception.
  bool cancel(std::exception_ptr reason) noexcept {
    LoopListener source;
    {
      const std::lock_guard lock(mutex_);
      if (state_ != State::pending) return state_ == State::cancelled;
      reason_ = std::move(reason);
      source = std::move(source_);
      state_ = State::cancelled;
    }
    source.tell();
    announce();
    return true;
  }

  /// The running side, to be told of a cancel(). Returns: false if that came already.
  [[nodiscard]] bool set_source(LoopListener source) {
    const std::lock_guard lock(mutex_);
    if (state_ != State::pending) return false;
    source_ = std::move(source);
    return true;
  }
  /// Tells `listener` once it is done, or now.
  void listen(LoopListener listener) {
    {
      const std::lock_guard lock(mutex_);
      if (state_ == State::pending) return listeners_.push_back(std::move(listener));
    }
    listener.tell();
  }

  /// Returns: true, it is done; false, the time is over.
  bool wait_until(std::optional<std::chrono::steady_clock::time_point> deadline) {
    std::unique_lock lock(mutex_);
    const auto is_done = [this] { return state_ != State::pending; };
    if (!deadline) {
      is_done_.wait(lock, is_done);
      return true;
    }
    return is_done_.wait_until(lock, *deadline, is_done);
  }

 protected:
  enum class State : unsigned char { pending, cancelled, finished, taken };
  ~ConcurrentBase() = default;

  /// Calls `store` and is finished, unless it was cancelled.
  template <class Store>
  void finish(Store store) noexcept {
    LoopListener source;  // let go outside the lock
    {
      const std::lock_guard lock(mutex_);
      if (state_ != State::pending) return;
      store();
      source = std::move(source_);
      state_ = State::finished;
    }
    announce();
  }

  /// Goes from finished to taken. Throws: CancelledError; InvalidStateError.
  void begin_to_take() {
    const std::lock_guard lock(mutex_);
    if (state_ == State::cancelled) throw_cancelled(reason_);
    if (state_ == State::pending) throw InvalidStateError("Result is not set.");
    if (state_ == State::taken) throw InvalidStateError("the result was already taken");
    state_ = State::taken;
  }

 private:
  void announce() noexcept {
    std::vector<LoopListener> listeners;
    {
      const std::lock_guard lock(mutex_);
      listeners.swap(listeners_);
    }
    is_done_.notify_all();
    for (LoopListener& listener : listeners) listener.tell();
  }

  std::mutex mutex_;  // guards all below
  std::condition_variable is_done_;
  State state_ = State::pending;
  std::exception_ptr reason_;  // of the cancellation; null: a plain one
  LoopListener source_;        // while it is pending
  std::vector<LoopListener> listeners_;
};

template <class T>
class ConcurrentState final : public ConcurrentBase {
 public:
  void settle(Outcome<T> outcome) noexcept {
    finish([&] { outcome_ = std::move(outcome); });
  }
  /// The outcome, moved out. Throws: as begin_to_take().
  [[nodiscard]] Outcome<T> take() {
    begin_to_take();
    return std::move(outcome_);
  }

 private:
  Outcome<T> outcome_;
};

}  // namespace detail

/// The outcome of something that runs on a loop, for other threads; run_coroutine_threadsafe() makes
/// them. Copies refer to the same one. The result is moved out, so one caller gets it.
/// Threads: any. It may outlive the loop; if the loop ends first, it is cancelled.
template <class T>
class ConcurrentFuture {
 public:
  using result_type = T;

  explicit ConcurrentFuture(std::shared_ptr<detail::ConcurrentState<T>> state) noexcept
      : state_(std::move(state)) {}

  /// Blocks until it is done and gives the result.
  /// Throws: what the coroutine threw; CancelledError; InvalidStateError if the result was taken;
  /// RuntimeError if this thread runs a loop and would have to wait.
  T get() const {
    check_may_block("get");
    static_cast<void>(state_->wait_until(std::nullopt));
    return state_->take().take();
  }
  /// Blocks at most for `limit`. Returns: whether it is done.
  /// Throws: RuntimeError if this thread runs a loop and would have to wait.
  [[nodiscard]] bool wait_for(LoopDuration limit) const {
    check_may_block("wait_for");
    return state_->wait_until(
        detail::Timer::deadline_after(limit, std::chrono::steady_clock::now()));
  }

  /// Cancels the task on its loop, soon; this future is cancelled at once.
  /// Returns: false if it is done otherwise.
  bool cancel(std::string message = {}) const {
    return state_->cancel(detail::cancel_reason(std::move(message)));
  }
  /// Has a result or an exception, or was cancelled.
  [[nodiscard]] bool done() const { return !state_->is_pending(); }
  /// Was cancelled, from either side.
  [[nodiscard]] bool cancelled() const { return state_->is_cancelled(); }

  friend bool operator==(const ConcurrentFuture&, const ConcurrentFuture&) noexcept = default;

  /// For the library's own use.
  [[nodiscard]] const std::shared_ptr<detail::ConcurrentState<T>>& shared_state() const noexcept {
    return state_;
  }

 private:
  void check_may_block(const char* call) const {
    if (detail::thread_state.running_loop && !done())
      throw RuntimeError("ConcurrentFuture." + std::string(call) +
                         "() would block a running loop: await wrap_future()");
  }

  std::shared_ptr<detail::ConcurrentState<T>> state_;
};

namespace detail {

/// Brings what a ConcurrentFuture ends with to a future of a loop.
template <class T>
class WrapDelivery final : public FutureDelivery {
 public:
  WrapDelivery(LoopGate& gate, std::shared_ptr<ConcurrentState<T>> state) noexcept
      : gate_(gate), state_(std::move(state)) {}

  [[nodiscard]] Future<T> expect(std::source_location where) {
    future_ = Ref(new DeliveredFuture<T>(gate_.loop(), Ref<FutureDelivery>(this), where));
    gate_.add(*this, Expect::surely);
    Future<T> result{Ref<FutureBase>(future_.get())};
    state_->listen({gate_.port(), Ref<Delivery>(this)});
    return result;
  }

 private:
  void arrived() noexcept override {
    const auto future = std::exchange(future_, {});
    gate_.remove(*this);
    if (future) settle(*future);
  }
  void settle(DeliveredFuture<T>& future) noexcept {
    Outcome<T> outcome;
    try {
      outcome = state_->take();
    } catch (const CancelledError&) {
      return future.settle_withdrawn(std::current_exception());
    } catch (...) {
      outcome.set_error(std::current_exception());
    }
    future.settle(outcome);
  }
  void orphaned() noexcept override { future_ = {}; }
  void abandon() noexcept override {
    state_->cancel(nullptr);
    const Ref<Delivery> kept(this);
    gate_.remove(*this);
    future_ = {};
  }

  LoopGate& gate_;
  std::shared_ptr<ConcurrentState<T>> state_;
  Ref<DeliveredFuture<T>> future_;  // of the loop's thread; null once nobody waits for it
};

}  // namespace detail

/// A future of `loop`, which runs on this thread, that ends as `future` does and takes its result.
/// Cancelling one cancels the other. Throws: RuntimeError without a running loop.
template <class T>
[[nodiscard]] Future<T> wrap_future(const ConcurrentFuture<T>& future, EventLoop& loop,
                                    std::source_location where = std::source_location::current()) {
  using Wrap = detail::WrapDelivery<T>;
  const detail::Ref<Wrap> wrap(
      new Wrap(loop.template service<detail::LoopGate>(), future.shared_state()));
  return wrap->expect(where);
}
template <class T>
[[nodiscard]] Future<T> wrap_future(const ConcurrentFuture<T>& future,
                                    std::source_location where = std::source_location::current()) {
  return wrap_future(future, get_running_loop(), where);
}
/// A loop's own future is returned as it is, as in Python.
template <FutureLike F>
[[nodiscard]] std::remove_cvref_t<F> wrap_future(F&& future) {
  return std::forward<F>(future);
}

}  // namespace asyncio
