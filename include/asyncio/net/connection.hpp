// A connected socket or an end of a pipe, with its buffers: what StreamReader and StreamWriter are
// handles to.
// Reference: asyncio/selector_events.py, _SelectorSocketTransport; asyncio/streams.py.
#pragma once

#include <asyncio/core/wait_queue.hpp>
#include <asyncio/net/connection_owner.hpp>
#include <asyncio/net/loop_resource.hpp>
#include <asyncio/net/medium.hpp>
#include <asyncio/net/output_queue.hpp>
#include <asyncio/net/read_pace.hpp>
#include <asyncio/net/read_source.hpp>
#include <asyncio/net/socket_operation.hpp>
#include <cstdint>

namespace asyncio::detail {

/// One descriptor. Counted: by its handles, by its operations in flight, by waits.
///
/// Input: read on demand by one operation, into the buffer that readers take from. A read that is
/// cancelled leaves it in flight: what it brings is there for the next one.
/// Output: tried at once while nothing is queued; the rest goes out by one operation.
class Connection final : public ReadSource, public LoopResource, public OwnerHook {
 public:
  static constexpr std::size_t high_water = 64 * 1024;
  static constexpr std::size_t low_water = 16 * 1024;

  /// Throws: std::bad_alloc; std::invalid_argument for a limit of zero.
  template <class OnDemand = void>
  static Ref<Connection> make(EventLoop& loop, os::Fd fd, std::size_t limit,
                              const Address& peer = {}) {
    Ref<Connection> connection = make(loop, std::move(fd), limit, socket_medium);
    connection->peer_ = peer;
    return connection;
  }
  /// The same over something else. `fd` does not block.
  template <class OnDemand = void>
  static Ref<Connection> make(EventLoop& loop, os::Fd fd, std::size_t limit, const Medium& medium) {
    Ref<Connection> connection(new Connection(loop, std::move(fd), limit, medium));
    loop.service<LoopResources>().add(*connection);
    return connection;
  }

  /// The last handle that is dropped closes the connection.
  void add_handle() noexcept { ++handles_; }
  void drop_handle() noexcept {
    if (--handles_ == 0) close();
  }
  void reader_dropped() noexcept override { drop_handle(); }

  [[nodiscard]] ConnectionState state() const noexcept { return state_; }
  [[nodiscard]] bool is_closing() const noexcept { return state_ != ConnectionState::open; }
  [[nodiscard]] int fd() const noexcept { return fd_.get(); }
  [[nodiscard]] const Address& peer() const noexcept { return peer_; }
  [[nodiscard]] bool is_socket() const noexcept { return &medium_ == &socket_medium; }
  /// Why it was lost; null: it is not, or was closed by us.
  [[nodiscard]] const std::exception_ptr& error() const noexcept { return error_; }
  /// False once in a while: whoever never has to wait must let others run.
  [[nodiscard]] bool may_go_on() noexcept { return ++passes_ % passes_between_yields != 0; }

  // Input

  bool fetch() noexcept override;
  std::size_t fetch_into(std::span<std::byte> target) noexcept override;
  [[nodiscard]] bool feeds_itself() const noexcept override { return true; }

  // Output

  /// Sends at once what the kernel takes, keeps a copy of the rest.
  /// Throws: RuntimeError after write_eof().
  void write(std::string_view bytes);
  /// Sends at once what the kernel takes. Returns: how much. Needs: can_send_now().
  std::size_t send_now(std::string_view bytes) noexcept;
  [[nodiscard]] bool can_send_now() const noexcept { return output_queue_.empty() && is_open(); }
  /// Sends `bytes` in place: `waiter` owns them until it is settled. Needs: can_send_now().
  void send_in_place(std::string_view bytes, OutputWaiter& waiter) noexcept {
    output_queue_.start_in_place(bytes, waiter);
    send_next();
    update_pause();
  }
  /// Stops sending the bytes of `waiter`, which is settled when the kernel has answered.
  void stop_in_place(OutputWaiter& waiter) noexcept {
    waiter.gives_up = true;
    backend().cancel(output_);
  }
  /// The frame of an in-place waiter is being destroyed: the stream is broken.
  void tear_in_place() noexcept {
    stop(output_);
    output_queue_.clear();
    lose(nullptr);
  }
  /// Throws: RuntimeError after write_eof(), in the name of `function`.
  void check_writable(const char* function) const {
    if (eof_wanted_)
      throw RuntimeError(std::string("Cannot call ") + function + "() after write_eof()");
  }

  /// The end of the stream follows what was written.
  void write_eof() noexcept {
    if (eof_wanted_ || !is_open()) return;
    eof_wanted_ = true;
    if (output_queue_.empty()) send_eof();
  }
  /// More is buffered than the high-water mark, and it has not fallen to the low one yet.
  [[nodiscard]] bool is_paused() const noexcept { return paused_; }
  [[nodiscard]] OutputQueue& output_queue() noexcept { return output_queue_; }
  [[nodiscard]] WaitQueue& drain_waiters() noexcept { return drain_waiters_; }
  void update_pause() noexcept {
    const std::size_t unsent = output_queue_.size();
    if (unsent > high_water) paused_ = true;
    if (!paused_ || unsent > low_water) return;
    paused_ = false;
    drain_waiters_.wake_all();
  }

  // The end

  /// Sends what was written, then closes.
  void close() noexcept {
    if (!is_open()) return;
    state_ = ConnectionState::closing;
    if (output_queue_.empty()) lose(nullptr);
  }
  /// Closes now, and drops what was not sent.
  void abort() noexcept { lose(nullptr); }
  [[nodiscard]] WaitQueue& closed_waiters() noexcept { return closed_waiters_; }
  /// `owner` is told when the connection is lost.
  void set_owner(Ref<ConnectionOwner> owner) noexcept { owner_ = std::move(owner); }

  [[nodiscard]] bool is_flushing() const noexcept override {
    return state_ == ConnectionState::closing;
  }
  void end() noexcept override {
    const Ref<Connection> self(this);
    stop(input_);
    stop(output_);
    lose(nullptr);
    loop_ = nullptr;
  }

 private:
  struct Transfer : Operation {
    Connection* connection = nullptr;
    bool is_submitted = false;  ///< and on_complete was not called yet
  };

  static constexpr unsigned passes_between_yields = 64;
  static constexpr unsigned ignored_writes = 5;  // after the loss; this one is reported

  Connection(EventLoop& loop, os::Fd fd, std::size_t limit, const Medium& medium)
      : ReadSource(limit), loop_(&loop), medium_(medium), fd_(std::move(fd)) {
    fd_.use_in(loop);
    input_.connection = output_.connection = this;
    input_.on_complete = [](Operation& operation) noexcept {
      static_cast<Transfer&>(operation).connection->input_done();
    };
    output_.on_complete = [](Operation& operation) noexcept {
      static_cast<Transfer&>(operation).connection->output_done();
    };
  }

  [[nodiscard]] bool is_open() const noexcept { return state_ == ConnectionState::open; }
  [[nodiscard]] bool is_lost() const noexcept { return state_ == ConnectionState::lost; }
  [[nodiscard]] Backend& backend() const noexcept { return loop_->backend_interface(); }
  void submit(Transfer& operation) noexcept {
    operation.is_submitted = true;
    add_ref();  // the operation's
    backend().submit(operation);
  }
  /// on_complete was called, or will not be. Returns: the operation's reference.
  [[nodiscard]] Ref<Connection> retire(Transfer& operation) noexcept {
    operation.is_submitted = false;
    return Ref<Connection>::adopt(this);
  }
  void stop(Transfer& operation) noexcept {
    if (!operation.is_submitted) return;
    backend().cancel_sync(operation);
    const Ref<Connection> reference = retire(operation);
  }
  [[nodiscard]] bool may_read_at_once() noexcept {
    return last_read_was_full_ && pace_.may_try_at_once();
  }

  void input_done() noexcept {
    const Ref<Connection> self = retire(input_);
    take_received();
    notify_reader();
  }
  void prepare_input(void* target, std::size_t size) noexcept {
    prepare_bytes(input_, *medium_.input, fd_.get(), target, size);
  }
  void take_received() noexcept;
  void rescue_input() noexcept;
  void watch_peer() noexcept;
  void peer_left() noexcept;

  void prepare_output(std::string_view bytes) noexcept {
    // Safe because no form of a send or a write writes to the buffer.
    prepare_bytes(output_, *medium_.output, fd_.get(), const_cast<char*>(bytes.data()),
                  bytes.size());
  }
  void output_done() noexcept;
  void settle_in_place(int result) noexcept;
  void send_next() noexcept;
  void send_eof() noexcept;
  void note_ignored_write() noexcept;

  void fail(int error, const char* call) noexcept {
    rescue_input();
    lose(std::make_exception_ptr(std::system_error(error, std::generic_category(), call)));
  }
  void lose(std::exception_ptr error) noexcept;

  EventLoop* loop_;  // null once the loop has closed
  const Medium& medium_;
  LoopFd fd_;
  ConnectionState state_ = ConnectionState::open;
  bool eof_wanted_ = false;  // write_eof() was called
  bool paused_ = false;
  std::uint8_t handles_ = 0;  // StreamReader and StreamWriter that are alive
  std::uint8_t writes_after_loss_ = 0;
  unsigned passes_ = 0;
  ReadPace pace_;
  Transfer input_;
  Transfer output_;
  OutputQueue output_queue_;
  WaitQueue drain_waiters_;
  WaitQueue closed_waiters_;
  std::exception_ptr error_;
  Ref<ConnectionOwner> owner_;  // null: none, or it was told
  Address peer_;                // of no family: the kernel is asked
};

inline bool Connection::fetch() noexcept {
  if (input_.is_submitted) return false;
  if (has_ended()) return true;
  if (!is_open()) return false;  // the loss will end the stream
  if (!medium_.input) return watch_peer(), false;
  try {
    const std::span<char> space = buffer_.space(pace_.size());
    prepare_input(space.data(), space.size());
  } catch (...) {
    set_loss(std::current_exception());
    return true;
  }
  if (may_read_at_once() && backend().attempt(input_)) {
    take_received();
    return true;
  }
  pace_.waited();
  submit(input_);
  return false;
}

inline std::size_t Connection::fetch_into(std::span<std::byte> target) noexcept {
  if (input_.is_submitted || has_ended() || !is_open() || !may_read_at_once()) return 0;
  prepare_input(target.data(), target.size());
  const bool is_done = backend().attempt(input_);
  last_read_was_full_ = is_done && input_.result == static_cast<int>(target.size());
  if (!is_done) return 0;
  if (input_.result > 0) return static_cast<std::size_t>(input_.result);
  take_received();
  return 0;
}

/// Also of a connection that was lost meanwhile: bytes that came are not thrown away.
inline void Connection::take_received() noexcept {
  if (!medium_.input) return peer_left();
  const int result = input_.result;
  if (result > 0) {
    const auto count = static_cast<std::size_t>(result);
    buffer_.commit(count);
    last_read_was_full_ = count == input_.length;
    pace_.note(count, input_.length);
  } else if (is_lost() || result == -ECANCELED) {
    return;
  } else if (result < 0) {
    fail(-result, medium_.input->name);
  } else if (medium_.is_one_way) {
    lose(nullptr);
  } else {
    set_eof();
  }
}

/// Nothing is read from a writing end, but the kernel tells when there is no reader any more.
inline void Connection::watch_peer() noexcept {
  prepare_poll(input_, fd_.get(), POLLPRI);  // which never comes; an error always does
  submit(input_);
}

inline void Connection::peer_left() noexcept {
  if (is_lost() || input_.result < 0) return;
  if (output_queue_.empty()) return lose(nullptr);
  fail(EPIPE, medium_.output->name);
}

/// What has come before a connection breaks can still be read, as far as it fits in memory.
inline void Connection::rescue_input() noexcept {
  if (input_.is_submitted || has_ended() || !medium_.input) return;
  try {
    while (buffer_.size() < ReadPace::largest) {
      const std::span<char> space = buffer_.space(ReadPace::smallest);
      prepare_input(space.data(), space.size());
      if (!backend().attempt(input_) || input_.result <= 0) return;
      buffer_.commit(static_cast<std::size_t>(input_.result));
    }
  } catch (const std::bad_alloc&) {
    // Safe because the connection fails anyway; the bytes stay in the kernel and go with it.
  }
}

inline void Connection::write(std::string_view bytes) {
  if (eof_wanted_) [[unlikely]]
    check_writable("write");
  if (bytes.empty()) return;
  if (!is_open()) return note_ignored_write();
  const bool is_idle = output_queue_.empty();
  if (is_idle) {
    bytes.remove_prefix(send_now(bytes));
    if (bytes.empty() || !is_open()) return;
  }
  output_queue_.append(bytes);
  if (is_idle) send_next();
  update_pause();
}

inline std::size_t Connection::send_now(std::string_view bytes) noexcept {
  prepare_output(bytes);
  if (!backend().attempt(output_)) return 0;
  if (output_.result >= 0) return static_cast<std::size_t>(output_.result);
  fail(-output_.result, medium_.output->name);
  return 0;
}

/// Submits what comes next, or does what was to be done once everything is sent.
inline void Connection::send_next() noexcept {
  const std::string_view next = output_queue_.next();
  if (!next.empty()) {
    prepare_output(next);
    return submit(output_);
  }
  if (state_ == ConnectionState::closing) return lose(nullptr);
  if (eof_wanted_) send_eof();
}

inline void Connection::output_done() noexcept {
  const Ref<Connection> self = retire(output_);
  const int result = output_.result;
  output_queue_.sent(result);
  if (is_lost()) return output_queue_.clear();
  if (result < 0 && result != -ECANCELED) return fail(-result, medium_.output->name);
  send_next();
  update_pause();
}

inline void Connection::send_eof() noexcept {
  if (medium_.is_one_way) return lose(nullptr);
  try {
    os::shutdown_write(fd_.get());
  } catch (...) {
    lose(std::current_exception());
  }
}

inline void Connection::note_ignored_write() noexcept {
  if (writes_after_loss_ < ignored_writes) ++writes_after_loss_;
  if (writes_after_loss_ < ignored_writes || !loop_) return;
  const char* const message = medium_.is_one_way
                                  ? "pipe closed by peer or os.write(pipe, data) raised exception."
                                  : "socket.send() raised exception.";
  loop_->report(
      {.message = message, .exception = error_, .future = nullptr, .handle = nullptr, .where = {}});
}

inline void Connection::lose(std::exception_ptr error) noexcept {
  if (is_lost()) return;
  const Ref<Connection> self(this);
  state_ = ConnectionState::lost;
  error_ = std::move(error);
  fd_.close();
  paused_ = false;
  if (!output_.is_submitted) output_queue_.clear();
  if (error_)
    set_loss(error_);
  else
    set_eof();
  output_queue_.refuse_queued();
  drain_waiters_.wake_all();
  closed_waiters_.wake_all();
  if (const auto owner = std::exchange(owner_, {})) owner->connection_lost(*this);
}

}  // namespace asyncio::detail
