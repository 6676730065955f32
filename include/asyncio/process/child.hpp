// A child process: watched until it has exited, reaped once, and never signalled after that.
// Reference: asyncio/base_subprocess.py, BaseSubprocessTransport; unix_events.py, PidfdChildWatcher.
#pragma once

#include <asyncio/backend/operations.hpp>
#include <asyncio/core/wait_queue.hpp>
#include <asyncio/net/loop_resource.hpp>
#include <asyncio/os/spawn.hpp>

namespace asyncio::detail {

/// What a child becomes that nobody has a Process of any more, or that outlives its loop.
enum class ChildFate : bool { killed, left_alone };

/// One child. Counted: by its Process, by waits, and by the loop until it has exited.
class Child final : public LoopResource, public Pooled {
 public:
  /// A child that is yet to be started.
  [[nodiscard]] static Ref<Child> make(EventLoop& loop) {
    Ref<Child> child(new Child(loop));
    loop.service<LoopResources>().add(*child);
    return child;
  }
  Child(const Child&) = delete;  // the operation points at it
  Child& operator=(const Child&) = delete;

  /// Takes over what was started, and tells the waits when it has exited.
  void start(os::Spawned spawned) noexcept {
    pid_ = spawned.pid;
    pidfd_.take(std::move(spawned.pidfd));
    if (!pidfd_.is_open()) return lose();
    pidfd_.use_in(*loop_);
    watch();
  }

  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }

  [[nodiscard]] pid_t pid() const noexcept { return pid_; }
  /// Published in the step that reaps, so that no signal goes to whoever has the number next.
  [[nodiscard]] const std::optional<int>& returncode() const noexcept { return returncode_; }
  [[nodiscard]] WaitQueue& exit_waiters() noexcept { return exit_waiters_; }

  /// Nothing if it has exited. Throws: std::system_error.
  void send_signal(int signal) const {
    if (returncode_ || !pidfd_.is_open()) return;
    const int result = os::send_signal(pidfd_.get(), signal);
    if (result < 0 && result != -ESRCH) os::throw_system_error(-result, "pidfd_send_signal");
  }

  void set_fate(ChildFate fate) noexcept { fate_ = fate; }
  /// There is no Process any more. The child is reaped all the same.
  void drop_owner() noexcept { meet_fate(); }

  /// The loop closes: what was killed is reaped, as long as that takes no more than a second.
  void end() noexcept override {
    const Ref<Child> self(this);
    stop_watching();
    meet_fate();
    if (pidfd_.is_open() && fate_ == ChildFate::killed) os::wait_for_exit(pidfd_.get(), 1000);
    if (pidfd_.is_open()) reap();
    pidfd_.close();
    loop_ = nullptr;
  }

 private:
  struct Watch : Operation {
    Child* child = nullptr;
    bool is_submitted = false;  ///< and on_complete was not called yet
  };

  static constexpr int unknown_returncode = 255;  // Python's

  explicit Child(EventLoop& loop) noexcept : loop_(&loop) {
    watch_.child = this;
    watch_.on_complete = [](Operation& operation) noexcept {
      static_cast<Watch&>(operation).child->watched();
    };
  }
  ~Child() = default;

  void watch() noexcept {
    prepare_poll(watch_, pidfd_.get(), POLLIN);
    watch_.is_submitted = true;
    add_ref();  // the operation's
    loop_->backend_interface().submit(watch_);
  }
  [[nodiscard]] Ref<Child> retire_watch() noexcept {
    watch_.is_submitted = false;
    return Ref<Child>::adopt(this);
  }
  void stop_watching() noexcept {
    if (!watch_.is_submitted) return;
    loop_->backend_interface().cancel_sync(watch_);
    const Ref<Child> reference = retire_watch();
  }

  void watched() noexcept {
    const Ref<Child> self = retire_watch();
    if (watch_.result < 0) return lose();
    if (!reap()) watch();
  }

  /// Returns: whether it has exited.
  bool reap() noexcept {
    const os::Reaped reaped = os::try_reap(pidfd_.get());
    if (reaped.state == os::Reaped::State::running) return false;
    if (reaped.state == os::Reaped::State::lost) return lose(), true;
    publish(reaped.returncode);
    return true;
  }
  /// Somebody else has reaped it, or SIGCHLD is ignored.
  void lose() noexcept {
    publish(unknown_returncode);
    std::string message;
    try {
      message = "asyncio: the exit status of process " + std::to_string(pid_) +
                " was read by somebody else, or SIGCHLD is ignored; 255 is reported";
    } catch (const std::bad_alloc&) {
    }
    loop_->report({.message = message,
                   .exception = nullptr,
                   .future = nullptr,
                   .handle = nullptr,
                   .where = {}});
  }
  void publish(int returncode) noexcept {
    returncode_ = returncode;
    pidfd_.close();
    exit_waiters_.wake_all();
  }

  void meet_fate() noexcept {
    if (!returncode_ && pidfd_.is_open() && fate_ == ChildFate::killed)
      os::send_signal(pidfd_.get(), SIGKILL);
  }

  EventLoop* loop_;  // null once the loop has closed
  pid_t pid_ = -1;
  LoopFd pidfd_;  // closed once it has exited
  std::optional<int> returncode_;
  Watch watch_;
  WaitQueue exit_waiters_;
  ChildFate fate_ = ChildFate::killed;
  std::uint32_t refs_ = 0;
};

/// Process::wait().
class ExitWait {
 public:
  explicit ExitWait(Ref<Child> child) noexcept
      : child_(std::move(child)), waiter_(child_->exit_waiters()) {}

  bool await_ready() const noexcept { return child_->returncode().has_value(); }
  void suspend(PromiseBase& frame) noexcept { waiter_.suspend(frame); }
  int await_resume() {
    waiter_.await_resume();
    return *child_->returncode();
  }

 private:
  Ref<Child> child_;
  WaitQueue::Waiter waiter_;
};

}  // namespace asyncio::detail
