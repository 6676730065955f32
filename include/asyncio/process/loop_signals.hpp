// The signals that one loop listens to, and who gets them.
// Reference: asyncio/unix_events.py, _UnixSelectorEventLoop._handle_signal.
#pragma once

#include <asyncio/backend/operations.hpp>
#include <asyncio/core/event_loop.hpp>
#include <asyncio/core/running_loop.hpp>
#include <asyncio/os/signal_inbox.hpp>

namespace asyncio::detail {

/// What add_signal_handler() was given. Counted: by its loop, and by its calls that are queued.
struct SignalCallback final : Pooled {
  explicit SignalCallback(Function<void()> called) noexcept : function(std::move(called)) {}

  void add_ref() noexcept { ++refs; }
  void drop_ref() noexcept {
    if (--refs == 0) delete this;
  }

  Function<void()> function;
  Context context = copy_context();
  std::uint32_t refs = 0;
};

/// Who waits for signals with a SignalSet.
class SignalListener : public ListHook {
 public:
  /// `signal` has come; it may be one that this listener did not ask for.
  virtual void signal_came(int signal) noexcept = 0;
  /// The loop closes.
  virtual void loop_closed() noexcept = 0;

 protected:
  ~SignalListener() = default;
};

/// Reads the loop's inbox while anybody listens.
class LoopSignals final : public LoopService {
 public:
  explicit LoopSignals(EventLoop& loop) : loop_(loop), inbox_(os::SignalInbox::acquire()) {
    reading_.signals = this;
    reading_.on_complete = [](Operation& operation) noexcept {
      static_cast<Reading&>(operation).signals->bytes_came();
    };
  }
  ~LoopSignals() override {
    while (SignalListener* listener = listeners_.pop_front()) listener->loop_closed();
    for (int signal = 1; signal < NSIG; ++signal)
      if (entry(signal).users != 0) inbox_.ignore(signal);
    if (reading_.is_submitted) loop_.backend_interface().cancel_sync(reading_);
    inbox_.release();
  }

  /// Replaces the handler of `signal`, if there is one.
  /// Throws: std::invalid_argument, RuntimeError for a signal that cannot be caught.
  void set_handler(int signal, Ref<SignalCallback> callback) {
    check(signal);
    if (!entry(signal).callback) listen(signal);
    entry(signal).callback = std::move(callback);
  }
  /// Returns: whether there was one. Throws: std::invalid_argument.
  bool remove_handler(int signal) {
    check(signal);
    const Ref<SignalCallback> callback = std::exchange(entry(signal).callback, {});
    if (callback) ignore(signal);
    return static_cast<bool>(callback);
  }

  void add(SignalListener& listener) noexcept { listeners_.push_back(listener); }
  /// Throws: as set_handler().
  void listen(int signal) {
    check(signal);
    if (entry(signal).users == 0) start_listening(signal);
    ++entry(signal).users;
    read();
  }
  void ignore(int signal) noexcept {
    if (--entry(signal).users == 0) inbox_.ignore(signal);
    if (--uses_ == 0 && reading_.is_submitted) loop_.backend_interface().cancel(reading_);
  }

 private:
  struct Entry {
    Ref<SignalCallback> callback;  // null: none
    unsigned users = 0;            // the callback, and listeners
  };
  struct Reading : Operation {
    LoopSignals* signals = nullptr;
    bool is_submitted = false;  ///< and on_complete was not called yet
    unsigned char bytes[64];
  };

  static void check(int signal) {
    if (!os::SignalInbox::is_signal(signal))
      throw std::invalid_argument("invalid signal number " + std::to_string(signal));
  }
  [[nodiscard]] Entry& entry(int signal) noexcept {
    return entries_[static_cast<unsigned>(signal)];
  }

  void start_listening(int signal) {
    try {
      inbox_.listen(signal);
    } catch (const std::system_error&) {
      throw RuntimeError("sig " + std::to_string(signal) + " cannot be caught");
    }
  }

  void read() noexcept {
    ++uses_;
    if (!reading_.is_submitted) submit();
  }
  void submit() noexcept {
    prepare_read(reading_, inbox_.fd(), reading_.bytes, sizeof reading_.bytes);
    reading_.is_submitted = true;
    loop_.backend_interface().submit(reading_);
  }

  void bytes_came() noexcept {
    reading_.is_submitted = false;
    for (int i = 0; i < reading_.result; ++i) deliver(reading_.bytes[i]);
    if (uses_ != 0) submit();
  }
  void deliver(int signal) noexcept {
    if (const Ref<SignalCallback>& callback = entry(signal).callback) call(callback);
    for (SignalListener* listener = listeners_.first(); listener;
         listener = listeners_.next(*listener))
      listener->signal_came(signal);
  }
  void call(const Ref<SignalCallback>& callback) noexcept {
    try {
      loop_.call_soon(callback->context, [callback] { callback->function(); });
    } catch (...) {
      loop_.report({.message = "asyncio: a signal was lost",
                    .exception = std::current_exception(),
                    .future = nullptr,
                    .handle = nullptr,
                    .where = {}});
    }
  }

  EventLoop& loop_;
  os::SignalInbox& inbox_;
  std::array<Entry, NSIG> entries_;
  List<SignalListener> listeners_;
  Reading reading_;
  unsigned uses_ = 0;  // of all signals together
};

}  // namespace asyncio::detail
