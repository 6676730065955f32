// A listening socket that accepts by itself, for as long as it is told to.
// Reference: asyncio/selector_events.py, _accept_connection.
#pragma once

#include <asyncio/net/connection.hpp>

namespace asyncio::detail {

/// Gets what a Listener accepts, and what goes wrong.
class AcceptTarget {
 public:
  virtual void accepted(os::Fd fd, const Address& peer) noexcept = 0;
  virtual void accept_failed(const char* message, int error) noexcept = 0;

 protected:
  ~AcceptTarget() = default;
};

/// One listening socket. Counted: by its server and by the operation in flight.
class Listener final : public Pooled, public LoopResource {
 public:
  /// `fd` is bound. `target` outlives stop().
  Listener(EventLoop& loop, os::Fd fd, int backlog, AcceptTarget& target)
      : loop_(&loop), fd_(std::move(fd)), backlog_(backlog), target_(&target) {
    fd_.use_in(loop);
    operation_.listener = this;
    operation_.on_complete = [](Operation& operation) noexcept {
      static_cast<AcceptOperation&>(operation).listener->accept_done();
    };
    loop.service<LoopResources>().add(*this);
  }

  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }

  [[nodiscard]] int fd() const noexcept { return fd_.get(); }

  /// Listens and accepts. Throws: std::system_error.
  void start() {
    os::listen(fd_.get(), backlog_);
    accept_next();
  }
  /// Closes the socket, at once, so that its port is free; connections that were not accepted are
  /// refused.
  void stop() noexcept {
    const Ref<Listener> self(this);
    target_ = nullptr;
    retry_.cancel();
    if (std::exchange(operation_.is_submitted, false)) {
      loop_->backend_interface().cancel_sync(operation_);
      drop_ref();  // the operation's
    }
    fd_.close();
  }
  /// A descriptor became free: what failed for want of one may succeed now.
  void retry() noexcept {
    if (!is_paused_ || !target_) return;
    is_paused_ = false;
    retry_.cancel();
    accept_next();
  }

  void end() noexcept override { stop(); }

 private:
  struct AcceptOperation : Operation {
    Listener* listener = nullptr;
    bool is_submitted = false;  ///< and on_complete was not called yet
  };

  static constexpr std::chrono::seconds pause_after_failure{1};

  void prepare() noexcept {
    prepare_accept(operation_, fd_.get(), peer_.storage(), Address::capacity());
  }
  void accept_next() noexcept {
    prepare();
    add_ref();  // the operation's
    operation_.is_submitted = true;
    loop_->backend_interface().submit(operation_);
  }

  /// One connection has come; those that came with it are taken at once, up to the backlog.
  void accept_done() noexcept {
    const Ref<Listener> self = Ref<Listener>::adopt(this);  // the operation's
    operation_.is_submitted = false;
    bool may_go_on = take_result();
    for (int i = 0; i < backlog_ && may_go_on && target_; ++i) {
      prepare();
      if (!loop_->backend_interface().attempt(operation_)) break;
      may_go_on = take_result();
    }
    if (may_go_on && target_) accept_next();
  }

  /// False: accepting pauses.
  [[nodiscard]] bool take_result() noexcept {
    const int result = operation_.result;
    if (result >= 0) {
      os::Fd fd(result);
      peer_.resize(operation_.address_length);
      has_reported_ = false;
      if (target_) target_->accepted(std::move(fd), std::exchange(peer_, Address()));
      return true;
    }
    if (!target_ || concerns_the_connection(-result)) return true;
    report(-result);
    pause();
    return false;
  }

  /// The connection died before it was accepted, or its network did: accept(2).
  static bool concerns_the_connection(int error) noexcept {
    constexpr int errors[] = {ECONNABORTED, EPROTO,       ENETDOWN,   ENOPROTOOPT, EHOSTDOWN,
                              ENONET,       EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH, EPERM};
    return std::find(std::begin(errors), std::end(errors), error) != std::end(errors);
  }
  static bool is_shortage(int error) noexcept {
    return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM;
  }

  /// A shortage is reported once, until something was accepted again.
  void report(int error) noexcept {
    if (std::exchange(has_reported_, true)) return;
    target_->accept_failed(
        is_shortage(error) ? "socket.accept() out of system resource" : "socket.accept() failed",
        error);
  }
  void pause() noexcept {
    if (!target_) return;  // the report has closed the server
    is_paused_ = true;
    try {
      auto wake = [self = Ref<Listener>(this)] { self->retry(); };
      retry_ = loop_->call_later(pause_after_failure, std::move(wake));
    } catch (const std::bad_alloc&) {
      // Safe because retry() is also called when a connection of the server goes.
    }
  }

  EventLoop* loop_;
  LoopFd fd_;
  int backlog_;
  AcceptTarget* target_;  // null once stopped
  AcceptOperation operation_;
  Address peer_;  // where the kernel puts the address of the next peer
  TimerHandle retry_;
  bool is_paused_ = false;
  bool has_reported_ = false;
  std::uint32_t refs_ = 0;
};

}  // namespace asyncio::detail
