// What stands behind a Server: its listeners, its connections, the handlers that run.
// Reference: asyncio/base_events.py, Server; asyncio/streams.py, StreamReaderProtocol.
#pragma once

#include <asyncio/core/task_handle.hpp>
#include <asyncio/net/listener.hpp>
#include <asyncio/net/stream_writer.hpp>
#include <asyncio/os/socket_file.hpp>

namespace asyncio::detail {

class ServerState;

/// Starts the user's handler for a connection. Counted by its server and by handlers that run.
class ConnectionHandler : public Pooled {
 public:
  ConnectionHandler() = default;
  ConnectionHandler(const ConnectionHandler&) = delete;  // handlers that run refer to it
  ConnectionHandler& operator=(const ConnectionHandler&) = delete;
  virtual ~ConnectionHandler() = default;

  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }

  /// Calls a plain function; schedules a coroutine in a copy of `context`.
  /// Throws: what the plain function threw.
  virtual void start(ServerState& server, const Context& context,
                     const Ref<Connection>& connection) = 0;

 private:
  std::uint32_t refs_ = 0;
};

/// What a Server refers to; lives until its last connection is lost.
class ServerState final : public ConnectionOwner, public AcceptTarget {
 public:
  ServerState(EventLoop& loop, std::size_t limit, Ref<ConnectionHandler> handler)
      : loop_(&loop), context_(capture_context()), limit_(limit), handler_(std::move(handler)) {}

  void add_listener(os::Fd fd, int backlog) {
    listeners_.emplace_back(new Listener(*loop_, std::move(fd), backlog, *this));
  }
  /// Connections that were accepted before, to be served first.
  void keep_accepted(std::vector<os::Fd> fds) noexcept { kept_ = std::move(fds); }
  void start_serving() {
    if (is_closed_) throw RuntimeError("server is closed");
    if (std::exchange(is_serving_, true)) return;
    for (os::Fd& fd : std::exchange(kept_, {})) {
      const Address peer = os::peer_address(fd.get());
      accepted(std::move(fd), peer);
    }
    for (const Ref<Listener>& listener : listeners_) listener->start();
  }
  void close() noexcept {
    if (std::exchange(is_closed_, true)) return;
    is_serving_ = false;
    kept_.clear();
    const Ref<ConnectionOwner> self(this);
    for (const Ref<Listener>& listener : std::exchange(listeners_, {})) listener->stop();
    file_.remove();
    changed_.wake_all();
  }

  void remove_when_closed(os::SocketFile file) noexcept { file_ = std::move(file); }

  [[nodiscard]] bool is_closed() const noexcept { return is_closed_; }
  [[nodiscard]] bool is_serving() const noexcept { return is_serving_; }
  [[nodiscard]] bool has_connections() const noexcept { return !connections_.empty(); }
  [[nodiscard]] const std::vector<Ref<Listener>>& listeners() const noexcept { return listeners_; }
  [[nodiscard]] EventLoop& loop() const noexcept { return *loop_; }
  /// Woken when it closes, and when the last connection or handler is gone.
  [[nodiscard]] WaitQueue& changed() noexcept { return changed_; }
  [[nodiscard]] bool& is_serving_forever() noexcept { return is_serving_forever_; }

  /// `act` may lose connections.
  template <class Act>
  void for_each_connection(Act act) {
    std::vector<Ref<Connection>> all;
    for (OwnerHook* hook = connections_.first(); hook; hook = connections_.next(*hook))
      all.emplace_back(static_cast<Connection*>(hook));
    for (const Ref<Connection>& connection : all) act(*connection);
  }
  [[nodiscard]] bool has_handlers() const noexcept { return running_handlers_ != 0; }
  void cancel_handlers() {
    for (const AnyTask& task : handlers()) task.cancel();
  }

  void connection_lost(Connection& connection) noexcept override {
    connection.OwnerHook::unlink();
    for (const Ref<Listener>& listener : listeners_) listener->retry();
    if (connections_.empty()) changed_.wake_all();
  }

  /// Marks a handler as running for a scope.
  class Running : public ListHook {
   public:
    explicit Running(ServerState& server) noexcept : server_(&server), task_(current_task()) {
      server.handlers_.push_back(*this);
      ++server.running_handlers_;
    }
    Running(const Running&) = delete;  // counted
    Running& operator=(const Running&) = delete;
    ~Running() {
      if (--server_->running_handlers_ == 0) server_->changed_.wake_all();
    }
    [[nodiscard]] const AnyTask& task() const noexcept { return task_; }

   private:
    Ref<ServerState> server_;
    AnyTask task_;
  };

  /// An error of the user's handler, which nobody else can see.
  void report_handler(std::exception_ptr error) noexcept {
    loop_->call_exception_handler({.message = "Unhandled exception in client_connected_cb",
                                   .exception = std::move(error),
                                   .task = current_task(),
                                   .future = {},
                                   .handle = {},
                                   .where = {}});
  }

 private:
  void accepted(os::Fd fd, const Address& peer) noexcept override {
    try {
      if (peer.family() != AF_UNIX) os::set_no_delay(fd.get());
      auto connection = Connection::make(*loop_, std::move(fd), limit_, peer);
      connection->set_owner(Ref<ConnectionOwner>(this));
      connections_.push_back(*connection);
      serve(connection);
    } catch (...) {
      report("Error on transport creation for incoming connection", std::current_exception());
    }
  }
  void serve(const Ref<Connection>& connection) {
    const Ref<ConnectionHandler> handler = handler_;
    try {
      handler->start(*this, context_, connection);
    } catch (...) {
      connection->close();
      if (stops_the_loop(std::current_exception()))
        return loop_->interrupt(std::current_exception());
      report_handler(std::current_exception());
    }
  }
  void accept_failed(const char* message, int error) noexcept override {
    report(message,
           std::make_exception_ptr(std::system_error(error, std::generic_category(), "accept")));
  }
  void report(const char* message, std::exception_ptr error) noexcept {
    loop_->call_exception_handler({.message = message,
                                   .exception = std::move(error),
                                   .task = {},
                                   .future = {},
                                   .handle = {},
                                   .where = {}});
  }

  std::vector<AnyTask> handlers() {
    std::vector<AnyTask> tasks;
    for (Running* entry = handlers_.first(); entry; entry = handlers_.next(*entry))
      tasks.push_back(entry->task());
    return tasks;
  }

  EventLoop* loop_;
  Context context_;  // of who started the server; every handler gets a copy
  std::size_t limit_;
  Ref<ConnectionHandler> handler_;
  std::vector<Ref<Listener>> listeners_;
  std::vector<os::Fd> kept_;  // accepted before it serves
  List<OwnerHook> connections_;
  List<Running> handlers_;
  std::size_t running_handlers_ = 0;
  os::SocketFile file_;  // of a unix socket
  WaitQueue changed_;
  bool is_serving_ = false;
  bool is_closed_ = false;
  bool is_serving_forever_ = false;
};

}  // namespace asyncio::detail
