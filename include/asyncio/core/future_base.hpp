// What futures and tasks share: a state that changes once, and who wants to know.
// Reference: asyncio/futures.py, Future.
#pragma once

#include <asyncio/core/context.hpp>
#include <asyncio/core/scheduler.hpp>
#include <asyncio/detail/assert.hpp>
#include <asyncio/detail/list.hpp>

namespace asyncio {

/// Python's three states of a future; `finished` covers a result and an exception.
enum class FutureState : unsigned char { pending, cancelled, finished };

/// The word for it, as Python's.
[[nodiscard]] constexpr const char* to_string(FutureState state) noexcept {
  constexpr const char* names[] = {"pending", "cancelled", "finished"};
  return names[static_cast<unsigned char>(state)];
}

namespace detail {

/// Somebody to be told when a future is done. Told once, in order of subscription, and unlinked
/// before. Runs none of the user's code: it queues what shall run. A future that ends while it is
/// pending tells null.
struct Subscriber : ListHook {
  using Notify = void (*)(Subscriber&, FutureBase*) noexcept;
  explicit Subscriber(Notify function) noexcept : notify(function) {}
  Notify notify;
};

/// The part of a future that does not depend on its type. Counted; never moves.
///
/// Invariant: subscribers_ is empty once the state is not pending.
class FutureBase : public Pooled {
 public:
  FutureBase(Scheduler& scheduler, std::source_location made_at) noexcept
      : scheduler_(&scheduler), made_at_(made_at) {}
  struct OfTask {};  ///< for TaskBase
  FutureBase(Scheduler& scheduler, std::source_location made_at, OfTask) noexcept
      : scheduler_(&scheduler), made_at_(made_at), is_task_(true) {}
  FutureBase(const FutureBase&) = delete;  // subscribers and handles point at it
  FutureBase& operator=(const FutureBase&) = delete;
  ASYNCIO_ALWAYS_INLINE virtual ~FutureBase() {
    if (!subscribers_.empty()) [[unlikely]]
      abandon_subscribers();
  }

  void add_ref() noexcept { ++refs_; }
  ASYNCIO_ALWAYS_INLINE void drop_ref() noexcept {
    if (--refs_ == 0) end();
  }

  [[nodiscard]] Scheduler& scheduler() const noexcept { return *scheduler_; }
  [[nodiscard]] FutureState state() const noexcept { return state_; }
  [[nodiscard]] bool done() const noexcept { return state_ != FutureState::pending; }
  [[nodiscard]] bool cancelled() const noexcept { return state_ == FutureState::cancelled; }
  [[nodiscard]] bool succeeded() const noexcept {
    return state_ == FutureState::finished && !error_;
  }
  /// Whoever awaits it gets a CancelledError.
  [[nodiscard]] bool ends_cancelled() const noexcept {
    return done() && (cancelled() || (error_ && holds<CancelledError>(error_)));
  }
  [[nodiscard]] void* result_slot() const noexcept { return result_slot_; }
  [[nodiscard]] std::source_location made_at() const noexcept { return made_at_; }

  /// Cancels what is pending. `reason`: see Suspension::cancel. True if the request was taken.
  virtual bool cancel(const std::exception_ptr& reason) noexcept {
    mark_retrieved();
    if (done()) return false;
    settle_cancelled(reason);
    return true;
  }

  /// A task that cancel() is asked to reach through this future; null for a plain future.
  [[nodiscard]] TaskBase* as_task() noexcept;
  [[nodiscard]] bool is_task() const noexcept { return is_task_; }

  /// The stored exception, or null. Throws: CancelledError, InvalidStateError while pending.
  [[nodiscard]] std::exception_ptr exception() {
    require_done("Exception is not set.");
    mark_retrieved();
    if (cancelled()) throw_cancelled(error_);
    return error_;
  }

  /// The failure or the cancellation, as an exception; null for a result. Counts as retrieval.
  [[nodiscard]] std::exception_ptr failure() noexcept {
    mark_retrieved();
    if (!cancelled()) return error_;
    return error_ ? error_ : std::make_exception_ptr(CancelledError());
  }

  /// Throws what the future holds instead of a result; returns when it holds a result.
  void throw_failure() {
    if (!error_ && !cancelled()) [[likely]]
      return;
    mark_retrieved();
    if (cancelled()) throw_cancelled(error_);
    std::rethrow_exception(error_);
  }

  void require_done(const char* message) const {
    if (!done()) throw InvalidStateError(message);
  }
  void require_pending() const {
    Scheduler::check_thread(scheduler_);
    if (done()) throw InvalidStateError("invalid state: the future is already done");
  }

  /// The result stands in its slot.
  void settle_result() noexcept { settle(FutureState::finished); }
  void settle_error(std::exception_ptr error) noexcept {
    error_ = std::move(error);
    unretrieved_ = true;
    settle(FutureState::finished);
  }
  void settle_cancelled(std::exception_ptr reason) noexcept {
    error_ = std::move(reason);
    settle(FutureState::cancelled);
  }

  /// Tells `subscriber` when the future is done. Needs: pending.
  void subscribe(Subscriber& subscriber) noexcept { subscribers_.push_back(subscriber); }

  /// The failure has been seen: it is not reported when the last handle goes.
  void mark_retrieved() noexcept { unretrieved_ = false; }
  [[nodiscard]] bool failed() const noexcept { return done() && !cancelled() && error_; }
  /// The failure, without counting as retrieval.
  [[nodiscard]] const std::exception_ptr& peek_error() const noexcept { return error_; }

  [[nodiscard]] List<Subscriber>& subscribers() noexcept { return subscribers_; }

 protected:
  void settle(FutureState state) noexcept {
    ASYNCIO_ASSERT(!done(), "a future changes its state once");
    state_ = state;
    while (Subscriber* subscriber = subscribers_.pop_front()) subscriber->notify(*subscriber, this);
  }

  /// Says where the result will be, a stored_result_t<T>; alive once it succeeded.
  void place_result(void* slot) noexcept { result_slot_ = slot; }

  /// How an unretrieved failure is announced.
  [[nodiscard]] virtual const char* unretrieved_message() const noexcept {
    return "Future exception was never retrieved";
  }

 private:
  __attribute__((noinline)) void abandon_subscribers() noexcept {
    while (Subscriber* subscriber = subscribers_.pop_front())
      subscriber->notify(*subscriber, nullptr);
  }

  /// The last handle is gone: reports a failure that nobody asked for, and ends.
  void end() noexcept {
    if (unretrieved_ && !end_reported()) [[unlikely]]
      return;
    delete this;
  }
  /// Returns: false if the exception handler kept a handle.
  __attribute__((noinline)) bool end_reported() noexcept {
    refs_ = 1;
    unretrieved_ = false;
    Scheduler::report_to(scheduler_, {.message = unretrieved_message(),
                                      .exception = error_,
                                      .future = this,
                                      .handle = nullptr,
                                      .where = made_at_});
    return --refs_ == 0;
  }

  Scheduler* scheduler_;
  void* result_slot_ = nullptr;
  std::source_location made_at_;
  List<Subscriber> subscribers_;
  std::exception_ptr error_;  // finished: the failure; cancelled: the CancelledError with a text
  std::uint32_t refs_ = 0;
  FutureState state_ = FutureState::pending;
  bool unretrieved_ = false;  // holds a failure that nobody has asked for
  bool is_task_ = false;
};

/// A member of a combinator that is told in a later turn, as Python's done callbacks are.
/// `Owner` has `void child_done(FutureBase&) noexcept`, and may have `void child_abandoned() noexcept`
/// for a future that ended while it was pending: nobody is left who could complete it.
/// Destroying it ends the subscription. It keeps the future alive before and after, not while it
/// watches: two futures that wait for each other must not keep each other.
template <class Owner>
class ChildSubscription : public Subscriber, public ReadyNode {
 public:
  ChildSubscription() noexcept : Subscriber(&queue), ReadyNode(&run_child) {}

  /// Starts to watch `future`; one that is done already is reported in the next turn.
  void watch(Owner& owner, Ref<FutureBase> future) noexcept {
    owner_ = &owner;
    watched_ = future.get();
    if (future->done()) {
      future->scheduler().push(*this);
      future_ = std::move(future);
    } else {
      future->subscribe(*this);
      future_ = {};
    }
  }
  /// Keeps `future` without watching it.
  void keep(Ref<FutureBase> future) noexcept {
    watched_ = future.get();
    future_ = std::move(future);
  }
  /// Gives away what keeps the future alive.
  [[nodiscard]] Ref<FutureBase> release() noexcept { return std::move(future_); }
  /// child_done() will not be called any more.
  void stop() noexcept {
    unlink();
    leave_queue();
  }

  /// Null once the future was abandoned.
  [[nodiscard]] FutureBase* future() const noexcept { return watched_; }
  [[nodiscard]] Ref<FutureBase> shared_future() const noexcept { return Ref(watched_); }

 private:
  static void queue(Subscriber& subscriber, FutureBase* future) noexcept {
    auto& self = static_cast<ChildSubscription&>(subscriber);
    if (!future || !Scheduler::is_alive(&future->scheduler())) return self.abandon();
    self.future_ = Ref(future);
    future->scheduler().push(self);
  }
  void abandon() noexcept {
    watched_ = nullptr;
    if constexpr (requires(Owner& owner) { owner.child_abandoned(); }) owner_->child_abandoned();
  }
  static void run_child(ReadyNode& node, Turn turn) noexcept {
    auto& self = static_cast<ChildSubscription&>(node);
    if (turn == Turn::run)
      self.owner_->child_done(*self.watched_);
    else
      self.abandon();
  }

  Owner* owner_ = nullptr;
  FutureBase* watched_ = nullptr;
  Ref<FutureBase> future_;  // before it is watched, and once it is done
};

}  // namespace detail
}  // namespace asyncio
