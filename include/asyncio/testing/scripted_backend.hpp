// A kernel in memory that plays a Script on a virtual clock.
// Reference: asyncio/backend/backend.hpp for the contract.
#pragma once

#include <algorithm>
#include <asyncio/backend/epoll_backend.hpp>
#include <asyncio/testing/deadlock.hpp>
#include <asyncio/testing/script.hpp>
#include <atomic>
#include <cerrno>
#include <memory>
#include <span>

namespace asyncio::testing {

/// Keeps the pointers that it is given and writes through them when an operation is done, as the
/// kernel does, so that AddressSanitizer finds a buffer or frame that died too early. Operations
/// are done in the order of their deadlines, then of their submission.
class ScriptedBackend final : public detail::Backend {
 public:
  using Operation = detail::Operation;
  using State = detail::OperationState;

  explicit ScriptedBackend(Script& script) noexcept : script_(script) {}
  ~ScriptedBackend() override {
    ASYNCIO_ASSERT(pending_.empty(), "operations were in flight when the loop was gone");
  }

  /// Whom to ask for timers and to tell of a deadlock.
  void watch(EventLoop& loop) noexcept { loop_ = &loop; }

  [[nodiscard]] std::string_view name() const noexcept override { return "scripted"; }
  [[nodiscard]] TimePoint now() noexcept override { return now_; }

  bool attempt(Operation& operation) noexcept override {
    if (!script_.is_ready_for(operation)) return false;
    finish(operation, script_.take(operation));
    return true;
  }

  void submit(Operation& operation) noexcept override {
    ASYNCIO_ASSERT(!is_pending(operation), "an operation was submitted twice");
    operation.state = State::in_flight;
    Pending pending{&operation, script_.take(operation), TimePoint::max(), next_number_++};
    if (pending.answer) pending.due = after(pending.answer->delay_.value_or(Duration::zero()));
    pending_.push_back(std::move(pending));
    has_requests_ = true;
  }

  void cancel(Operation& operation) noexcept override {
    if (operation.state != State::in_flight) return;
    operation.state = State::cancelling;
    Pending& pending = *find(operation);
    if (pending.answer && pending.answer->despite_cancel_) return;
    pending.answer.reset();
    pending.due = now_;
    has_requests_ = true;
  }

  void cancel_sync(Operation& operation) noexcept override {
    cancel(operation);
    const auto found = find(operation);
    Pending pending = std::move(*found);
    pending_.erase(found);
    finish(operation, std::move(pending.answer));  // the kernel may write up to this moment
  }

  void close(int fd) noexcept override {
    for (Pending& pending : pending_)
      if (pending.operation->fd == fd) cancel(*pending.operation);
    script_.log_.push_back({"close", fd, {}, 0});
    if (fd < Script::first_invented_descriptor) os::close_fd(fd);
  }

  [[nodiscard]] bool wants_poll() const noexcept override {
    return std::any_of(pending_.begin(), pending_.end(),
                       [this](const Pending& pending) { return pending.due <= now_; });
  }
  [[nodiscard]] std::size_t in_flight() const noexcept override { return pending_.size(); }

  void poll(Duration timeout) noexcept override {
    has_requests_ = false;
    if (timeout > Duration::zero() && !wants_poll() && !woken_) pass_time(timeout);
    woken_ = false;
    deliver();
  }

  void wake() noexcept override {
    woken_ = true;
    sleeper_.wake();
  }
  void expect_wake(int change) noexcept override { threads_at_work_ += change; }
  [[nodiscard]] int fd() const noexcept override { return sleeper_.fd(); }

 private:
  struct Pending {
    Operation* operation;
    std::optional<Answer> answer;  ///< none: the script is silent, or it was cancelled
    TimePoint due;                 ///< max: only a cancel ends it
    std::uint64_t number;          ///< counts the submissions
  };

  [[nodiscard]] std::vector<Pending>::iterator find(const Operation& operation) noexcept {
    return std::find_if(pending_.begin(), pending_.end(),
                        [&](const Pending& pending) { return pending.operation == &operation; });
  }
  [[nodiscard]] bool is_pending(const Operation& operation) noexcept {
    return find(operation) != pending_.end();
  }
  [[nodiscard]] TimePoint after(Duration delay) const noexcept {
    return delay > TimePoint::max() - now_ ? TimePoint::max() : now_ + delay;
  }

  /// Jumps to whatever comes first, a deadline of an operation or the end of the timeout.
  void pass_time(Duration timeout) noexcept {
    TimePoint next = after(timeout);
    const bool has_timer =
        loop_ && loop_->first_deadline() && *loop_->first_deadline() != TimePoint::max();
    if (timeout >= no_timer && !has_timer) next = TimePoint::max();
    for (const Pending& pending : pending_) next = std::min(next, pending.due);
    if (next != TimePoint::max()) {
      now_ = next;
    } else if (threads_at_work_ > 0 || !loop_) {
      sleeper_.poll(forever);
    } else {
      report_deadlock();
    }
  }

  void report_deadlock() noexcept {
    std::string text = detail::describe_deadlock(*loop_);
    for (const Pending& pending : pending_)
      text += std::string("\n  (the script has no answer for ") + pending.operation->type->name +
              " on descriptor " + std::to_string(pending.operation->fd) + ')';
    loop_->interrupt(std::make_exception_ptr(Deadlock(text)));
  }

  /// Completes what is due; what on_complete submits waits for the next poll().
  void deliver() noexcept {
    std::vector<Operation*> due;
    std::sort(pending_.begin(), pending_.end(), [](const Pending& a, const Pending& b) {
      return a.due != b.due ? a.due < b.due : a.number < b.number;
    });
    for (const Pending& pending : pending_)
      if (pending.due <= now_) due.push_back(pending.operation);
    for (Operation* operation : due) {
      const auto found = find(*operation);
      if (found == pending_.end()) continue;  // undone by another's on_complete
      Pending pending = std::move(*found);
      pending_.erase(found);
      finish(*operation, std::move(pending.answer));
      operation->on_complete(*operation);
    }
  }

  /// Has the effect and notes it; without an answer the operation was cancelled.
  void finish(Operation& operation, std::optional<Answer> answer) noexcept {
    std::string bytes;
    operation.result = answer ? effect(operation, *answer, bytes) : -ECANCELED;
    operation.state = State::done;
    script_.log_.push_back(
        {operation.type->name, operation.fd, std::move(bytes), operation.result});
  }

  int effect(Operation& operation, Answer& answer, std::string& bytes) {
    if (answer.result_) return *answer.result_;
    const std::string_view kind = operation.type->name;
    if (kind == "recv" || kind == "read" || kind == "recvmsg")
      bytes = fill(operation, answer);
    else if (kind == "send" || kind == "write" || kind == "sendmsg")
      bytes = gather(operation).substr(0, answer.limit_);
    return static_cast<int>(bytes.size());
  }

  /// The memory that an operation names.
  static std::span<const iovec> memory_of(const Operation& operation, iovec& single) noexcept {
    const bool is_message = std::string_view(operation.type->name).ends_with("msg");
    single = {operation.buffer, operation.length};
    if (!is_message) return {&single, 1};
    const auto& message = *static_cast<const msghdr*>(operation.buffer);
    return {message.msg_iov, message.msg_iovlen};
  }

  static std::string gather(const Operation& operation) {
    iovec single;
    std::string bytes;
    for (const iovec& part : memory_of(operation, single))
      bytes.append(static_cast<const char*>(part.iov_base), part.iov_len);
    return bytes;
  }

  /// Writes what is received, and leaves the rest of the answer in the script.
  std::string fill(const Operation& operation, Answer& answer) {
    iovec single;
    std::string_view left = std::string_view(answer.bytes_).substr(0, answer.limit_);
    for (const iovec& part : memory_of(operation, single)) {
      const std::size_t count = std::min(left.size(), part.iov_len);
      std::copy_n(left.data(), count, static_cast<char*>(part.iov_base));
      left.remove_prefix(count);
    }
    const std::size_t taken = std::min(answer.bytes_.size(), answer.limit_) - left.size();
    std::string bytes = answer.bytes_.substr(0, taken);
    const bool is_peek = (operation.flags & MSG_PEEK) != 0 && operation.type->name[0] == 'r';
    if (!is_peek) answer.bytes_.erase(0, taken);
    if (!answer.bytes_.empty()) put_back(operation, std::move(answer));
    return bytes;
  }

  void put_back(const Operation& operation, Answer answer) {
    answer.fd_ = operation.fd;
    answer.delay_.reset();
    answer.limit_ = ~std::size_t{0};
    script_.put_back(std::move(answer));
  }

  // A loop without a timer waits so long at a time, or longer (Scheduler::longest_wait).
  static constexpr Duration no_timer = std::chrono::hours(24);
  static constexpr TimePoint epoch{std::chrono::hours(1000)};

  Script& script_;
  EventLoop* loop_ = nullptr;
  TimePoint now_ = epoch;
  std::vector<Pending> pending_;  ///< in flight
  std::uint64_t next_number_ = 0;
  detail::EpollBackend sleeper_;  ///< where the loop waits for other threads; has no operations
  std::atomic<bool> woken_{false};
  int threads_at_work_ = 0;  ///< that will call wake()
};

}  // namespace asyncio::testing
