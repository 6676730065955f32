// Runs something in a forked child, for what cannot be done to the test's own process.
#pragma once

#include <sys/wait.h>
#include <unistd.h>

namespace asyncio_test {

/// What a child ends with when its body throws.
inline constexpr int child_threw = 99;

/// Runs `body` in a child, which ends with the int that it returns. No Catch2 in there: a failure
/// would run the parent's tests on. Returns: that number; minus the signal that ended the child.
template <class Body>
int in_child(Body body) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::alarm(30);  // one that hangs ends by SIGALRM
    int status = child_threw;
    try {
      status = body();
    } catch (...) {
    }
    ::_exit(status);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

}  // namespace asyncio_test
