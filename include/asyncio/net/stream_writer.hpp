// StreamWriter: the outgoing half of a connection, with flow control.
// Reference: https://docs.python.org/3/library/asyncio-stream.html#streamwriter
#pragma once

#include <asyncio/net/connection.hpp>
#include <asyncio/net/socket.hpp>
#include <asyncio/net/stream_reader.hpp>
#include <ranges>
#include <variant>

namespace asyncio {

/// What StreamWriter::get_extra_info() gives: an address, the socket, or nothing.
using ExtraInfo = std::variant<std::monostate, Address, SocketView>;

namespace detail {

[[noreturn]] inline void throw_lost(const Connection& connection) {
  if (connection.error()) std::rethrow_exception(connection.error());
  os::throw_system_error(ECONNRESET, "Connection lost");
}

/// drain(). A connection that is closing costs one turn, in which its loss may become known.
class DrainWait {
 public:
  explicit DrainWait(Ref<Connection> connection) noexcept : connection_(std::move(connection)) {}

  bool await_ready() {
    const Connection& connection = *connection_;
    if (connection.has_failed()) [[unlikely]]
      std::rethrow_exception(connection.exception());
    return !connection.is_paused() && !connection.is_closing() && connection_->may_go_on();
  }
  void suspend(PromiseBase& frame) noexcept {
    slow_.emplace(*connection_);
    slow_->waiter.suspend(frame);
    slow_->next_turn.wake_all();
  }
  void await_resume() {
    if (!slow_) [[likely]]
      return;
    slow_->waiter.await_resume();
    if (connection_->error()) std::rethrow_exception(connection_->error());
    if (connection_->state() == ConnectionState::lost && !slow_->waits_for_room)
      throw_lost(*connection_);
  }

 private:
  /// What only a drain() that suspends needs. Where there is room it waits in a queue of its own,
  /// which is woken at once: for a turn, in the same way as the others.
  struct Slow {
    explicit Slow(Connection& connection) noexcept
        : waits_for_room(connection.is_paused()),
          waiter(waits_for_room ? connection.drain_waiters() : next_turn) {}
    bool waits_for_room;
    WaitQueue next_turn;
    WaitQueue::Waiter waiter;
  };

  Ref<Connection> connection_;
  std::optional<Slow> slow_;
};

/// Which errors the end of a connection raises.
enum class ClosedErrors : bool {
  all,  ///< whatever it was lost by, at any time
  late  ///< only what happens from now on: bytes that were to be sent and could not
};

/// wait_closed() and aclose().
class ClosedWait {
 public:
  ClosedWait(Ref<Connection> connection, ClosedErrors errors) noexcept
      : connection_(std::move(connection)),
        waiter_(connection_->closed_waiters()),
        errors_(errors) {}

  bool await_ready() {
    if (errors_ == ClosedErrors::late) {
      was_lost_ = connection_->state() == ConnectionState::lost;
      connection_->close();
    }
    return connection_->state() == ConnectionState::lost;
  }
  void suspend(PromiseBase& frame) noexcept {
    waiter_.suspend(frame);
    // So that a peer which goes away is noticed though nobody reads.
    if (connection_->buffer().empty()) connection_->fetch();
  }
  void await_resume() {
    waiter_.await_resume();
    if (connection_->error() && !was_lost_) std::rethrow_exception(connection_->error());
  }

 private:
  Ref<Connection> connection_;
  WaitQueue::Waiter waiter_;
  ClosedErrors errors_;
  bool was_lost_ = false;
};

/// write_all(): sends the caller's bytes where they are, or queues a copy behind what is queued.
class WriteAllWait final : public Suspension, public OutputWaiter {
 public:
  WriteAllWait(Ref<Connection> connection, BytesView bytes) noexcept
      : connection_(std::move(connection)), rest_(bytes.view()) {}

  bool await_ready() {
    connection_->check_writable("write_all");
    if (connection_->is_closing()) throw_lost(*connection_);
    if (connection_->can_send_now()) {
      while (!rest_.empty()) {
        const std::size_t count = connection_->send_now(rest_);
        if (count == 0) break;
        rest_.remove_prefix(count);
      }
      is_accepted_ = rest_.empty();
      if (connection_->is_closing()) return true;
      return is_accepted_ && connection_->may_go_on();
    }
    is_copied_ = true;
    connection_->output_queue().append(rest_);
    return false;
  }
  void suspend(PromiseBase& frame) noexcept {
    task_ = frame.task_;
    task_->suspend(frame, this);
    if (is_accepted_) return settle(true);  // only to let others run
    if (is_copied_) {
      connection_->output_queue().wait(*this);
      return connection_->update_pause();
    }
    connection_->send_in_place(rest_, *this);
  }
  void await_resume() {
    if (is_accepted_) {
      if (cancel_requested_) task_->request_cancel(std::move(reason_));
      return;
    }
    if (cancel_requested_) throw_cancelled(reason_);
    throw_lost(*connection_);
  }

  bool cancel(const std::exception_ptr& reason) noexcept override {
    if (is_settled_) return false;
    if (std::exchange(cancel_requested_, true)) return true;
    reason_ = reason;
    if (connection_->output_queue().is_in_place(*this)) {
      connection_->stop_in_place(*this);
    } else {
      unlink();
      settle(false);
    }
    return true;
  }
  void detach() noexcept override {
    if (connection_->output_queue().is_in_place(*this)) connection_->tear_in_place();
    unlink();
  }

  void settle(bool accepted) noexcept override {
    if (is_settled_) return;
    is_settled_ = true;
    is_accepted_ = accepted;
    if (task_->waiting() == this) task_->wake();
  }

 private:
  Ref<Connection> connection_;
  std::string_view rest_;
  TaskBase* task_ = nullptr;
  std::exception_ptr reason_;  // of the cancel request
  bool cancel_requested_ = false;
  bool is_copied_ = false;
  bool is_accepted_ = false;  // the kernel has taken every byte
  bool is_settled_ = false;
};

}  // namespace detail

/// Writes bytes. A movable handle; dropping it and its StreamReader closes the connection, after
/// what was written has been sent.
///
/// write() never waits: it sends what the kernel takes and keeps the rest. `co_await drain()` after
/// it waits while more than 64 KiB are kept, until 16 KiB are left; write_all() does both.
/// A connection that fails drops what was kept; the error is raised by drain(), write_all() and
/// wait_closed().
class [[nodiscard("dropping the reader and the writer closes the connection")]] StreamWriter {
  using ConnectionRef = detail::Ref<detail::Connection>;

 public:
  /// The library's own use.
  explicit StreamWriter(ConnectionRef connection) noexcept : connection_(std::move(connection)) {}
  StreamWriter(StreamWriter&&) noexcept = default;
  StreamWriter& operator=(StreamWriter&& other) noexcept {
    drop();
    connection_ = std::move(other.connection_);
    return *this;
  }
  ~StreamWriter() { drop(); }

  /// Sends `bytes`, or keeps a copy of what the kernel does not take now. Ignored once the
  /// connection is closing or lost; from the fifth time on that is reported.
  /// Throws: RuntimeError after write_eof().
  void write(BytesView bytes) { connection_->write(bytes.view()); }

  /// Writes every element of a range, together.
  template <std::ranges::input_range R>
    requires std::convertible_to<std::ranges::range_reference_t<R>, BytesView>
  void writelines(R&& chunks) {
    std::string joined;
    for (auto&& chunk : chunks) joined += BytesView(chunk).view();
    write(joined);
  }

  /// Waits while too much is kept. Does not suspend otherwise, but once in 64 times, so that others
  /// run. Many tasks may wait at the same time.
  /// Throws: the error that the connection was lost by; std::system_error (ECONNRESET) if it is
  /// closed; what StreamReader::set_exception() was given.
  [[nodiscard]] auto drain() {
    return detail::Deferred<detail::DrainWait, ConnectionRef>(connection_);
  }

  /// Sends all of `bytes` without copying them, and returns when the kernel has taken them.
  /// If something else is kept already, a copy queues up behind it.
  /// Throws: as write() and drain().
  /// Cancellation: an unknown part was sent, so that the stream is of little use afterwards.
  /// Lifetime: the bytes until the await returns.
  [[nodiscard]] auto write_all(BytesView bytes) {
    return detail::Deferred<detail::WriteAllWait, ConnectionRef, BytesView>(connection_, bytes);
  }

  /// Ends the outgoing stream after what was written; reading goes on. Idempotent.
  void write_eof() noexcept { connection_->write_eof(); }
  /// write_eof() does something: true for sockets.
  [[nodiscard]] bool can_write_eof() const noexcept { return true; }

  /// Closes the connection once what was written has been sent. Idempotent.
  void close() noexcept { connection_->close(); }
  /// Closes the connection now and drops what was kept.
  void abort() noexcept { connection_->abort(); }
  /// close() or abort() was called, or the connection is lost.
  [[nodiscard]] bool is_closing() const noexcept { return connection_->is_closing(); }

  /// Waits until the connection is closed. Throws: the error that it was lost by.
  [[nodiscard]] auto wait_closed() { return closed(detail::ClosedErrors::all); }
  /// Closes and waits until everything was sent.
  /// Throws: what keeps the last bytes from being sent; not an error from before the call.
  /// Cancellation: the closing goes on.
  [[nodiscard]] auto aclose() { return closed(detail::ClosedErrors::late); }

  /// "peername" and "sockname" give an Address, "socket" a SocketView; anything else, and what a
  /// closed connection no longer knows, std::monostate.
  [[nodiscard]] ExtraInfo get_extra_info(std::string_view name) const {
    const int fd = connection_->fd();
    if (name == "peername" && connection_->peer().family() != AF_UNSPEC) return connection_->peer();
    if (fd < 0 || !connection_->is_socket()) return {};
    if (name == "socket") return SocketView(fd);
    if (name == "sockname") return os::local_address(fd);
    try {
      if (name == "peername") return os::peer_address(fd);
    } catch (const std::system_error&) {
      // Python: a peer that is gone already has no name.
    }
    return {};
  }

 private:
  using Closed = detail::Deferred<detail::ClosedWait, ConnectionRef, detail::ClosedErrors>;
  [[nodiscard]] Closed closed(detail::ClosedErrors errors) { return Closed(connection_, errors); }

  void drop() noexcept {
    if (auto connection = std::exchange(connection_, {})) connection->drop_handle();
  }

  ConnectionRef connection_;  // null after a move
};

/// The two halves of a connection.
using Streams = std::pair<StreamReader, StreamWriter>;

namespace detail {

[[nodiscard]] inline Streams make_streams(const Ref<Connection>& connection) {
  connection->add_handle();
  connection->add_handle();
  return Streams(StreamReader(Ref<ReadSource>(connection.get())), StreamWriter(connection));
}

/// The handle to a connection that only goes one way.
[[nodiscard]] inline StreamReader make_reader(const Ref<Connection>& connection) {
  connection->add_handle();
  return StreamReader(Ref<ReadSource>(connection.get()));
}
[[nodiscard]] inline StreamWriter make_writer(const Ref<Connection>& connection) {
  connection->add_handle();
  return StreamWriter(connection);
}

}  // namespace detail
}  // namespace asyncio
