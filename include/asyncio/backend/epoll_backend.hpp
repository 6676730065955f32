// The backend for every Linux: waits until a descriptor is ready, then does the call itself.
// Reference: epoll(7); Python's selector_events.py.
#pragma once

#include <array>
#include <asyncio/backend/backend.hpp>
#include <asyncio/backend/blocking_pool.hpp>
#include <asyncio/backend/completions.hpp>
#include <asyncio/backend/descriptor_table.hpp>
#include <asyncio/backend/operations.hpp>
#include <asyncio/backend/retries.hpp>
#include <asyncio/backend/waker.hpp>
#include <asyncio/os/clock.hpp>
#include <asyncio/os/epoll.hpp>
#include <cerrno>
#include <cstdint>
#include <memory>

namespace asyncio::detail {

/// Level-triggered, one registration a descriptor. Interest is added when an operation waits for
/// it and removed only when an event finds nobody waiting, so that a connection which reads, is
/// answered and reads again costs no epoll_ctl(2).
class EpollBackend final : public Backend {
 public:
  EpollBackend() {
    const int error = epoll_.add(waker_.fd(), EPOLLIN, wake_event);
    if (error != 0) os::throw_system_error(-error, "epoll_ctl");
  }
  ~EpollBackend() override {
    if (pool_ != nullptr)
      pool_->collect_all([this](Operation& operation) { take_from_thread(operation); });
    forget_all();
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "epoll"; }
  [[nodiscard]] TimePoint now() noexcept override { return os::monotonic_now(); }
  [[nodiscard]] TimePoint coarse_now() noexcept override { return os::coarse_now(); }
  [[nodiscard]] Duration longest_slack() const noexcept override {
    return std::chrono::milliseconds(1);
  }

  bool attempt(Operation& operation) noexcept override {
    const int result = operation.type->attempt(operation);
    if (result == -EAGAIN) return false;
    operation.result = result;
    operation.state = OperationState::done;
    return true;
  }

  void submit(Operation& operation) noexcept override {
    has_requests_ = true;
    completions_.start(operation);
    if (operation.type->on_path) return submit_to_thread(operation);
    if (operation.fd < 0) return completions_.add(operation, -EBADF);
    Descriptor& descriptor = descriptors_[operation.fd];
    if (descriptor.is_closing) return completions_.add(operation, -EBADF);
    if (operation.type->block != nullptr) return submit_to_thread(operation);
    const int error = watch(descriptor, operation);
    if (error == -EPERM) {
      always_ready_.push_back(operation);
    } else if (error != 0) {
      completions_.add(operation, error);
    } else {
      descriptor.waiting.push_back(operation);
    }
  }

  void cancel(Operation& operation) noexcept override {
    has_requests_ = true;
    if (operation.state != OperationState::in_flight) return;
    if (operation.type->block == nullptr) return finish(operation, -ECANCELED);
    operation.state = OperationState::cancelling;
    if (pool_->withdraw(operation)) leave_thread(operation, -ECANCELED);
  }

  void cancel_sync(Operation& operation) noexcept override {
    cancel(operation);
    if (operation.state == OperationState::cancelling) {
      pool_->wait_for(operation);
      take_from_thread(operation);
    }
    completions_.discard(operation);
  }

  void close(int fd) noexcept override {
    has_requests_ = true;
    Descriptor& descriptor = descriptors_[fd];
    while (Operation* operation = descriptor.waiting.first()) finish(*operation, -ECANCELED);
    cancel_on(fd, always_ready_);
    cancel_on(fd, retries_.waiting());
    if (descriptor.on_threads != 0) {
      pool_->withdraw_on(fd, [this](Operation& operation) { leave_thread(operation, -ECANCELED); });
      descriptor.is_closing = descriptor.on_threads != 0;
      if (descriptor.is_closing) return;  // a thread uses the number
    }
    close_now(fd, descriptor);
  }

  [[nodiscard]] bool wants_poll() const noexcept override {
    return !completions_.empty() || !always_ready_.empty() ||
           (pool_ != nullptr && pool_->has_done());
  }
  [[nodiscard]] std::size_t in_flight() const noexcept override { return completions_.in_flight(); }

  void poll(Duration timeout) noexcept override {
    has_requests_ = false;
    if (!retries_.empty()) [[unlikely]]
      timeout = retries_.limit(timeout, now());
    const int count = epoll_.wait(events_, wants_poll() ? Duration::zero() : timeout);
    for (int i = 0; i < count; ++i) {  // -EINTR: none
      const epoll_event& event = events_[static_cast<std::size_t>(i)];
      if (event.data.u64 == wake_event) {
        waker_.drain();
      } else {
        take(event);
      }
    }
    attempt_always_ready();
    if (!retries_.empty()) [[unlikely]]
      retry();
    if (pool_ != nullptr)  // after the waker was drained, so that no wake-up is lost
      pool_->collect([this](Operation& operation) { take_from_thread(operation); });
    completions_.deliver();
  }

  [[nodiscard]] std::optional<TimePoint> next_attempt() const noexcept override {
    return retries_.next_attempt();
  }

  void wake() noexcept override { waker_.wake(); }

  [[nodiscard]] int fd() const noexcept override { return epoll_.fd(); }

 private:
  struct Descriptor {
    List<Operation> waiting;       ///< for readiness, in the order of submit()
    std::uint32_t armed = 0;       ///< EPOLL* events that the kernel reports; 0: not registered
    std::uint32_t generation = 0;  ///< tells this use of the number from earlier ones
    std::uint32_t on_threads = 0;  ///< operations that threads have or wait for
    bool is_closing = false;       ///< closed when no thread uses it
  };

  static constexpr std::uint64_t wake_event = ~0ull;  // no descriptor has this number
  static constexpr std::uint32_t all_events = EPOLLIN | EPOLLOUT | EPOLLPRI;

  static std::uint64_t tag(int fd, const Descriptor& descriptor) noexcept {
    return std::uint64_t{descriptor.generation} << 32 | static_cast<std::uint32_t>(fd);
  }

  /// Makes sure that the kernel reports what `operation` waits for. Returns: 0 or -errno; -EPERM
  /// for regular files and some devices, which are always ready.
  int watch(Descriptor& descriptor, const Operation& operation) noexcept {
    const std::uint32_t events = descriptor.armed | (interest_of(operation) & all_events);
    // Whoever owns a polled descriptor may have closed it, and its number be another's now: what
    // `armed` says is not to be trusted, the kernel is asked each time.
    const bool may_be_stale = operation.type == &poll_operation;
    if (events == descriptor.armed && !may_be_stale) return 0;
    return arm(operation.fd, descriptor, events);
  }

  int arm(int fd, Descriptor& descriptor, std::uint32_t events) noexcept {
    int error = -ENOENT;
    if (descriptor.armed != 0) error = epoll_.modify(fd, events, tag(fd, descriptor));
    if (error == -ENOENT) {  // never registered, or closed and opened again behind our back
      ++descriptor.generation;
      error = epoll_.add(fd, events, tag(fd, descriptor));
      if (error == -EEXIST) error = epoll_.modify(fd, events, tag(fd, descriptor));
    }
    descriptor.armed = error == 0 ? events : 0;
    return error;
  }

  void take(const epoll_event& event) noexcept {
    const int fd = static_cast<int>(event.data.u64 & 0xffff'ffff);
    Descriptor& descriptor = descriptors_[fd];
    if (event.data.u64 != tag(fd, descriptor)) return;  // of a duplicate of a closed descriptor
    std::uint32_t happened = event.events;
    // A hang-up or an error concerns readers and writers: their calls find out what it is.
    if ((happened & (EPOLLHUP | EPOLLERR)) != 0) happened |= all_events;
    const std::uint32_t wanted = attempt_waiting(descriptor, happened);
    if ((happened & descriptor.armed & ~wanted) != 0 || wanted == 0) {
      disarm(fd, descriptor, wanted);
    }
  }

  /// Attempts what waits for one of the events `happened`, first come, first served, until the
  /// kernel has no more for a direction. Returns: the events that somebody waited for.
  std::uint32_t attempt_waiting(Descriptor& descriptor, std::uint32_t happened) noexcept {
    std::uint32_t wanted = 0;
    for (Operation* operation = descriptor.waiting.first(); operation != nullptr;) {
      Operation* const next = descriptor.waiting.next(*operation);
      const std::uint32_t interest = interest_of(*operation) & all_events;
      wanted |= interest;
      if ((interest & happened) != 0) {
        const int result = operation->type->attempt(*operation);
        if (result != -EAGAIN) {
          finish(*operation, result);
        } else if (waits_for_backlog(*operation)) {
          operation->unlink();
          retries_.add(*operation, now());
        } else if (operation->type != &poll_operation) {
          happened &= ~interest;  // who comes later must not overtake
        }
      }
      operation = next;
    }
    return wanted;
  }

  void disarm(int fd, Descriptor& descriptor, std::uint32_t wanted) noexcept {
    descriptor.armed &= wanted;
    if (descriptor.armed != 0) {
      epoll_.modify(fd, descriptor.armed, tag(fd, descriptor));
    } else {
      epoll_.remove(fd);
    }
  }

  void attempt_always_ready() noexcept {
    for (Operation* operation = always_ready_.first(); operation != nullptr;) {
      Operation* const next = always_ready_.next(*operation);
      const int result = operation->type->attempt(*operation);
      if (result != -EAGAIN) finish(*operation, result);
      operation = next;
    }
  }

  void retry() noexcept {
    retries_.attempt(now(),
                     [this](Operation& operation, int result) { finish(operation, result); });
  }

  void cancel_on(int fd, List<Operation>& list) noexcept {
    for (Operation* operation = list.first(); operation != nullptr;) {
      Operation* const next = list.next(*operation);
      if (operation->fd == fd) finish(*operation, -ECANCELED);
      operation = next;
    }
  }

  void submit_to_thread(Operation& operation) noexcept {
    if (pool_ == nullptr) pool_ = std::make_unique<BlockingPool>(waker_);
    if (const int error = pool_->start(operation); error != 0)
      return completions_.add(operation, error);
    if (!operation.type->on_path) ++descriptors_[operation.fd].on_threads;
  }

  void take_from_thread(Operation& operation) noexcept {
    leave_thread(operation, operation.result);
  }

  /// The pool has nothing to do with the operation any more.
  void leave_thread(Operation& operation, int result) noexcept {
    completions_.add(operation, result);
    if (operation.type->on_path) return;
    Descriptor& descriptor = descriptors_[operation.fd];
    if (--descriptor.on_threads == 0 && descriptor.is_closing) close_now(operation.fd, descriptor);
  }

  void close_now(int fd, Descriptor& descriptor) noexcept {
    // Not left to close(2): with a duplicate alive, the registration would outlive the number.
    if (descriptor.armed != 0) epoll_.remove(fd);
    descriptor.armed = 0;
    ++descriptor.generation;
    descriptor.is_closing = false;
    os::close_fd(fd);
  }

  void finish(Operation& operation, int result) noexcept {
    operation.unlink();
    completions_.add(operation, result);
  }

  void forget_all() noexcept {
    completions_.discard_all();
    for (List<Operation>* list : {&always_ready_, &retries_.waiting()}) {
      while (list->pop_front() != nullptr) {
      }
    }
    descriptors_.for_each([](Descriptor& descriptor) {
      while (descriptor.waiting.pop_front() != nullptr) {
      }
    });
  }

  os::Epoll epoll_;
  Waker waker_;
  std::unique_ptr<BlockingPool> pool_;  ///< null until an operation needs a thread
  DescriptorTable<Descriptor> descriptors_;
  List<Operation> always_ready_;  ///< on descriptors that epoll refuses
  Retries retries_;               ///< that no readiness reports
  Completions completions_;
  std::array<epoll_event, 256> events_{};
};

}  // namespace asyncio::detail
