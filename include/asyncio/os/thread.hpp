// Threads of the library: they have a name and take no signals.
// Reference: pthread_setname_np(3), pthread_sigmask(3).
#pragma once

#include <algorithm>
#include <csignal>
#include <cstddef>
#include <string>
#include <thread>
#include <utility>

#include <pthread.h>

namespace asyncio::os {

/// Blocks all signals on this thread for a scope. A thread that is started in it inherits that:
/// signals are the business of the threads that run loops.
class BlockSignals {
 public:
  BlockSignals() noexcept {
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &previous_);
  }
  BlockSignals(const BlockSignals&) = delete;  // restores once
  BlockSignals& operator=(const BlockSignals&) = delete;
  ~BlockSignals() { ::pthread_sigmask(SIG_SETMASK, &previous_, nullptr); }

 private:
  sigset_t previous_;
};

/// Starts a thread that calls `function`; the kernel cuts its name to 15 characters.
/// Throws: std::system_error when there are too many.
template <class F>
[[nodiscard]] std::thread start_thread(std::string name, F function) {
  constexpr std::size_t longest_name = 15;
  name.resize(std::min(name.size(), longest_name));
  const BlockSignals blocked;
  return std::thread([name = std::move(name), function = std::move(function)]() mutable {
    ::pthread_setname_np(::pthread_self(), name.c_str());
    function();
  });
}

}  // namespace asyncio::os
