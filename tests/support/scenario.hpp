// Scenarios in a process of their own, whose exit code says how they went; Catch2 stays out of it.
#pragma once

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <string>
#include <utility>

#include <sys/wait.h>
#include <unistd.h>

namespace asyncio_test {

constexpr int as_expected = 42;

/// How a process ended: "exit 42", "signal 2".
inline std::string ending_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return "exit " + std::to_string(WEXITSTATUS(status));
  return "signal " + std::to_string(WTERMSIG(status));
}

/// Runs `scenario`, which returns as_expected, or the line where it was not.
template <class F>
std::string scenario_ending(F&& scenario) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return ending_of(child);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1, SIGUSR2, SIGPIPE, SIGCHLD, SIGALRM})
    std::signal(signal, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::alarm(30);  // a scenario that hangs ends by SIGALRM
  int code = 1;
  try {
    code = std::forward<F>(scenario)();
  } catch (...) {
    code = 2;
  }
  ::_exit(code);
}

}  // namespace asyncio_test

/// In a scenario: it ends here unless the condition holds. The exit code is the line, modulo 200.
#define EXPECT_IN_CHILD(...) \
  if (!(__VA_ARGS__)) return __LINE__ % 200 + 50
#define EXPECT_IN_CHILD_TASK(...) \
  if (!(__VA_ARGS__)) co_return __LINE__ % 200 + 50
