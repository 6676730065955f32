// In which process something was made: fork(2) copies what must not be used in the child.
// Reference: pthread_atfork(3); CPython's PyOS_AfterFork_Child.
#pragma once

#include <asyncio/os/error.hpp>
#include <cstdint>

#include <pthread.h>

namespace asyncio::os {

/// Calls `function` in each child that fork(2) makes from now on, before fork() returns there. It
/// may only do what is safe between fork() and exec(). Throws: std::system_error.
/// Not called: by vfork(2), posix_spawn(3) and a bare clone(2).
inline void call_in_forked_children(void (*function)()) {
  const int error = ::pthread_atfork(nullptr, nullptr, function);
  if (error != 0) throw_system_error(error, "pthread_atfork");
}

/// Remembers the process in which it was made. Cost: a load and a compare for the question.
class ProcessMark {
 public:
  ProcessMark() : generation_(current()) {}

  /// This process is a child, and got the object by fork().
  [[nodiscard]] bool is_inherited() const noexcept { return generation_ != forks_; }

 private:
  /// From the first mark on, forks are counted.
  static std::uint32_t current() {
    static const bool is_counting = (call_in_forked_children([] { ++forks_; }), true);
    static_cast<void>(is_counting);
    return forks_;
  }

  /// Forks between the first process that had a mark and this one. Plain, because it changes only
  /// in a child that has no second thread yet.
  static constinit inline std::uint32_t forks_ = 0;

  std::uint32_t generation_;
};

}  // namespace asyncio::os
