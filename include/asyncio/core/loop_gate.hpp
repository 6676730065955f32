// The way into a loop for other threads that may outlive it.
// Reference: asyncio/futures.py, _chain_future, which asks whether the loop is closed.
#pragma once

#include <asyncio/core/event_loop.hpp>
#include <asyncio/core/future_wait.hpp>
#include <asyncio/detail/list.hpp>
#include <memory>
#include <mutex>

namespace asyncio::detail {

/// Something that another thread brings to a loop. The loop's gate lists it until the loop's thread
/// takes it out; whoever works on it elsewhere holds another reference.
///
/// Threads: counted atomically; in the list, and calling the virtual functions, only the loop's.
class Delivery : public ListHook, public ReadyNode {
 public:
  Delivery(const Delivery&) = delete;  // listed by address
  Delivery& operator=(const Delivery&) = delete;

  /// Asks the work that is to be delivered to end early, if it can be asked. Any thread.
  virtual void request_stop() noexcept {}

  void add_ref() noexcept { refs_.fetch_add(1, std::memory_order_relaxed); }
  void drop_ref() noexcept {
    if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
  }

 protected:
  Delivery() noexcept : ReadyNode(&arrive) {}
  virtual ~Delivery() = default;

  /// It was delivered, and is still listed.
  virtual void arrived() noexcept = 0;
  /// The loop closes, nothing will arrive: lets go of all that belongs to the loop.
  virtual void orphaned() noexcept = 0;

 private:
  friend class LoopGate;

  static void arrive(ReadyNode& node, Turn turn) noexcept {
    auto& self = static_cast<Delivery&>(node);
    if (turn == Turn::run && self.is_linked()) self.arrived();
    self.drop_ref();  // the inbox's
  }

  std::atomic<std::uint32_t> refs_{0};
  bool is_expected_ = false;  // the backend was told to expect a wake-up
};

/// What other threads know of a loop: perhaps that it is gone.
class LoopPort {
 public:
  explicit LoopPort(Scheduler& loop) noexcept : loop_(&loop) {}

  /// Has `delivery` arrive on the loop's thread, unless the loop has closed. Threads: any. A
  /// delivery is on its way once at a time.
  void deliver(Ref<Delivery> delivery) noexcept {
    const std::lock_guard lock(mutex_);  // keeps the loop alive for the call
    if (loop_) loop_->push_threadsafe(*delivery.release());
  }
  void close() noexcept {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
  }

 private:
  std::mutex mutex_;
  Scheduler* loop_;  // null once it is closing
};

/// Whether a delivery is bound to come, so that silence before it is not the end of all things.
enum class Expect : bool { perhaps, surely };

/// The loop's side of all deliveries.
class LoopGate final : public LoopService {
 public:
  explicit LoopGate(EventLoop& loop) : loop_(loop), port_(std::make_shared<LoopPort>(loop)) {}
  ~LoopGate() override {
    port_->close();
    while (Delivery* delivery = listed_.first()) {
      const Ref<Delivery> kept(delivery);
      remove(*delivery);
      delivery->orphaned();
    }
  }

  [[nodiscard]] const std::shared_ptr<LoopPort>& port() const noexcept { return port_; }
  [[nodiscard]] EventLoop& loop() const noexcept { return loop_; }

  void add(Delivery& delivery, Expect expect) noexcept {
    delivery.add_ref();  // the list's
    listed_.push_back(delivery);
    delivery.is_expected_ = expect == Expect::surely;
    if (delivery.is_expected_) loop_.backend_interface().expect_wake(+1);
  }
  /// Nothing more is wanted of `delivery`, which may end here.
  void remove(Delivery& delivery) noexcept {
    if (!delivery.is_linked()) return;
    delivery.unlink();
    if (delivery.is_expected_) loop_.backend_interface().expect_wake(-1);
    delivery.drop_ref();
  }
  /// Calls `visit` for each delivery that is listed; it must not remove any.
  template <class Visit>
  void for_each(Visit visit) {
    for (Delivery* delivery = listed_.first(); delivery; delivery = listed_.next(*delivery))
      visit(*delivery);
  }

 private:
  EventLoop& loop_;
  std::shared_ptr<LoopPort> port_;
  List<Delivery> listed_;  // in order of add()
};

template <class T>
class DeliveredFuture;

/// A delivery whose arrival settles a future of the loop.
class FutureDelivery : public Delivery {
 public:
  /// The future was cancelled: nothing is to arrive any more.
  virtual void abandon() noexcept = 0;
};

/// The future that another thread's work settles. Cancelling it does not wait for that thread.
template <class T>
class DeliveredFuture final : public WithResult<T> {
 public:
  DeliveredFuture(Scheduler& loop, Ref<FutureDelivery> source, std::source_location where) noexcept
      : WithResult<T>(loop, where), source_(std::move(source)) {}

  bool cancel(const std::exception_ptr& reason) noexcept override {
    this->mark_retrieved();
    if (this->done()) return false;
    source_->abandon();
    source_ = {};
    this->settle_cancelled(reason);
    return true;
  }

  /// What arrived. No effect if it is done already.
  void settle(Outcome<T>& outcome) noexcept {
    source_ = {};
    if (this->done()) return;
    if (!outcome.has_value()) return this->settle_error(outcome.error());
    try {
      this->slot_.construct(std::move(outcome.value()));
    } catch (...) {
      return this->settle_error(std::current_exception());
    }
    this->settle_result();
  }
  /// Nothing arrives, as the other side was cancelled.
  void settle_withdrawn(std::exception_ptr reason) noexcept {
    source_ = {};
    if (!this->done()) this->settle_cancelled(std::move(reason));
  }

 private:
  Ref<FutureDelivery> source_;  // until it is done
};

}  // namespace asyncio::detail
