#include <asyncio/os/signal.hpp>

#include <support/catch.hpp>
#include <support/scenario.hpp>

#include <memory>
#include <thread>
#include <vector>

namespace signal_test {

using namespace asyncio::os;
using asyncio_test::as_expected;
using asyncio_test::scenario_ending;

namespace {

volatile std::sig_atomic_t last = 0;  // which handler ran last

template <int number>
void handler(int) {
  last = number;
}

int raised() {
  last = 0;
  std::raise(SIGUSR1);
  return last;
}

/// SIGUSR1 runs handler<1> for a scope, as somebody else's.
struct Foreign {
  Foreign() : previous(std::signal(SIGUSR1, &handler<1>)) {}
  Foreign(const Foreign&) = delete;
  Foreign& operator=(const Foreign&) = delete;
  ~Foreign() { std::signal(SIGUSR1, previous); }
  void (*previous)(int);
};

}  // namespace

TEST_CASE("signal: a handler is there for its scope, then the one before again", "[os]") {
  const Foreign foreign;
  {
    SignalHandler ours;
    ours.install(SIGUSR1, &handler<2>);
    CHECK(raised() == 2);
  }
  CHECK(raised() == 1);
}

TEST_CASE("signal: handlers that end newest first restore one after the other", "[os]") {
  const Foreign foreign;
  SignalHandler older;
  older.install(SIGUSR1, &handler<2>);
  SignalHandler newer;
  newer.install(SIGUSR1, &handler<3>);
  newer.restore();
  CHECK(raised() == 2);
  older.restore();
  CHECK(raised() == 1);
}

TEST_CASE("signal: an older handler that ends first does not come back with the newer", "[os]") {
  const Foreign foreign;
  SignalHandler older;
  older.install(SIGUSR1, &handler<2>);
  SignalHandler newer;
  newer.install(SIGUSR1, &handler<3>);
  older.restore();
  CHECK(raised() == 3);
  newer.restore();
  CHECK(raised() == 1);
}

TEST_CASE("signal: handlers of other signals do not mix", "[os]") {
  const Foreign foreign;
  SignalHandler ours;
  ours.install(SIGUSR1, &handler<2>);
  SignalHandler other;
  other.install(SIGUSR2, &handler<3>);
  ours.restore();
  CHECK(raised() == 1);
  last = 0;
  std::raise(SIGUSR2);
  CHECK(last == 3);
}

TEST_CASE("signal: a handler that somebody else has replaced is not restored", "[os]") {
  const Foreign foreign;
  SignalHandler ours;
  ours.install(SIGUSR1, &handler<2>);
  std::signal(SIGUSR1, &handler<4>);
  ours.restore();
  CHECK(raised() == 4);
}

TEST_CASE("signal: restore twice, or without a handler, does nothing", "[os]") {
  const Foreign foreign;
  SignalHandler ours;
  ours.restore();
  ours.install(SIGUSR1, &handler<2>);
  ours.restore();
  ours.restore();
  CHECK(raised() == 1);
}

TEST_CASE("signal: one that cannot be caught throws, and nothing is installed", "[os]") {
  SignalHandler ours;
  CHECK_THROWS_AS(ours.install(SIGKILL, &handler<2>), std::system_error);
  const Foreign foreign;
  ours.install(SIGUSR1, &handler<2>);
  CHECK(raised() == 2);
}

TEST_CASE("signal: handlers come and go on several threads", "[os]") {
  const Foreign foreign;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([] {
      for (int round = 0; round < 500; ++round) {
        SignalHandler ours;
        ours.install(SIGUSR1, &handler<2>);
      }
    });
  for (std::thread& thread : threads) thread.join();
  CHECK(raised() == 1);
}

TEST_CASE("signal: the default action is told from a handler and from being ignored", "[os]") {
  CHECK(scenario_ending([] {
          EXPECT_IN_CHILD(has_default_action(SIGUSR1));
          std::signal(SIGUSR1, SIG_IGN);
          EXPECT_IN_CHILD(!has_default_action(SIGUSR1));
          std::signal(SIGUSR1, &handler<1>);
          EXPECT_IN_CHILD(!has_default_action(SIGUSR1));
          EXPECT_IN_CHILD(!has_default_action(4711));
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("signal: the main thread knows itself", "[os]") {
  bool is_main = true;
  std::thread([&is_main] { is_main = is_main_thread(); }).join();
  CHECK_FALSE(is_main);
  CHECK(is_main_thread());
}

TEST_CASE("signal: a broken pipe is an error after ignore_broken_pipes", "[os]") {
  CHECK(scenario_ending([] {
          int fds[2];
          EXPECT_IN_CHILD(::pipe(fds) == 0);
          ::close(fds[0]);
          ignore_broken_pipes();
          EXPECT_IN_CHILD(::write(fds[1], "x", 1) == -1 && errno == EPIPE);
          std::signal(SIGPIPE, SIG_DFL);  // the program's will, which is not undone
          ignore_broken_pipes();
          if (::write(fds[1], "x", 1) < 0) return 1;
          return as_expected;
        }) == "signal 13");
}

TEST_CASE("signal: a program's own handler of SIGPIPE stays", "[os]") {
  CHECK(scenario_ending([] {
          std::signal(SIGPIPE, &handler<5>);
          ignore_broken_pipes();
          std::raise(SIGPIPE);
          EXPECT_IN_CHILD(last == 5);
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("signal: end_by_signal ends although a handler is there", "[os]") {
  CHECK(scenario_ending([] {
          std::signal(SIGTERM, &handler<1>);
          end_by_signal(SIGTERM);
          return as_expected;
        }) == "signal 15");
}

}  // namespace signal_test
