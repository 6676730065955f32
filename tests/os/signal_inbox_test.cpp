#include <asyncio/os/signal_inbox.hpp>

#include <support/catch.hpp>
#include <support/scenario.hpp>

#include <string>
#include <thread>

namespace signal_inbox_test {

using namespace asyncio::os;
using asyncio_test::as_expected;
using asyncio_test::scenario_ending;

namespace {

/// An inbox for a scope.
struct Inbox {
  explicit Inbox(int signal) : number(signal) { inbox.listen(signal); }
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox() {
    inbox.ignore(number);
    inbox.release();
  }
  /// The signals that have come.
  std::string read() {
    char bytes[256];
    const ssize_t count = ::read(inbox.fd(), bytes, sizeof bytes);
    return count < 0 ? "" : std::string(bytes, static_cast<std::size_t>(count));
  }
  SignalInbox& inbox = SignalInbox::acquire();
  int number;
};

const std::string usr1(1, static_cast<char>(SIGUSR1));
const std::string usr2(1, static_cast<char>(SIGUSR2));

}  // namespace

TEST_CASE("signal inbox: a byte for each signal, in order", "[os][SIG-03]") {
  Inbox one(SIGUSR1);
  one.inbox.listen(SIGUSR2);
  CHECK(one.read() == "");
  std::raise(SIGUSR2);
  std::raise(SIGUSR1);
  std::raise(SIGUSR1);
  CHECK(one.read() == usr2 + usr1 + usr1);
  one.inbox.ignore(SIGUSR2);
}

TEST_CASE("signal inbox: each of several listeners gets the signal", "[os]") {
  Inbox one(SIGUSR1);
  Inbox two(SIGUSR1);
  Inbox other(SIGUSR2);
  std::raise(SIGUSR1);
  CHECK(one.read() == usr1);
  CHECK(two.read() == usr1);
  CHECK(other.read() == "");
}

TEST_CASE("signal inbox: the last listener restores what was there", "[os][SIG-02]") {
  CHECK(scenario_ending([] {
          std::signal(SIGUSR1, SIG_IGN);
          {
            Inbox one(SIGUSR1);
            {
              Inbox two(SIGUSR1);
            }
            std::raise(SIGUSR1);
            EXPECT_IN_CHILD(one.read() == usr1);
          }
          EXPECT_IN_CHILD(std::signal(SIGUSR1, SIG_DFL) == SIG_IGN);
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("signal inbox: an inbox is used again, empty", "[os]") {
  int fd = -1;
  {
    Inbox one(SIGUSR1);
    std::raise(SIGUSR1);
    fd = one.inbox.fd();
  }
  Inbox two(SIGUSR2);
  CHECK(two.inbox.fd() == fd);
  CHECK(two.read() == "");
}

TEST_CASE("signal inbox: what cannot be caught throws", "[os][SIG-01]") {
  SignalInbox& inbox = SignalInbox::acquire();
  CHECK_THROWS_AS(inbox.listen(SIGKILL), std::system_error);
  inbox.release();
  CHECK_FALSE(SignalInbox::is_signal(0));
  CHECK_FALSE(SignalInbox::is_signal(-1));
  CHECK_FALSE(SignalInbox::is_signal(NSIG));
  CHECK(SignalInbox::is_signal(NSIG - 1));
}

TEST_CASE("signal inbox: a forked child does not write to its parent", "[os][SIG-04]") {
  Inbox one(SIGUSR1);
  CHECK(scenario_ending([&one] {
          one.inbox.ignore(SIGUSR1);
          one.inbox.listen(SIGUSR1);  // scenario_ending() has set the default
          std::raise(SIGUSR1);
          EXPECT_IN_CHILD(&SignalInbox::acquire() != &one.inbox);
          return as_expected;
        }) == "exit 42");
  CHECK(one.read() == "");
}

TEST_CASE("signal inbox: listeners come and go while signals arrive from other threads", "[os]") {
  Inbox kept(SIGUSR1);
  std::atomic<bool> is_done{false};
  std::thread sender([&is_done] {
    for (int i = 0; i < 2000; ++i) ::kill(::getpid(), SIGUSR1);
    is_done = true;
  });
  while (!is_done) {
    Inbox passing(SIGUSR1);
    passing.read();
  }
  sender.join();
  std::size_t count = 0;
  for (std::string bytes = kept.read(); !bytes.empty(); bytes = kept.read()) count += bytes.size();
  CHECK(count > 0);  // a signal that is pending already does not come twice
}

}  // namespace signal_inbox_test
