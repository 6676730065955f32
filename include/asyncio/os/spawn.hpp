// Starting a program: everything is prepared before the fork, and the child only makes system calls.
// Reference: vfork(2), signal-safety(7); Python's _posixsubprocess.c, child_exec().
#pragma once

#include <algorithm>
#include <array>
#include <asyncio/os/pidfd.hpp>
#include <asyncio/os/pipe.hpp>
#include <asyncio/os/transfer.hpp>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <vector>

#include <pthread.h>
#include <sys/resource.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

namespace asyncio::os {

/// Which program, and in what surroundings.
struct SpawnRequest {
  static constexpr int inherited = -1;

  std::vector<std::string> arguments;                   ///< not empty; the first names the program
  std::optional<std::vector<std::string>> environment;  ///< "NAME=value"; nullopt: ours
  std::string directory;                                ///< empty: ours
  std::array<int, 3> standard{inherited, inherited, inherited};  ///< what become 0, 1 and 2
  std::vector<int> passed;       ///< other descriptors that stay open in the child
  bool starts_session = false;   ///< setsid(2)
  std::optional<pid_t> group;    ///< setpgid(2); 0: a new one
  bool restores_signals = true;  ///< all dispositions to the default, no signal blocked
};

/// A program that was started.
struct Spawned {
  pid_t pid;
  Fd pidfd;  ///< empty: it has ended, and nobody can know how
};

namespace detail {

/// A step of the child that can fail.
enum class SpawnStep : std::int32_t { descriptors, directory, session, group, execute };

/// What a child that could not execute its program sends to its parent.
struct SpawnFailure {
  SpawnStep step;
  std::int32_t error;
};

/// The request in the form that system calls take. Points into the request.
class SpawnPlan {
 public:
  explicit SpawnPlan(const SpawnRequest& asked, int failure_fd)
      : request(asked), report_to(failure_fd) {
    arguments = pointers_to(asked.arguments);
    if (asked.environment) environment = pointers_to(*asked.environment);
    find_programs(asked.arguments.front());
    sigset_t all;
    ::sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &mask);  // so that no handler of ours runs in the child
  }
  SpawnPlan(const SpawnPlan&) = delete;  // restores the mask once
  SpawnPlan& operator=(const SpawnPlan&) = delete;
  ~SpawnPlan() { ::pthread_sigmask(SIG_SETMASK, &mask, nullptr); }

  const SpawnRequest& request;
  int report_to;                      // where a SpawnFailure goes
  std::vector<char*> arguments;       // ends in a null pointer, as execve(2) wants it
  std::vector<char*> environment;     // the same; empty: ours
  std::vector<std::string> programs;  // the files to try, in this order
  sigset_t mask;                      // ours, restored afterwards

 private:
  static std::vector<char*> pointers_to(const std::vector<std::string>& strings) {
    std::vector<char*> result;
    // Safe because execve(2) does not write, whatever its type says.
    for (const std::string& string : strings) result.push_back(const_cast<char*>(string.c_str()));
    result.push_back(nullptr);
    return result;
  }

  /// A name without a slash is looked for in the PATH that the child will have.
  void find_programs(const std::string& name) {
    if (name.find('/') != std::string::npos) return programs.push_back(name);
    const std::string path = search_path();
    for (std::size_t begin = 0; begin <= path.size();) {
      const std::size_t end = std::min(path.find(':', begin), path.size());
      const std::string folder = path.substr(begin, end - begin);
      programs.push_back((folder.empty() ? "." : folder) + '/' + name);
      begin = end + 1;
    }
  }
  [[nodiscard]] std::string search_path() const {
    constexpr const char* usual = "/bin:/usr/bin";
    if (!request.environment) {
      const char* path = std::getenv("PATH");
      return path ? path : usual;
    }
    for (const std::string& variable : *request.environment)
      if (variable.starts_with("PATH=")) return variable.substr(5);
    return usual;
  }
};

// What follows runs in the child, which shares our memory until it executes its program: system
// calls only, nothing is allocated, nothing is destroyed.

[[noreturn]] inline void give_up(const SpawnPlan& plan, SpawnStep step, int error) noexcept {
  const SpawnFailure failure{step, error};
  if (::write(plan.report_to, &failure, sizeof failure) < 0) ::_exit(126);
  ::_exit(127);
}

/// Handlers must be gone before signals are let in: they would run in our memory.
inline void reset_signals(const SpawnPlan& plan) noexcept {
  struct sigaction usual{};
  usual.sa_handler = SIG_DFL;
  for (int signal = 1; signal < NSIG; ++signal) {
    struct sigaction current{};
    const bool keeps_ignored = !plan.request.restores_signals && signal != SIGPIPE;
    if (keeps_ignored && ::sigaction(signal, nullptr, &current) == 0 &&
        !(current.sa_flags & SA_SIGINFO) && current.sa_handler == SIG_IGN)
      continue;
    ::sigaction(signal, &usual, nullptr);
  }
  sigset_t none;
  ::sigemptyset(&none);
  ::pthread_sigmask(SIG_SETMASK, plan.request.restores_signals ? &none : &plan.mask, nullptr);
}

/// Everything above 2 is closed when the program is executed.
inline void close_others() noexcept {
  constexpr unsigned on_execute = 4;  // CLOSE_RANGE_CLOEXEC, Linux 5.11
  if (::syscall(SYS_close_range, 3u, ~0u, on_execute) == 0) return;
  rlimit limit{};
  const bool is_known = ::getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < 65536;
  const int end = is_known ? static_cast<int>(limit.rlim_cur) : 65536;
  for (int fd = 3; fd < end; ++fd) ::fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/// Returns: 0 or an errno.
inline int arrange_descriptors(const SpawnRequest& request) noexcept {
  std::array<int, 3> from = request.standard;
  for (int target = 0; target < 3; ++target) {  // out of the way of each other
    int& fd = from[static_cast<unsigned>(target)];
    if (fd < 0 || fd > 2 || fd == target) continue;
    fd = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
    if (fd < 0) return errno;
  }
  for (int target = 0; target < 3; ++target) {
    const int fd = from[static_cast<unsigned>(target)];
    if (fd < 0) continue;
    const int result = fd == target ? ::fcntl(fd, F_SETFD, 0) : ::dup2(fd, target);
    if (result < 0) return errno;
  }
  close_others();
  for (const int fd : request.passed)
    if (::fcntl(fd, F_SETFD, 0) != 0) return errno;
  return 0;
}

/// Tries the candidates. Returns: the errno that says most.
inline int execute(const SpawnPlan& plan) noexcept {
  char* const* const environment = plan.environment.empty() ? environ : plan.environment.data();
  int error = 0;
  int last = ENOENT;
  for (const std::string& program : plan.programs) {
    ::execve(program.c_str(), plan.arguments.data(), environment);
    last = errno;
    if (error == 0 && last != ENOENT && last != ENOTDIR) error = last;
  }
  return error != 0 ? error : last;
}

[[noreturn]] inline void run_child(const SpawnPlan& plan) noexcept {
  const SpawnRequest& request = plan.request;
  if (!request.directory.empty() && ::chdir(request.directory.c_str()) != 0)
    give_up(plan, SpawnStep::directory, errno);
  if (request.starts_session && ::setsid() < 0) give_up(plan, SpawnStep::session, errno);
  if (request.group && ::setpgid(0, *request.group) != 0) give_up(plan, SpawnStep::group, errno);
  if (const int error = arrange_descriptors(request)) give_up(plan, SpawnStep::descriptors, error);
  reset_signals(plan);
  give_up(plan, SpawnStep::execute, execute(plan));
}

/// A function of its own, so that the child can overwrite nothing of ours that is in use.
[[gnu::noinline]] inline pid_t fork_and_run(const SpawnPlan& plan) noexcept {
  const pid_t pid = ::vfork();
  if (pid == 0) run_child(plan);
  return pid;
}

[[noreturn]] inline void throw_spawn_failure(const SpawnRequest& request, SpawnFailure failure) {
  switch (failure.step) {
    case SpawnStep::descriptors:
      throw_system_error(failure.error, "descriptors for " + request.arguments.front());
    case SpawnStep::directory:
      throw_system_error(failure.error, "chdir " + request.directory);
    case SpawnStep::session:
      throw_system_error(failure.error, "setsid for " + request.arguments.front());
    case SpawnStep::group:
      throw_system_error(failure.error, "setpgid for " + request.arguments.front());
    case SpawnStep::execute:
      break;
  }
  throw_system_error(failure.error, "exec " + request.arguments.front());
}

inline void reap_now(pid_t pid) noexcept {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
  }
}

/// The child's 0, 1 and 2 must not overwrite it.
inline void lift_above_standard(Fd& fd) {
  if (fd.get() > 2) return;
  Fd lifted(::fcntl(fd.get(), F_DUPFD_CLOEXEC, 3));
  if (!lifted) throw_system_error(errno, "fcntl");
  fd = std::move(lifted);
}

[[nodiscard]] inline pid_t fork_child(const SpawnRequest& request, int report_to) {
  const SpawnPlan plan(request, report_to);
  const pid_t pid = fork_and_run(plan);
  const int error = errno;
  if (pid < 0) throw_system_error(error, "fork for " + request.arguments.front());
  return pid;
}

/// Where SIGCHLD is ignored, a child that has ended is gone at once: there is no descriptor then.
[[nodiscard]] inline Fd open_child(const SpawnRequest& request, pid_t pid) {
  Fd pidfd = open_pidfd(pid);
  if (pidfd || errno == ESRCH) return pidfd;
  const int error = errno;
  ::kill(pid, SIGKILL);  // safe because nobody has waited for it
  reap_now(pid);
  throw_system_error(error, "pidfd_open for " + request.arguments.front());
}

}  // namespace detail

/// Starts a program. This thread waits until the program is executed, the others go on.
/// Throws: std::system_error with the step and the path that failed; then there is no child.
[[nodiscard]] inline Spawned spawn(const SpawnRequest& request) {
  Pipe failures = make_pipe();
  detail::lift_above_standard(failures.writer);
  const pid_t pid = detail::fork_child(request, failures.writer.get());
  failures.writer.reset();
  detail::SpawnFailure failure{};
  constexpr int size = sizeof failure;
  if (try_read(failures.reader.get(), &failure, size, ~0ull) == size) {
    detail::reap_now(pid);
    detail::throw_spawn_failure(request, failure);
  }
  failures.reader.reset();  // so that a descriptor is free for the next
  return {pid, detail::open_child(request, pid)};
}

}  // namespace asyncio::os
