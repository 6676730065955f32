// add_signal_handler() and remove_signal_handler().
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#unix-signals
#pragma once

#include <asyncio/core/awaitable.hpp>
#include <asyncio/process/loop_signals.hpp>
#include <tuple>

namespace asyncio {
namespace detail {

/// A callable with its arguments, which may be called many times.
template <class F, class... Args>
class SignalCall {
 public:
  template <class G, class... A>
  explicit SignalCall(G&& function, A&&... args)
      : function_(std::forward<G>(function)), args_(std::forward<A>(args)...) {}
  void operator()() { static_cast<void>(std::apply(function_, args_)); }

 private:
  F function_;
  std::tuple<Args...> args_;
};

}  // namespace detail

/// Calls `function(args…)` as a callback of the running loop whenever `signum` comes, in a copy of
/// the current context; it may do what any callback may. Replaces the loop's handler of that
/// signal, and what the process did at the signal before. Ends with the loop.
/// What servers do: `add_signal_handler(SIGTERM, [task] { task.cancel(); });`
/// Throws: std::invalid_argument if there is no such signal; RuntimeError for SIGKILL and SIGSTOP,
/// and off the main thread, as in Python: a SignalSet works on any.
/// Cost: signals that come while the loop is busy are all delivered, up to 65536.
template <class F, class... Args>
  requires std::invocable<std::decay_t<F>&, std::decay_t<Args>&...>
void add_signal_handler(int signum, F&& function, Args&&... args) {
  using Call = detail::SignalCall<std::decay_t<F>, std::decay_t<Args>...>;
  using Result = std::invoke_result_t<std::decay_t<F>&, std::decay_t<Args>&...>;
  static_assert(
      !Awaitable<Result>,
      "asyncio: coroutines cannot be used with add_signal_handler(); call create_task() in "
      "a plain function");
  EventLoop& loop = get_running_loop();
  if (!os::is_main_thread())
    throw RuntimeError(
        "asyncio: add_signal_handler() only works on the main thread; use a SignalSet");
  detail::Ref<detail::SignalCallback> callback(
      new detail::SignalCallback(Call(std::forward<F>(function), std::forward<Args>(args)...)));
  loop.service<detail::LoopSignals>().set_handler(signum, std::move(callback));
}

/// Removes the running loop's handler; the process does at the signal what it did before.
/// Returns: false if there was none. Throws: std::invalid_argument.
inline bool remove_signal_handler(int signum) {
  return get_running_loop().service<detail::LoopSignals>().remove_handler(signum);
}

}  // namespace asyncio
