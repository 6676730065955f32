// The backend for Linux 6.1 and newer: hands operations to the kernel and takes the results.
// Reference: io_uring(7).
#pragma once

#include <asyncio/detail/assert.hpp>

#if ASYNCIO_HAS_URING

#include <asyncio/backend/backend.hpp>
#include <asyncio/backend/completions.hpp>
#include <asyncio/backend/descriptor_table.hpp>
#include <asyncio/backend/operations.hpp>
#include <asyncio/backend/retries.hpp>
#include <asyncio/backend/waker.hpp>
#include <asyncio/detail/thread_state.hpp>
#include <asyncio/os/clock.hpp>
#include <asyncio/os/io_uring.hpp>
#include <cerrno>
#include <cstdint>
#include <memory>

namespace asyncio::detail {

/// One entry of the ring for each operation, nothing else in flight but a read of the waker.
/// Where the kernel answers "would wait" instead of waiting (a non-blocking descriptor on a worker
/// thread, a connect() that was begun before), the operation waits for readiness by a poll entry
/// and is then attempted, as with epoll.
///
/// Where an operation is: in its descriptor's list while the kernel knows it, in `stalled_` until
/// there is room for the poll entry, in `retries_` where no readiness would tell, in `completions_`
/// when it is done.
class UringBackend final : public Backend {
 public:
  /// Throws: std::system_error that says why this kernel or sandbox does not do it.
  explicit UringBackend(const os::RingOptions& options = {})
      : options_(with_opcodes(options)), ring_(std::make_unique<os::Ring>(options_)) {
    wake_operation_.backend = this;
    wake_operation_.on_complete = [](Operation& operation) noexcept {
      UringBackend& self = *static_cast<WakeOperation&>(operation).backend;
      self.waker_.cleared();
      self.submit(operation);
    };
    prepare_read(wake_operation_, waker_.fd(), &WakeOperation::count, sizeof(std::uint64_t));
    wake_operation_.type = &WakeOperation::read;
    submit(wake_operation_);
  }

  /// Waits until the kernel has let go of everything; on_complete is not called. On another thread
  /// than the ring's there must be nothing but the read of the waker, which may be left behind.
  ~UringBackend() override {
    if (thread_ != thread_number()) wake_operation_.unlink();
    descriptors_.for_each([this](Descriptor& descriptor) {
      while (Operation* operation = descriptor.operations.first()) cancel_sync(*operation);
    });
    for (List<Operation>* list : {&on_paths_, &stalled_, &retries_.waiting()}) {
      while (Operation* operation = list->first()) cancel_sync(*operation);
    }
    completions_.discard_all();
  }

  [[nodiscard]] std::string_view name() const noexcept override { return "io_uring"; }
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
    if (!enlist(operation)) return completions_.add(operation, -EBADF);
    operation.generation = next_generation();
    push_form(operation, operation.type->uring(operation));
  }

  void cancel(Operation& operation) noexcept override {
    has_requests_ = true;
    if (operation.state != OperationState::in_flight) return;
    operation.state = OperationState::cancelling;
    if (operation.generation == stalled_generation) return finish(operation, -ECANCELED);
    push_cancel(operation);
  }

  void cancel_sync(Operation& operation) noexcept override {
    cancel(operation);
    while (operation.state == OperationState::cancelling) {
      if (ring_->is_inherited()) return forget(operation);
      enter(1, forever);
      reap();
    }
    completions_.discard(operation);
  }

  void close(int fd) noexcept override {
    has_requests_ = true;
    Descriptor& descriptor = descriptors_[fd];
    if (descriptor.is_closing) return;
    cancel_on(fd, stalled_);
    cancel_on(fd, retries_.waiting());
    if (descriptor.operations.empty()) return os::close_fd(fd);
    descriptor.is_closing = true;
    ++closing_;
    // From the start each time: a push may reap, and so unlink any of them.
    while (Operation* operation = first_not_cancelled(descriptor)) cancel(*operation);
  }

  [[nodiscard]] bool wants_poll() const noexcept override {
    return !completions_.empty() || !stalled_.empty() || ring_->unsubmitted() != 0 ||
           ring_->has_completions() || ring_->needs_enter();
  }
  [[nodiscard]] std::size_t in_flight() const noexcept override {
    return completions_.in_flight() - 1;  // without the read of the waker
  }

  /// At most one io_uring_enter(2), none if the queues in memory have all that is asked for.
  void poll(Duration timeout) noexcept override {
    has_requests_ = false;
    poll_for_stalled();
    if (!retries_.empty()) [[unlikely]]
      timeout = retries_.limit(timeout, now());
    const bool may_wait =
        timeout > Duration::zero() && completions_.empty() && !ring_->has_completions();
    if (may_wait || ring_->unsubmitted() != 0 || ring_->needs_enter()) {
      enter(may_wait ? 1 : 0, timeout);
    }
    reap();
    if (!retries_.empty()) [[unlikely]]
      retry();
    completions_.deliver();
  }

  [[nodiscard]] std::optional<TimePoint> next_attempt() const noexcept override {
    return retries_.next_attempt();
  }

  void wake() noexcept override { waker_.wake(); }

  void detach_thread() noexcept override {
    is_leaving_ = true;
    descriptors_.for_each([this](Descriptor& descriptor) { take_back(descriptor.operations); });
    take_back(on_paths_);
    is_leaving_ = false;
  }

  /// A ring belongs to the thread that made it: makes another one.
  [[nodiscard]] bool attach_thread() override {
    if (thread_ == thread_number()) return true;
    if (!was_entered_) wake_operation_.unlink();
    if (has_operations()) return false;
    ring_ = std::make_unique<os::Ring>(options_);
    thread_ = thread_number();
    if (!was_entered_) repeat(wake_operation_);
    has_requests_ = true;
    return true;
  }

  [[nodiscard]] int fd() const noexcept override { return ring_->fd(); }

 private:
  struct Descriptor {
    List<Operation> operations;  ///< that the kernel has or is about to get
    bool is_closing = false;     ///< closed when `operations` is empty
  };

  struct WakeOperation : Operation {
    UringBackend* backend = nullptr;
    /// What eventfds counted, of all rings: nobody reads it, and only the kernel writes to it.
    static inline std::uint64_t count = 0;
    static constexpr OperationType read{.name = read_operation.name,
                                        .uring = read_operation.uring,
                                        .readiness = read_operation.readiness,
                                        .attempt = [](Operation& operation) noexcept {
                                          std::uint64_t own_count;
                                          return os::try_read(operation.fd, &own_count,
                                                              sizeof own_count, operation.offset);
                                        }};
  };

  // A user_data is a pointer (48 bits on every Linux that gives no tagged pointers out) below the
  // generation of the operation, so that a cancel which comes late does not hit the operation
  // that reuses the address.
  static constexpr int pointer_bits = 48;
  static constexpr std::uint64_t ignored = 0;               ///< user_data of cancels
  static constexpr std::uint16_t stalled_generation = 0;    ///< the kernel does not know it
  static constexpr std::uint16_t polls_readiness = 0x8000;  ///< what is in flight is its poll entry

  static os::RingOptions with_opcodes(os::RingOptions options) noexcept {
    options.opcodes = uring_opcode::all;
    return options;
  }

  static std::uint64_t tag(const Operation& operation) noexcept {
    const std::uint64_t address = uring_word(&operation);
    ASYNCIO_ASSERT(address >> pointer_bits == 0, "an operation's address has more than 48 bits");
    return std::uint64_t{operation.generation} << pointer_bits | address;
  }

  static Operation& operation_of(std::uint64_t user_data) noexcept {
    // Safe because an operation stays where it is until its completion was reaped.
    return *reinterpret_cast<Operation*>(
        static_cast<std::uintptr_t>(user_data & ((1ull << pointer_bits) - 1)));
  }

  /// Puts the operation into the list where it stays in flight. Returns: false if there is no such
  /// descriptor any more.
  bool enlist(Operation& operation) noexcept {
    if (operation.type->on_path) {
      on_paths_.push_back(operation);
      return true;
    }
    if (operation.fd < 0) return false;
    Descriptor& descriptor = descriptors_[operation.fd];
    if (descriptor.is_closing) return false;
    descriptor.operations.push_back(operation);
    return true;
  }

  std::uint16_t next_generation() noexcept {
    if (++last_generation_ == polls_readiness) last_generation_ = 1;
    return last_generation_;
  }

  void push_form(const Operation& operation, const UringForm& form) noexcept {
    push({.opcode = form.opcode,
          .fd = operation.fd,
          .address = form.address,
          .length = form.length,
          .offset = form.offset,
          .flags = form.flags,
          .user_data = tag(operation)});
  }

  void push(const os::Submission& entry) noexcept {
    while (!ring_->push(entry)) {
      enter(0, Duration::zero());
      reap();  // keeps the completion queue from growing over; delivers nothing
    }
  }

  void enter(unsigned wanted, Duration timeout) noexcept {
    was_entered_ = true;
    const int error = ring_->enter(wanted, timeout);
    // EINTR: a signal must end the wait. EAGAIN, EBUSY: the kernel is short of memory or of room
    // for completions; what it did not take stays queued, and the caller reaps.
    ASYNCIO_ASSERT(error == 0 || error == -EINTR || error == -EAGAIN || error == -EBUSY,
                   "io_uring_enter failed: a loop with operations in the kernel was closed on "
                   "another thread than the one that ran it, or completions were lost");
  }

  void reap() noexcept {
    ring_->reap([this](std::uint64_t user_data, int result) noexcept {
      if (user_data != ignored) take(operation_of(user_data), result);
    });
  }

  /// Has the kernel answer for all of `list`; see take() for how.
  void take_back(List<Operation>& list) noexcept {
    while (const Operation* operation = list.first()) {
      push_cancel(*operation);
      while (operation == list.first()) {
        enter(1, forever);
        reap();
      }
    }
  }

  void push_cancel(const Operation& operation) noexcept {
    push({.opcode = uring_opcode::async_cancel,
          .address = tag(operation),
          .user_data = ignored,
          .skip_success = true});
  }

  void take(Operation& operation, int result) noexcept {
    const bool is_cancelling = operation.state == OperationState::cancelling;
    if (is_leaving_ && !is_cancelling && result == -ECANCELED)
      return stall(operation, -EINTR);  // to go on later
    if ((operation.generation & polls_readiness) != 0 && result >= 0) {
      // Ready: the operation itself has had no effect yet, so a cancel may still win.
      result = is_cancelling ? -ECANCELED : operation.type->attempt(operation);
    }
    if (!is_try_again(result) || operation.type->is_final) return finish(operation, result);
    if (is_cancelling) return finish(operation, -ECANCELED);
    stall(operation, result);
  }

  /// The kernel gave the operation back without an effect.
  void stall(Operation& operation, int result) noexcept {
    operation.unlink();
    operation.generation = stalled_generation;
    operation.result = result;
    if (result == -EAGAIN && waits_for_backlog(operation))
      retries_.add(operation, now());
    else
      stalled_.push_back(operation);
  }

  void retry() noexcept {
    retries_.attempt(now(),
                     [this](Operation& operation, int result) { finish(operation, result); });
  }

  /// EALREADY: a connect() that was begun by an attempt.
  static bool is_try_again(int result) noexcept {
    return result == -EAGAIN || result == -EINTR || result == -EALREADY || result == -EINPROGRESS;
  }

  void poll_for_stalled() noexcept {
    while (Operation* operation = stalled_.pop_front()) {
      if (is_to_be_repeated(*operation))
        repeat(*operation);
      else
        poll_for(*operation);
    }
  }

  /// In a forked child: the parent's kernel operation goes on there, and is nobody's here.
  void forget(Operation& operation) noexcept {
    finish(operation, -ECANCELED);
    completions_.discard(operation);
  }

  /// A signal interrupted the kernel in what is no matter of readiness.
  static bool is_to_be_repeated(const Operation& operation) noexcept {
    return operation.type->block != nullptr &&
           (operation.result == -EINTR || operation.type->attempt == &never_at_once);
  }

  void repeat(Operation& operation) noexcept {
    (operation.type->on_path ? on_paths_ : descriptors_[operation.fd].operations)
        .push_back(operation);
    operation.generation = next_generation();
    push_form(operation, operation.type->uring(operation));
  }

  void poll_for(Operation& operation) noexcept {
    descriptors_[operation.fd].operations.push_back(operation);
    operation.generation = static_cast<std::uint16_t>(next_generation() | polls_readiness);
    push_form(operation, {.opcode = uring_opcode::poll_add,
                          .flags = uring_poll_events(interest_of(operation))});
  }

  void finish(Operation& operation, int result) noexcept {
    operation.unlink();
    completions_.add(operation, result);
    if (closing_ != 0 && !operation.type->on_path) close_if_idle(operation.fd);
  }

  void close_if_idle(int fd) noexcept {
    Descriptor& descriptor = descriptors_[fd];
    if (!descriptor.is_closing || !descriptor.operations.empty()) return;
    descriptor.is_closing = false;
    --closing_;
    os::close_fd(fd);
  }

  void cancel_on(int fd, List<Operation>& list) noexcept {
    for (Operation* operation = list.first(); operation != nullptr;) {
      Operation* const next = list.next(*operation);
      if (operation->fd == fd) cancel(*operation);
      operation = next;
    }
  }

  /// The kernel has operations, or is about to get them.
  [[nodiscard]] bool has_operations() noexcept {
    bool any = !on_paths_.empty();
    descriptors_.for_each(
        [&any](const Descriptor& descriptor) { any = any || !descriptor.operations.empty(); });
    return any;
  }

  static Operation* first_not_cancelled(Descriptor& descriptor) noexcept {
    Operation* operation = descriptor.operations.first();
    while (operation != nullptr && operation->state != OperationState::in_flight) {
      operation = descriptor.operations.next(*operation);
    }
    return operation;
  }

  Waker waker_;
  WakeOperation wake_operation_;
  const os::RingOptions options_;
  std::unique_ptr<os::Ring> ring_;
  unsigned long long thread_ = thread_number();  ///< the ring's
  bool was_entered_ = false;  ///< by this class, so that the kernel knows the read
  bool is_leaving_ = false;   ///< inside detach_thread()
  DescriptorTable<Descriptor> descriptors_;
  List<Operation> on_paths_;  ///< in flight, on no descriptor
  List<Operation> stalled_;   ///< got "would wait" from the kernel, have no poll entry yet
  Retries retries_;           ///< the same, and no readiness would tell when to go on
  Completions completions_;
  std::size_t closing_ = 0;  ///< descriptors with is_closing, to skip the look-up for most
  std::uint16_t last_generation_ = 0;
};

}  // namespace asyncio::detail

#endif  // ASYNCIO_HAS_URING
