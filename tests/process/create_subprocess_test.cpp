#include <asyncio/process/create_subprocess.hpp>

#include "process_support.hpp"

#include <asyncio/tasks/concurrently.hpp>
#include <asyncio/tasks/gather.hpp>
#include <asyncio/testing/for_each_fault.hpp>

#include <array>
#include <list>
#include <thread>

#include <fcntl.h>

namespace create_subprocess_test {

using namespace asyncio_test;
using namespace asyncio;

namespace {

/// Runs the program and gives what it prints.
template <class R>
Task<std::string> printed_by(R arguments, SubprocessOptions options = {}) {
  options.stdout_ = PIPE;
  Process process = co_await create_subprocess_exec(arguments, options);
  auto parts = co_await process.communicate();
  co_return std::move(*parts.first);
}

/// A file that holds `text`, already unlinked.
os::Fd file_with(std::string_view text) {
  char name[] = "/tmp/asyncio-process-XXXXXX";
  os::Fd fd(::mkostemp(name, O_CLOEXEC));
  ::unlink(name);
  REQUIRE(::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  ::lseek(fd.get(), 0, SEEK_SET);
  return fd;
}

std::string content(const os::Fd& fd) {
  std::string bytes(1000, '\0');
  const ssize_t count = ::pread(fd.get(), bytes.data(), bytes.size(), 0);
  bytes.resize(static_cast<std::size_t>(count));
  return bytes;
}

}  // namespace

ASYNC_TEST("create_subprocess_exec: arguments as argv, vector, array, list", "[process][SUB-01]") {
  const std::string a =
      co_await printed_by(argv("echo", std::string("a b"), std::string_view("c")));
  CHECK(a == "a b c\n");
  const std::vector<const char*> pointers{"echo", "b"};
  const std::string b = co_await printed_by(pointers);
  CHECK(b == "b\n");
  const std::array<std::string_view, 2> views{"echo", "c"};
  const std::string c = co_await printed_by(views);
  CHECK(c == "c\n");
  const std::list<std::string> strings{"echo", "d"};
  const std::string d = co_await printed_by(strings);
  CHECK(d == "d\n");
}

ASYNC_TEST("create_subprocess_exec: arguments as they are, without options", "[process][SUB-01]") {
  Process process = co_await create_subprocess_exec("sh", "-c", "exit 5");
  const int returncode = co_await process.wait();
  CHECK(returncode == 5);
  CHECK_FALSE(process.stdin_);
  CHECK_FALSE(process.stdout_);
  CHECK_FALSE(process.stderr_);
}

ASYNC_TEST("create_subprocess_exec: options and arguments may end with the call", "[process]") {
  std::optional<Task<Process>> task;
  {
    const std::vector<std::string> variables{"GREETING=hello"};
    const std::string folder = "/usr";
    const std::vector<std::string> arguments = argv("/bin/sh", "-c", "pwd; echo $GREETING");
    task.emplace(
        create_subprocess_exec(arguments, {.stdout_ = PIPE, .cwd = folder, .env = variables}));
  }
  Process process = co_await std::move(*task);
  auto parts = co_await process.communicate();
  CHECK(*parts.first == "/usr\nhello\n");
}

ASYNC_TEST("create_subprocess_shell: the shell's number and status", "[process][SUB-02]") {
  Process process = co_await create_subprocess_shell("echo $$; kill -TERM $$", {.stdout_ = PIPE});
  auto parts = co_await process.communicate();
  CHECK(*parts.first == std::to_string(process.pid()) + "\n");
  CHECK(process.returncode() == -SIGTERM);
}

ASYNC_TEST("create_subprocess: stderr may go where stdout goes", "[process][SUB-03]") {
  Process process = co_await create_subprocess_shell("echo out; echo err >&2",
                                                     {.stdout_ = PIPE, .stderr_ = STDOUT});
  auto parts = co_await process.communicate();
  CHECK(*parts.first == "out\nerr\n");
  CHECK_FALSE(parts.second);
  CHECK_FALSE(process.stderr_);
}

ASYNC_TEST("create_subprocess: the null device", "[process][SUB-03]") {
  Process process =
      co_await create_subprocess_shell("cat; echo unseen; echo unseen >&2",
                                       {.stdin_ = DEVNULL, .stdout_ = DEVNULL, .stderr_ = DEVNULL});
  auto parts = co_await process.communicate();
  CHECK_FALSE(parts.first);
  CHECK(process.returncode() == 0);
}

ASYNC_TEST("create_subprocess: descriptors of one's own stay open", "[process][SUB-03]") {
  const os::Fd in = file_with("input");
  const os::Fd out = file_with("");
  Process process = co_await create_subprocess_exec(
      argv("cat"), {.stdin_ = in.get(), .stdout_ = out.get(), .stderr_ = STDOUT});
  co_await process.wait();
  CHECK(content(out) == "input");
  CHECK(::fcntl(in.get(), F_GETFD) == FD_CLOEXEC);
}

ASYNC_TEST("create_subprocess: the child's ends block, whatever ours do", "[process][SUB-01]") {
  Process process = co_await create_subprocess_exec(argv("cat", "/proc/self/fdinfo/0"),
                                                    {.stdin_ = PIPE, .stdout_ = PIPE});
  auto parts = co_await process.communicate();
  const std::size_t flags = parts.first->find("flags:\t");
  REQUIRE(flags != std::string::npos);
  CHECK((std::stoul(parts.first->substr(flags + 7), nullptr, 8) & O_NONBLOCK) == 0);
}

ASYNC_TEST("create_subprocess: descriptors may be passed on", "[process][SUB-01]") {
  const os::Fd file = file_with("passed");
  const int fds[] = {file.get()};
  const std::string path = "/proc/self/fd/" + std::to_string(file.get());
  const std::string text = co_await printed_by(argv("cat", path), {.pass_fds = fds});
  CHECK(text == "passed");
}

ASYNC_TEST("create_subprocess: a child does not inherit the pipes of another",
           "[process][SUB-09]") {
  Process first = co_await create_subprocess_exec(argv("cat"), {.stdin_ = PIPE, .stdout_ = PIPE});
  Process second = co_await start_sleeper();
  auto parts = co_await first.communicate("x");  // would not end if `second` held the pipe
  CHECK(*parts.first == "x");
}

ASYNC_TEST("create_subprocess: a session of its own", "[process][SUB-02]") {
  Process process = co_await create_subprocess_exec(argv("cut", "-d ", "-f1,6", "/proc/self/stat"),
                                                    {.stdout_ = PIPE, .start_new_session = true});
  auto parts = co_await process.communicate();
  const std::string pid = std::to_string(process.pid());
  CHECK(*parts.first == pid + ' ' + pid + '\n');
}

ASYNC_TEST("create_subprocess: a program that cannot be started", "[process][SUB-11]") {
  co_await sleep(0s);
  const auto before = open_descriptors();
  const std::string text = co_await text_of(create_subprocess_exec(
      argv("no-such-program"), {.stdin_ = PIPE, .stdout_ = PIPE, .stderr_ = PIPE}));
  CHECK(text == "exec no-such-program: No such file or directory");
  const int code = co_await error_of(create_subprocess_exec(argv("true"), {.cwd = "/no/such"}));
  CHECK(code == ENOENT);
  CHECK(open_descriptors() == before);
  CHECK_FALSE(has_children());
}

ASYNC_TEST("create_subprocess: what makes no sense is refused at the call", "[process][SUB-11]") {
  CHECK_THROWS_AS(create_subprocess_exec(std::vector<std::string>()), std::invalid_argument);
  CHECK_THROWS_AS(create_subprocess_exec("a", std::string("b\0c", 3)), std::invalid_argument);
  CHECK_THROWS_AS(create_subprocess_shell("true", {.limit = 0}), std::invalid_argument);
  const std::string folder("/\0x", 3);
  CHECK_THROWS_AS(create_subprocess_shell("true", {.cwd = folder}), std::invalid_argument);
  const std::vector<std::string> variables{std::string("A=\0", 3)};
  CHECK_THROWS_AS(create_subprocess_shell("true", {.env = variables}), std::invalid_argument);
  const std::string text = co_await text_of(create_subprocess_exec(argv("true"), {.stdin_ = -7}));
  CHECK(text == "asyncio: a negative number is no descriptor");
}

ASYNC_TEST("create_subprocess: a limit for the readers", "[process][SUB-10]") {
  Process process =
      co_await create_subprocess_shell("echo 123456789", {.stdout_ = PIPE, .limit = 5});
  const std::string text = co_await text_of(process.stdout_->readline());
  CHECK(text.find("limit") != std::string::npos);
  co_await process.wait();
}

ASYNC_TEST("create_subprocess: a cancelled creation starts nothing", "[process][SUB-12]") {
  auto task = create_task(create_subprocess_exec(argv("sleep", "1000"), {.stdin_ = PIPE}));
  co_await sleep(0s);
  task.cancel();
  co_await text_of(task);
  CHECK(task.cancelled());
  CHECK_FALSE(has_children());
}

ASYNC_TEST("create_subprocess: a task that ends with its Process kills it", "[process][SUB-12]") {
  auto start_and_wait = []() -> Task<> {
    Process process = co_await start_sleeper();
    co_await process.wait();
  };
  auto task = create_task(start_and_wait());
  co_await until([] { return has_children(); });
  task.cancel();
  co_await text_of(task);
  CHECK(task.cancelled());
  co_await until([] { return !has_children(); });
}

ASYNC_TEST("create_subprocess: hundreds of children at the same time", "[process][SUB-01]") {
  auto child = [](int i) -> Task<int> {
    Process process = co_await create_subprocess_exec(
        argv("sh", "-c", "exit " + std::to_string(i % 100)), {.stdin_ = PIPE, .stdout_ = PIPE});
    co_await process.communicate("ignored");
    co_return *process.returncode() - i % 100;
  };
  co_await sleep(0s);
  const auto before = open_descriptors();
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 200; ++i) tasks.push_back(child(i));
  const std::vector<int> differences = co_await gather(std::move(tasks));
  CHECK(std::count(differences.begin(), differences.end(), 0) == 200);
  CHECK_FALSE(has_children());
  CHECK(open_descriptors() == before);
}

ASYNC_TEST("create_subprocess: two thousand short-lived children, a few at a time",
           "[process][SUB-01]") {
  int ended_well = 0;
  auto child = [&ended_well](int) -> Task<> {
    Process process = co_await create_subprocess_exec(argv("true"));
    const int code = co_await process.wait();
    if (code == 0) ++ended_well;
  };
  co_await sleep(0s);
  const auto before = open_descriptors();
  const std::vector<int> numbers(2000);
  co_await for_each_concurrently(numbers, 16, child);
  CHECK(ended_well == 2000);
  CHECK_FALSE(has_children());
  CHECK(open_descriptors() == before);
}

TEST_CASE("create_subprocess: loops on several threads have children", "[process][SUB-15]") {
  std::array<std::string, 4> printed;
  std::vector<std::thread> threads;
  for (std::string& text : printed)
    threads.emplace_back([&text] {
      auto main = []() -> Task<std::string> {
        std::string joined;
        for (int i = 0; i < 10; ++i) joined += co_await output_of("printf x");
        co_return joined;
      };
      text = asyncio::run(main());
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::string& text : printed) CHECK(text == "xxxxxxxxxx");
}

TEST_CASE("create_subprocess: SIGCHLD ignored by the program gives 255", "[process][SUB-14]") {
  CHECK(scenario_ending([] {
          std::signal(SIGCHLD, SIG_IGN);
          auto main = []() -> Task<int> {
            get_running_loop().set_exception_handler([](EventLoop&, const ExceptionContext&) {});
            Process process =
                co_await create_subprocess_shell("echo text; exit 3", {.stdout_ = PIPE});
            auto parts = co_await process.communicate();
            EXPECT_IN_CHILD_TASK(*parts.first == "text\n");
            EXPECT_IN_CHILD_TASK(process.returncode() == 255);
            process.kill();
            co_return as_expected;
          };
          return asyncio::run(main());
        }) == "exit 42");
}

TEST_CASE("create_subprocess: any allocation may fail", "[process][SUB-11]") {
  auto start_and_talk = []() -> Task<> {
    Process process = co_await create_subprocess_exec(
        argv("cat"), {.stdin_ = PIPE, .stdout_ = PIPE, .stderr_ = PIPE});
    auto parts = co_await process.communicate("text");
    CHECK(*parts.first == "text");
  };
  testing::for_each_fault(testing::FaultPlan::allocation(),
                          [&start_and_talk](testing::FaultPlan& plan) {
                            testing::run(start_and_talk(), {.faults = &plan});
                          });
  CHECK_FALSE(has_children());
}

TEST_CASE("create_subprocess: may be cancelled at any suspension", "[process][SUB-12]") {
  auto start_and_talk = []() -> Task<> {
    Process process =
        co_await create_subprocess_exec(argv("cat"), {.stdin_ = PIPE, .stdout_ = PIPE});
    auto parts = co_await process.communicate("text");
    CHECK(*parts.first == "text");
  };
  testing::for_each_fault(testing::FaultPlan::cancellation(),
                          [&start_and_talk](testing::FaultPlan& plan) {
                            testing::run(start_and_talk(), {.faults = &plan});
                          });
  CHECK_FALSE(has_children());
}

}  // namespace create_subprocess_test
