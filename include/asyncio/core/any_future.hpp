// A handle to a future of any type.
// Reference: https://docs.python.org/3/library/asyncio-future.html
#pragma once

#include <asyncio/core/future_base.hpp>
#include <concepts>
#include <string>

namespace asyncio {

/// Names a callback for remove_done_callback().
enum class CallbackId : std::uint64_t {};

namespace detail {

/// A fresh name, never zero.
[[nodiscard]] inline CallbackId next_callback_id() noexcept {
  static constinit std::atomic<std::uint64_t> last{0};
  return static_cast<CallbackId>(last.fetch_add(1, std::memory_order_relaxed) + 1);
}

/// A user's done callback: queued when the future is done, owned by the future, then by the queue.
class DoneCallback : public Pooled, public Subscriber, public ReadyNode {
 public:
  DoneCallback(Context context, CallbackId id) noexcept
      : Subscriber(&queue), ReadyNode(&run_callback), context_(std::move(context)), id_(id) {}
  virtual ~DoneCallback() = default;

  static bool remove(FutureBase& future, CallbackId id) noexcept {
    auto& list = future.subscribers();
    for (Subscriber* s = list.first(); s; s = list.next(*s)) {
      if (s->notify != &queue || static_cast<DoneCallback*>(s)->id_ != id) continue;
      delete static_cast<DoneCallback*>(s);
      return true;
    }
    return false;
  }
  /// Subscribes, or queues at once where the future is done already. Takes over `callback`.
  static void add(FutureBase& future, DoneCallback* callback) noexcept {
    if (future.done())
      queue(*callback, &future);
    else
      future.subscribe(*callback);
  }

 protected:
  virtual void call(FutureBase& future) = 0;

 private:
  static void queue(Subscriber& self, FutureBase* future) noexcept {
    auto& callback = static_cast<DoneCallback&>(self);
    // Neither a future that ends pending nor one that outlives its loop calls anybody.
    if (!future || !Scheduler::is_alive(&future->scheduler()))
      return static_cast<void>(delete &callback);
    callback.future_ = Ref(future);
    future->scheduler().push(callback);
  }

  static void run_callback(ReadyNode& node, Turn turn) noexcept {
    auto& self = static_cast<DoneCallback&>(node);
    if (turn == Turn::run) self.run_guarded();
    delete &self;
  }

  void run_guarded() noexcept {
    ContextScope scope(context_);
    Scheduler& scheduler = future_->scheduler();
    try {
      call(*future_);
    } catch (...) {
      std::exception_ptr error = std::current_exception();
      if (stops_the_loop(error)) return scheduler.interrupt(std::move(error));
      scheduler.report({.message = "Exception in callback",
                        .exception = std::move(error),
                        .future = future_.get(),
                        .handle = nullptr,
                        .where = future_->made_at()});
    }
  }

  Context context_;
  Ref<FutureBase> future_;  // once it is done
  CallbackId id_;
};

/// `Handle`: what the function is called with.
template <class F, class Handle>
class TypedDoneCallback final : public DoneCallback {
 public:
  template <class G>
  TypedDoneCallback(Context context, CallbackId id, G&& function)
      : DoneCallback(std::move(context), id), function_(std::forward<G>(function)) {}

 private:
  void call(FutureBase& future) override { function_(Handle(Ref(&future))); }
  F function_;
};

}  // namespace detail

/// A counted reference to a future or task of any type; may be empty. Compares by identity.
class AnyFuture {
 public:
  AnyFuture() noexcept = default;
  explicit AnyFuture(detail::Ref<detail::FutureBase> state) noexcept : state_(std::move(state)) {}

  /// Refers to a future.
  explicit operator bool() const noexcept { return static_cast<bool>(state_); }
  friend bool operator==(const AnyFuture&, const AnyFuture&) noexcept = default;

  /// Has a result or an exception, or was cancelled.
  [[nodiscard]] bool done() const noexcept { return state_->done(); }
  /// Was cancelled, and let the cancellation out if it is a task.
  [[nodiscard]] bool cancelled() const noexcept { return state_->cancelled(); }
  /// Pending, cancelled or finished.
  [[nodiscard]] FutureState state() const noexcept { return state_->state(); }

  /// The stored exception, or null. Counts as retrieval.
  /// Throws: CancelledError if cancelled; InvalidStateError while pending.
  [[nodiscard]] std::exception_ptr exception() const { return state_->exception(); }

  /// Asks to cancel; `message` reaches everyone who sees the cancellation.
  /// Returns: false if it is done already (an exception in it then counts as retrieved).
  /// Throws: RuntimeError on another thread than its loop's, if that is in debug mode.
  bool cancel(std::string message = {}) const {
    detail::Scheduler::check_thread(&state_->scheduler());
    return state_->cancel(detail::cancel_reason(std::move(message)));
  }

  /// Calls `function(handle)` through the loop once the future is done, in order of registration,
  /// in a copy of the current context; soon, if it is done already.
  template <class F>
    requires std::invocable<std::decay_t<F>&, AnyFuture>
  CallbackId add_done_callback(F&& function) const {
    return add_callback<AnyFuture>(detail::capture_context(), std::forward<F>(function));
  }

  /// Withdraws a callback. Returns: false if it is unknown or already queued.
  bool remove_done_callback(CallbackId id) const noexcept {
    return detail::DoneCallback::remove(*state_, id);
  }

  /// The loop it belongs to.
  [[nodiscard]] EventLoop& get_loop() const noexcept;

  /// Where it was made.
  [[nodiscard]] std::source_location made_at() const noexcept { return state_->made_at(); }

  /// "<Future finished exception=std::runtime_error: no>", as Python's repr().
  friend std::string to_string(const AnyFuture& future) {
    if (!future) return "<Future none>";
    return "<Future " + std::string(to_string(future.state())) + future.details_text() + '>';
  }

  /// By identity, for std::hash.
  [[nodiscard]] std::size_t hash() const noexcept { return std::hash<const void*>{}(state_.get()); }
  /// The shared state, for the library's own use.
  [[nodiscard]] const detail::Ref<detail::FutureBase>& shared_state() const noexcept {
    return state_;
  }
  /// Leaves the handle empty.
  [[nodiscard]] detail::Ref<detail::FutureBase> take_state() noexcept { return std::move(state_); }

 protected:
  /// What is the same in the text of a future and of a task: who waits for it, its failure.
  [[nodiscard]] std::string details_text() const {
    std::string text;
    if (const std::size_t waiters = state_->subscribers().size())
      text += " waiters=" + std::to_string(waiters);
    if (state_->failed()) text += " exception=" + detail::describe(state_->peek_error());
    return text;
  }

  template <class Handle, class F>
  CallbackId add_callback(Context context, F&& function) const {
    detail::Scheduler::check_thread(&state_->scheduler());
    const CallbackId id = detail::next_callback_id();
    using Callback = detail::TypedDoneCallback<std::decay_t<F>, Handle>;
    detail::DoneCallback::add(*state_,
                              new Callback(std::move(context), id, std::forward<F>(function)));
    return id;
  }

  detail::Ref<detail::FutureBase> state_;
};

}  // namespace asyncio

template <>
struct std::hash<asyncio::AnyFuture> {
  std::size_t operator()(const asyncio::AnyFuture& future) const noexcept { return future.hash(); }
};
