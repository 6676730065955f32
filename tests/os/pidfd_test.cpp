#include <asyncio/os/pidfd.hpp>

#include <support/catch.hpp>
#include <support/scenario.hpp>

#include <fcntl.h>

namespace pidfd_test {

using namespace asyncio::os;
using asyncio_test::as_expected;
using asyncio_test::scenario_ending;

namespace {

/// A child that waits for a signal, or ends with `code`.
pid_t start(int code = -1) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  if (code >= 0) ::_exit(code);
  for (;;) ::pause();
}

Reaped reap(const Fd& pidfd) {
  wait_for_exit(pidfd.get(), 30'000);
  return try_reap(pidfd.get());
}

}  // namespace

TEST_CASE("pidfd: a child that runs is not reaped, and nobody waits", "[os]") {
  const pid_t pid = start();
  const Fd pidfd = open_pidfd(pid);
  REQUIRE(pidfd);
  CHECK((::fcntl(pidfd.get(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK(try_reap(pidfd.get()).state == Reaped::State::running);
  CHECK(send_signal(pidfd.get(), SIGKILL) == 0);
  CHECK(reap(pidfd).returncode == -SIGKILL);
}

TEST_CASE("pidfd: the exit status and the signal are told apart", "[os]") {
  const Fd exits = open_pidfd(start(7));
  const Reaped exited = reap(exits);
  CHECK(exited.state == Reaped::State::exited);
  CHECK(exited.returncode == 7);
  const Fd terminated = open_pidfd(start());
  send_signal(terminated.get(), SIGUSR1);
  CHECK(reap(terminated).returncode == -SIGUSR1);
}

TEST_CASE("pidfd: who was reaped is signalled no more, nor reaped again", "[os]") {
  const Fd pidfd = open_pidfd(start(0));
  REQUIRE(reap(pidfd).state == Reaped::State::exited);
  CHECK(send_signal(pidfd.get(), SIGTERM) == -ESRCH);
  CHECK(try_reap(pidfd.get()).state == Reaped::State::lost);
}

TEST_CASE("pidfd: a child that somebody else has reaped is lost", "[os]") {
  const pid_t pid = start(0);
  const Fd pidfd = open_pidfd(pid);
  REQUIRE(::waitpid(pid, nullptr, 0) == pid);
  CHECK(try_reap(pidfd.get()).state == Reaped::State::lost);
}

TEST_CASE("pidfd: what is no signal is refused", "[os]") {
  const Fd pidfd = open_pidfd(start());
  CHECK(send_signal(pidfd.get(), 4711) == -EINVAL);
  send_signal(pidfd.get(), SIGKILL);
  reap(pidfd);
}

TEST_CASE("pidfd: while SIGCHLD is ignored a child leaves no status", "[os]") {
  CHECK(scenario_ending([] {
          std::signal(SIGCHLD, SIG_IGN);
          const Fd pidfd = open_pidfd(start());
          EXPECT_IN_CHILD(pidfd);
          send_signal(pidfd.get(), SIGKILL);
          EXPECT_IN_CHILD(reap(pidfd).state == Reaped::State::lost);
          return as_expected;
        }) == "exit 42");
}

}  // namespace pidfd_test
