// A kernel backend on a virtual clock: real operations, but time passes only while all is idle.
// Reference: trio.testing.MockClock with autojump_threshold.
#pragma once

#include <algorithm>
#include <asyncio/backend/backend.hpp>
#include <asyncio/os/fd.hpp>
#include <asyncio/testing/deadlock.hpp>
#include <asyncio/testing/random.hpp>
#include <atomic>
#include <cerrno>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

namespace asyncio::detail {

/// How a virtual clock deals with the real world.
struct VirtualTimeOptions {
  std::uint64_t seed = 0;  ///< 0: nothing is permuted
  /// How long the kernel, or another thread, must be silent before time jumps. Real time.
  Backend::Duration grace = std::chrono::milliseconds(20);
  /// How long all must be silent before a loop without timers is called deadlocked. Real time.
  Backend::Duration patience = std::chrono::seconds(1);
};

/// Decorates a backend. poll() asks it without waiting; if nothing has happened and nothing is in
/// flight, the clock jumps by the whole timeout. With something in flight it first waits for the
/// kernel, for `grace` of real time, and once only: a kernel that was silent since the last call
/// is not asked again. So a test over the loopback interface is repeatable in practice, and a
/// server that waits for its next connection does not slow a clock down.
///
/// With a seed, what one poll() delivers comes in any order, sometimes one poll() later, and an
/// attempt() sometimes answers "would wait": what a real kernel may do at any time.
///
/// The inner backend gets a proxy for each operation, so that completions pass through here.
class VirtualTimeBackend final : public Backend {
 public:
  explicit VirtualTimeBackend(std::unique_ptr<Backend> inner, VirtualTimeOptions options = {})
      : inner_(std::move(inner)), options_(options), random_(options.seed) {
    note_requests();
  }
  ~VirtualTimeBackend() override { inner_.reset(); }  // first, the kernel uses the proxies

  /// Whom to ask for timers and to tell of a deadlock. Without one, poll(forever) waits.
  void watch(EventLoop& loop) noexcept { loop_ = &loop; }

  [[nodiscard]] std::string_view name() const noexcept override { return inner_->name(); }
  [[nodiscard]] TimePoint now() noexcept override { return now_; }

  bool attempt(Operation& operation) noexcept override {
    if (is_seeded() && random_.one_in(4)) return false;
    kernel_is_silent_ = false;
    return inner_->attempt(operation);
  }

  void submit(Operation& operation) noexcept override {
    ASYNCIO_ASSERT(!proxies_.contains(&operation), "an operation was submitted twice");
    kernel_is_silent_ = false;
    auto proxy = std::make_unique<Proxy>(*this, operation);
    Proxy& submitted = *proxy;
    proxies_.emplace(&operation, std::move(proxy));
    on_files_ += is_on_file(operation);
    operation.state = OperationState::in_flight;
    inner_->submit(submitted);
    note_requests();
  }

  void cancel(Operation& operation) noexcept override {
    if (operation.state != OperationState::in_flight) return;
    operation.state = OperationState::cancelling;
    kernel_is_silent_ = false;
    Proxy& proxy = proxy_of(operation);
    if (proxy.state == OperationState::in_flight) inner_->cancel(proxy);
    note_requests();
  }

  void cancel_sync(Operation& operation) noexcept override {
    Proxy& proxy = proxy_of(operation);
    if (std::erase(arrived_, &proxy) + std::erase(due_, &proxy) == 0)
      inner_->cancel_sync(proxy);
    else if (proxy.type->yields_descriptor && proxy.result >= 0)
      os::close_fd(proxy.result);
    operation.state = OperationState::done;
    operation.result = proxy.type->is_final ? proxy.result : -ECANCELED;
    on_files_ -= is_on_file(operation);
    proxies_.erase(&operation);
  }

  void close(int fd) noexcept override {
    kernel_is_silent_ = false;
    inner_->close(fd);
    note_requests();
  }

  [[nodiscard]] bool wants_poll() const noexcept override {
    return !arrived_.empty() || inner_->wants_poll();
  }
  [[nodiscard]] std::size_t in_flight() const noexcept override { return proxies_.size(); }

  void poll(Duration timeout) noexcept override {
    inner_->poll(Duration::zero());
    if (!has_news() && timeout > Duration::zero()) wait_or_jump(timeout);
    woken_.store(false, std::memory_order_relaxed);
    deliver();
    note_requests();
  }

  void wake() noexcept override {
    woken_.store(true, std::memory_order_release);
    inner_->wake();
  }

  void expect_wake(int change) noexcept override {
    threads_at_work_ += change;
    kernel_is_silent_ = false;
  }

  [[nodiscard]] int fd() const noexcept override { return inner_->fd(); }

 private:
  /// What the inner backend sees of an operation.
  struct Proxy : Operation {
    Proxy(VirtualTimeBackend& backend, Operation& operation) noexcept
        : owner(backend), original(operation) {
      type = operation.type;
      fd = operation.fd;
      flags = operation.flags;
      buffer = operation.buffer;
      length = operation.length;
      address = operation.address;
      address_length = operation.address_length;
      offset = operation.offset;
      on_complete = [](Operation& done) noexcept {
        Proxy& self = static_cast<Proxy&>(done);
        self.owner.kernel_is_silent_ = false;
        self.owner.arrived_.push_back(&self);
      };
    }
    VirtualTimeBackend& owner;
    Operation& original;
  };

  /// The loop asks for a poll() in the next turn.
  void note_requests() noexcept { has_requests_ = inner_->has_requests() || !arrived_.empty(); }
  [[nodiscard]] bool is_seeded() const noexcept { return options_.seed != 0; }
  [[nodiscard]] bool has_news() const noexcept {
    return !arrived_.empty() || woken_.load(std::memory_order_acquire) || is_loop_ready();
  }
  /// A decorated backend may have woken a task by itself.
  [[nodiscard]] bool is_loop_ready() const noexcept {
    const std::optional<TimePoint> due = loop_ ? loop_->next_due() : std::nullopt;
    return due && *due <= now_;
  }
  [[nodiscard]] bool awaits_the_world() const noexcept {
    return !proxies_.empty() || threads_at_work_ > 0;
  }
  static int is_on_file(const Operation& operation) noexcept {
    return operation.type->block != nullptr ? 1 : 0;
  }
  Proxy& proxy_of(const Operation& operation) noexcept {
    const auto found = proxies_.find(&operation);
    ASYNCIO_ASSERT(found != proxies_.end(), "an operation that is not in flight was cancelled");
    return *found->second;
  }

  void wait_or_jump(Duration timeout) noexcept {
    if (timeout >= no_timer && !timer_can_come()) return wait_for_the_world();
    if (on_files_ > 0)  // a disk that takes its time is not silent
      return inner_->poll(forever);
    if (awaits_the_world() && !kernel_is_silent_) {
      kernel_is_silent_ = true;  // until somebody says otherwise
      inner_->poll(options_.grace);
      if (has_news()) return;
    }
    now_ += timeout;
  }

  /// A deadline at the end of time is none.
  [[nodiscard]] bool timer_can_come() const noexcept {
    if (!loop_) return false;
    const std::optional<TimePoint> deadline = loop_->first_deadline();
    return deadline && *deadline != TimePoint::max();
  }

  void wait_for_the_world() noexcept {
    if (awaits_the_world() || !loop_) return inner_->poll(forever);
    inner_->poll(options_.patience);
    if (!has_news() && loop_->is_running()) report_deadlock();
  }

  void report_deadlock() noexcept {
    loop_->interrupt(std::make_exception_ptr(testing::Deadlock(describe_deadlock(*loop_))));
  }

  /// What on_complete causes waits for the next poll().
  void deliver() noexcept {
    std::vector<Proxy*> later;
    if (is_seeded()) permute(later);
    due_ = std::exchange(arrived_, std::move(later));
    for (std::reverse(due_.begin(), due_.end()); !due_.empty();) {
      Proxy* const proxy = due_.back();
      due_.pop_back();
      complete(*proxy);
    }
  }

  void permute(std::vector<Proxy*>& later) noexcept {
    for (std::size_t i = arrived_.size(); i > 1; --i)
      std::swap(arrived_[i - 1], arrived_[random_.below(i)]);
    while (arrived_.size() > 1 && random_.one_in(4)) {
      later.push_back(arrived_.back());
      arrived_.pop_back();
    }
  }

  void complete(Proxy& proxy) noexcept {
    Operation& original = proxy.original;
    original.result = proxy.result;
    original.address_length = proxy.address_length;
    original.state = OperationState::done;
    on_files_ -= is_on_file(original);
    proxies_.erase(&original);
    original.on_complete(original);
  }

  // A loop without a timer waits so long at a time, or longer (Scheduler::longest_wait).
  static constexpr Duration no_timer = std::chrono::hours(24);
  // Any fixed moment will do; this one is far from zero, where code forgets to subtract.
  static constexpr TimePoint epoch{std::chrono::hours(1000)};

  std::unique_ptr<Backend> inner_;
  VirtualTimeOptions options_;
  testing::Random random_;
  EventLoop* loop_ = nullptr;
  TimePoint now_ = epoch;
  std::unordered_map<const Operation*, std::unique_ptr<Proxy>> proxies_;  ///< all in flight
  std::vector<Proxy*> arrived_;  ///< done, for the end of this poll() or for the next
  std::vector<Proxy*> due_;      ///< of the delivery under way, last first
  std::atomic<bool> woken_{false};
  int threads_at_work_ = 0;        ///< that will call wake()
  int on_files_ = 0;               ///< operations in flight that end by themselves, however late
  bool kernel_is_silent_ = false;  ///< was asked for `grace`, and nothing happened since
};

}  // namespace asyncio::detail
