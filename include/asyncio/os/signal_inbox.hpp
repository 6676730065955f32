// Signals as bytes in a pipe, for any number of listeners on any threads.
// Reference: signal-safety(7); Python's signal.set_wakeup_fd().
#pragma once

#include <array>
#include <asyncio/os/pipe.hpp>
#include <asyncio/os/signal.hpp>
#include <asyncio/os/transfer.hpp>
#include <cstdint>
#include <mutex>

#include <sys/types.h>

namespace asyncio::os {

/// What the process does at a signal that somebody listens to.
struct Disposition {
  SignalHandler handler;
  int listeners = 0;
};

/// Where the signals of one listener arrive: each time one comes, a byte with its number is there
/// to be read. Never freed, for a signal handler may be looking at it on another thread at any
/// time; a listener that goes leaves it to the next one.
class SignalInbox {
 public:
  /// Numbers that a signal can have.
  [[nodiscard]] static constexpr bool is_signal(int signal) noexcept {
    return signal > 0 && signal < NSIG;
  }

  /// An inbox for the caller alone, until release(). Threads: any. Throws: std::system_error.
  [[nodiscard]] static SignalInbox& acquire() {
    const std::lock_guard lock(mutex_);
    SignalInbox* inbox = newest_.load(std::memory_order_relaxed);
    while (inbox && !inbox->is_reusable()) inbox = inbox->older_;
    if (!inbox) {
      inbox = new SignalInbox(newest_.load(std::memory_order_relaxed));
      newest_.store(inbox, std::memory_order_release);
    }
    inbox->is_used_ = true;
    return *inbox;
  }
  /// Needs: ignores every signal. Threads: any.
  void release() noexcept {
    char bytes[64];
    while (try_read(fd(), bytes, sizeof bytes, ~0ull) > 0) {
    }
    const std::lock_guard lock(mutex_);
    is_used_ = false;
  }

  /// Readable when a signal has come: a byte for each. Does not block.
  [[nodiscard]] int fd() const noexcept { return pipe_.reader.get(); }

  /// From now on `signal` arrives here. The first listener in the process replaces its handler.
  /// Needs: is_signal(signal), and not listening to it. Threads: any.
  /// Throws: std::system_error (EINVAL) for a signal that cannot be caught.
  void listen(int signal) {
    const std::lock_guard lock(mutex_);
    Disposition& disposition = dispositions_[static_cast<unsigned>(signal)];
    if (disposition.listeners == 0) disposition.handler.install(signal, &SignalInbox::arrive);
    ++disposition.listeners;
    wanted_.fetch_or(bit(signal));
  }
  /// The opposite. The last listener restores the handler that was there before.
  void ignore(int signal) noexcept {
    const std::lock_guard lock(mutex_);
    wanted_.fetch_and(~bit(signal));
    Disposition& disposition = dispositions_[static_cast<unsigned>(signal)];
    if (--disposition.listeners == 0) disposition.handler.restore();
  }

 private:
  explicit SignalInbox(SignalInbox* older) : pipe_(make_pipe()), older_(older) {
    set_nonblocking(pipe_.reader.get());
    set_nonblocking(pipe_.writer.get());
  }

  static constexpr std::uint64_t bit(int signal) noexcept {
    return std::uint64_t{1} << (signal - 1);
  }
  /// After a fork, the child must not share the pipe of its parent.
  [[nodiscard]] bool is_reusable() const noexcept { return !is_used_ && process_ == ::getpid(); }

  /// The handler. A pipe that is full (65536 signals) takes no more.
  static void arrive(int signal) {
    const int saved_errno = errno;
    const auto byte = static_cast<unsigned char>(signal);
    const pid_t process = ::getpid();
    SignalInbox* inbox = newest_.load(std::memory_order_acquire);
    for (; inbox; inbox = inbox->older_) {
      if (!(inbox->wanted_.load() & bit(signal)) || inbox->process_ != process) continue;
      try_write(inbox->pipe_.writer.get(), &byte, 1, ~0ull);
    }
    errno = saved_errno;
  }

  static_assert(NSIG - 1 <= 64 && std::atomic<std::uint64_t>::is_always_lock_free);
  static inline std::mutex mutex_;  // of everything but what arrive() reads
  static constinit inline std::atomic<SignalInbox*> newest_{nullptr};
  static inline std::array<Disposition, NSIG> dispositions_;

  Pipe pipe_;
  pid_t process_ = ::getpid();
  std::atomic<std::uint64_t> wanted_{0};
  SignalInbox* older_;
  bool is_used_ = false;
};

}  // namespace asyncio::os
