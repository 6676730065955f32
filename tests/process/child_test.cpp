#include <asyncio/process/child.hpp>

#include "process_support.hpp"

#include <asyncio/tasks/gather.hpp>

namespace child_test {

using namespace asyncio_test;
using namespace asyncio;
using detail::Child;
using detail::ChildFate;
using detail::Ref;

namespace {

os::Spawned spawn(std::vector<std::string> arguments) {
  os::SpawnRequest request;
  request.arguments = std::move(arguments);
  return os::spawn(request);
}

Ref<Child> start(std::vector<std::string> arguments) {
  Ref<Child> child = Child::make(get_running_loop());
  child->start(spawn(std::move(arguments)));
  return child;
}

Task<int> exit_of(Ref<Child> child) {
  const int returncode = co_await detail::ExitWait(child);
  co_return returncode;
}

/// The messages that the running loop reports.
struct Reports {
  Reports() {
    get_running_loop().set_exception_handler([this](EventLoop&, const ExceptionContext& context) {
      texts.emplace_back(context.message);
    });
  }
  Reports(const Reports&) = delete;
  Reports& operator=(const Reports&) = delete;
  ~Reports() { get_running_loop().set_exception_handler(nullptr); }
  std::vector<std::string> texts;
};

int run_in_loop(Task<int> main) { return asyncio::run(std::move(main)); }

}  // namespace

ASYNC_TEST("child: its exit is told to every wait, before and after", "[process][SUB-06]") {
  const Ref<Child> child = start({"sh", "-c", "sleep 0.05; exit 3"});
  CHECK_FALSE(child->returncode());
  auto [a, b, c] = co_await gather(exit_of(child), exit_of(child), exit_of(child));
  CHECK((a == 3 && b == 3 && c == 3));
  CHECK(child->returncode() == 3);
  const int again = co_await exit_of(child);
  CHECK(again == 3);
}

ASYNC_TEST("child: is reaped without anybody waiting", "[process][SUB-14]") {
  const Ref<Child> child = start({"true"});
  co_await until([&child] { return child->returncode().has_value(); });
  CHECK_FALSE(is_child(child->pid()));
  CHECK(get_running_loop().backend_interface().in_flight() == 0);
}

ASYNC_TEST("child: the descriptor is closed with the exit", "[process][SUB-14]") {
  co_await sleep(0s);
  const auto before = open_descriptors();
  const Ref<Child> child = start({"true"});
  CHECK(open_descriptors() == before + 1);
  co_await exit_of(child);
  CHECK(open_descriptors() == before);
}

ASYNC_TEST("child: a signal after the exit does nothing", "[process][SUB-08]") {
  const Ref<Child> child = start({"true"});
  co_await exit_of(child);
  child->send_signal(SIGKILL);
  child->send_signal(4711);
  CHECK(child->returncode() == 0);
}

ASYNC_TEST("child: a signal before the exit was noticed does nothing", "[process][SUB-08]") {
  const Ref<Child> child = start({"true"});
  os::wait_for_exit(os::open_pidfd(child->pid()).get(), 30'000);  // a zombie, not reaped yet
  child->send_signal(SIGKILL);
  const int returncode = co_await exit_of(child);
  CHECK(returncode == 0);
}

ASYNC_TEST("child: one that somebody else has reaped gives 255 and a report", "[process][SUB-14]") {
  Reports reports;
  const Ref<Child> child = start({"true"});
  REQUIRE(::waitpid(child->pid(), nullptr, 0) == child->pid());
  child->send_signal(SIGTERM);  // goes to nobody
  const int returncode = co_await exit_of(child);
  CHECK(returncode == 255);
  REQUIRE(reports.texts.size() == 1);
  CHECK(reports.texts[0].find("exit status of process " + std::to_string(child->pid())) !=
        std::string::npos);
}

ASYNC_TEST("child: one without a descriptor gives 255", "[process][SUB-14]") {
  Reports reports;
  os::Spawned spawned = spawn({"true"});
  const os::Fd pidfd = std::move(spawned.pidfd);
  const Ref<Child> child = Child::make(get_running_loop());
  child->start(std::move(spawned));
  const int returncode = co_await exit_of(child);
  CHECK(returncode == 255);
  CHECK(reports.texts.size() == 1);
  os::wait_for_exit(pidfd.get(), 30'000);
  CHECK(os::try_reap(pidfd.get()).returncode == 0);
}

ASYNC_TEST("child: without an owner it is killed and reaped", "[process][SUB-13]") {
  Ref<Child> child = start({"sleep", "1000"});
  const int pid = child->pid();
  child->drop_owner();
  child = {};
  co_await until([pid] { return !is_child(pid); });
}

ASYNC_TEST("child: one that is left alone runs on without an owner", "[process][SUB-13]") {
  const Ref<Child> child = start({"sleep", "1000"});
  child->set_fate(ChildFate::left_alone);
  child->drop_owner();
  co_await sleep(20ms);
  CHECK(is_running(child->pid()));
  child->send_signal(SIGKILL);
  const int returncode = co_await exit_of(child);
  CHECK(returncode == -SIGKILL);
}

TEST_CASE("child: the end of the loop kills and reaps", "[process][SUB-14]") {
  Ref<Child> child;
  run_in_loop([](Ref<Child>& kept) -> Task<int> {
    kept = start({"sleep", "1000"});
    co_await sleep(0s);
    co_return 0;
  }(child));
  CHECK_FALSE(is_child(child->pid()));
  CHECK(child->returncode() == -SIGKILL);
  child->send_signal(SIGTERM);  // nothing, without a loop
}

TEST_CASE("child: the end of the loop leaves a detached child running", "[process][SUB-13]") {
  Ref<Child> child;
  run_in_loop([](Ref<Child>& kept) -> Task<int> {
    kept = start({"sleep", "1000"});
    kept->set_fate(ChildFate::left_alone);
    co_await sleep(0s);
    co_return 0;
  }(child));
  CHECK(is_running(child->pid()));
  ::kill(child->pid(), SIGKILL);
  ::waitpid(child->pid(), nullptr, 0);
}

TEST_CASE("child: the end of the loop reaps one that has exited unnoticed", "[process][SUB-14]") {
  int pid = 0;
  run_in_loop([](int& number) -> Task<int> {
    const Ref<Child> child = start({"true"});
    child->set_fate(ChildFate::left_alone);
    number = child->pid();
    os::wait_for_exit(os::open_pidfd(number).get(), 30'000);
    co_return 0;
  }(pid));
  CHECK_FALSE(is_child(pid));
}

}  // namespace child_test
