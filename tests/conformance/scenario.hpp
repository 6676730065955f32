// What the scenarios share; scenario.py says the same in Python.
//
//   SCENARIO(cancel_self) { ... co_await ...; }     a coroutine, the main task of asyncio::run()
//   TIMED_SCENARIO(wait_timeout) { ... }            the same on the virtual clock
//   PLAIN_SCENARIO(run_result) { ... }              a function that makes its own loops
#pragma once

#include <asyncio/asyncio.hpp>
#include <asyncio/testing.hpp>

#include <chrono>
#include <concepts>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace conformance {

using namespace asyncio;  // NOLINT: the scenarios read as their twins do
using namespace std::chrono_literals;

// --- the trace --------------------------------------------------------------------------------------------------------

/// The lines so far.
inline std::vector<std::string> trace;

// What Python prints.
inline std::string text(const char* value) { return value; }
inline std::string text(const std::string& value) { return value; }
inline std::string text(None) { return "None"; }
template <std::same_as<bool> B>
std::string text(B value) {
  return value ? "True" : "False";
}
template <std::integral I>
  requires(!std::same_as<I, bool>)
std::string text(I value) {
  return std::to_string(value);
}
template <class T>
std::string text(const std::optional<T>& value) {
  return value ? text(*value) : "None";
}
template <class T>
std::string text(const std::vector<T>& values) {
  std::string result;
  for (const T& value : values) result += (result.empty() ? "" : ", ") + text(value);
  return "[" + result + "]";
}

/// Appends a line to the trace.
template <class... Parts>
void log(const Parts&... parts) {
  trace.push_back((std::string() + ... + text(parts)));
  std::puts(trace.back().c_str());
  std::fflush(stdout);
}

/// log() as a callback.
inline auto say(std::string line) {
  return [line = std::move(line)] { log(line); };
}

inline std::string join(const std::vector<std::string>& parts, const char* between = ", ") {
  std::string result;
  for (const std::string& part : parts) result += (result.empty() ? "" : between) + part;
  return result;
}

/// Bytes as text, line ends shown.
inline std::string shown(std::string_view data) {
  std::string result;
  for (const char c : data) {
    if (c == '\n')
      result += "\\n";
    else if (c == '\r')
      result += "\\r";
    else
      result += c;
  }
  return '"' + result + '"';
}

/// An error that is no std::exception, as Python's class Custom(BaseException).
struct Custom {
  std::string text;
};

/// An error as Python names it, and its text.
struct ErrorText {
  std::string name;
  std::string text;
};
ErrorText describe_error(const std::exception_ptr& error);

/// The type of an error, by default of the one being handled.
inline std::string name(const std::exception_ptr& error = std::current_exception()) {
  return describe_error(error).name;
}
/// The type and the text of an error, and of what a group holds.
inline std::string error(const std::exception_ptr& e = std::current_exception()) {
  const ErrorText parts = describe_error(e);
  return parts.name + "(" + parts.text + ")";
}

// --- the loop ---------------------------------------------------------------------------------------------------------

/// Lets n turns of the loop pass.
inline Task<> turns(int n) {
  for (int i = 0; i < n; ++i) co_await sleep(0s);
}

/// A task that never ends by itself.
inline Task<> endless() { co_await sleep(1h); }

/// Awaits something and logs how it ended.
template <class A>
Task<> tell(std::string what, A awaitable) {
  try {
    if constexpr (std::is_void_v<await_result_t<A>>) {
      co_await std::move(awaitable);
      log(what, ": None");
    } else {
      const auto result = co_await std::move(awaitable);
      log(what, ": ", result);
    }
  } catch (...) {
    log(what, ": ", error());
    throw;
  }
}
/// tell() as a task.
template <class A>
TaskHandle<> told(std::string what, A awaitable) {
  return create_task(tell(std::move(what), std::move(awaitable)));
}

/// Lets n turns of the loop pass and logs each.
inline Task<> logged_turns(int n) {
  for (int i = 0; i < n; ++i) {
    co_await sleep(0s);
    log("--");
  }
}

/// Waits to be cancelled and gives the CancelledError, to be rethrown after the clean-up: in C++ a
/// handler cannot await.
inline Task<std::exception_ptr> cancellation() {
  std::exception_ptr caught;
  try {
    co_await sleep(1h);
  } catch (const CancelledError&) {
    caught = std::current_exception();
  }
  co_return caught;
}

/// When the timed scenario began.
inline EventLoop::time_point beginning;

/// Milliseconds on the loop's clock; only for timed scenarios.
inline long long ms() {
  return std::chrono::round<std::chrono::milliseconds>(get_running_loop().time() - beginning)
      .count();
}

/// Counts turns of the loop: a callback that reschedules itself, first in each turn.
class Turns {
 public:
  Task<> start() {
    tick();
    count_ = 0;
    co_await sleep(0s);
  }
  void stop() { handle_.cancel(); }

  /// Logs how many turns the await of make() takes.
  template <class Make>
  Task<> measure(const char* what, Make make) {
    co_await turns(3);
    auto awaitable = make();
    const int before = count_;
    try {
      static_cast<void>(co_await std::move(awaitable));
      log(what, ": ", count_ - before);
    } catch (...) {
      log(what, ": ", count_ - before, " ", name());
    }
  }

 private:
  void tick() {
    ++count_;
    handle_ = get_running_loop().call_soon([this] { tick(); });
  }

  int count_ = 0;
  Handle handle_;
};

// --- the list of scenarios --------------------------------------------------------------------------------------------

using Body = Task<> (*)();

void on_backend(Body body);
void on_virtual_clock(Body body);

struct Scenario {
  std::string_view name;
  void (*run)();
};

inline std::vector<Scenario>& scenarios() {
  static std::vector<Scenario> all;
  return all;
}

struct Registration {
  Registration(std::string_view name, void (*run)()) { scenarios().push_back({name, run}); }
};

}  // namespace conformance

#define CONFORMANCE_COROUTINE(name, runner)                                                   \
  static ::asyncio::Task<> name();                                                            \
  static const ::conformance::Registration name##_registration(#name, [] { runner(&name); }); \
  static ::asyncio::Task<> name()

#define SCENARIO(name) CONFORMANCE_COROUTINE(name, ::conformance::on_backend)
#define TIMED_SCENARIO(name) CONFORMANCE_COROUTINE(name, ::conformance::on_virtual_clock)
#define PLAIN_SCENARIO(name)                                                  \
  static void name();                                                         \
  static const ::conformance::Registration name##_registration(#name, &name); \
  static void name()
