// Which loop a thread runs.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#asyncio.get_running_loop
#pragma once

#include <asyncio/core/event_loop.hpp>

namespace asyncio {

/// The loop that runs on this thread. Throws: RuntimeError "no running event loop".
[[nodiscard]] inline EventLoop& get_running_loop() {
  EventLoop* const loop = detail::thread_state.running_loop;
  if (!loop) throw RuntimeError("no running event loop");
  return *loop;
}

/// The running loop, else the one that set_event_loop() installed.
/// Throws: RuntimeError where there is neither.
[[nodiscard]] inline EventLoop& get_event_loop() {
  if (detail::thread_state.running_loop) return *detail::thread_state.running_loop;
  EventLoop* const installed = detail::thread_state.set_loop;
  if (installed && detail::KnownLoop::exists(installed)) return *installed;
  throw RuntimeError("There is no current event loop in this thread.");
}

/// Installs `loop` for this thread's get_event_loop(); null uninstalls. Borrowed.
inline void set_event_loop(EventLoop* loop) noexcept { detail::thread_state.set_loop = loop; }

/// A new loop, not installed anywhere.
[[nodiscard]] inline std::unique_ptr<EventLoop> new_event_loop(
    Backend backend = Backend::automatic) {
  return std::make_unique<EventLoop>(backend);
}

}  // namespace asyncio
