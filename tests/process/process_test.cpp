#include <asyncio/process/process.hpp>

#include "process_support.hpp"

#include <asyncio/tasks/as_outcome.hpp>
#include <asyncio/tasks/gather.hpp>

namespace process_test {

using namespace asyncio_test;
using namespace asyncio;

namespace {

Task<Process> start_cat() {
  Process process = co_await create_subprocess_exec(argv("cat"), {.stdin_ = PIPE, .stdout_ = PIPE});
  co_return process;
}

}  // namespace

// --- communicate() -------------------------------------------------------------------------------

ASYNC_TEST("communicate: input goes in, both outputs come out", "[process][SUB-05]") {
  Process process = co_await create_subprocess_shell(
      "cat; echo error >&2; exit 4", {.stdin_ = PIPE, .stdout_ = PIPE, .stderr_ = PIPE});
  auto parts = co_await process.communicate("some data");
  CHECK(*parts.first == "some data");
  CHECK(*parts.second == "error\n");
  CHECK(process.returncode() == 4);
}

ASYNC_TEST("communicate: without input the program sees the end of it", "[process][SUB-05]") {
  Process process = co_await start_cat();
  auto parts = co_await process.communicate();
  CHECK(parts.first->empty());
  CHECK_FALSE(parts.second);
}

ASYNC_TEST("communicate: megabytes both ways at the same time", "[process][SUB-05]") {
  std::string data;
  while (data.size() < 3 << 20) data += std::to_string(data.size()) + '\n';
  Process process = co_await create_subprocess_shell(
      "tee /dev/stderr", {.stdin_ = PIPE, .stdout_ = PIPE, .stderr_ = PIPE});
  auto parts = co_await process.communicate(data);
  CHECK((*parts.first == data));
  CHECK((*parts.second == data));
}

ASYNC_TEST("communicate: a program that ignores its input", "[process][SUB-05]") {
  const std::string data(1 << 20, 'x');
  Process process = co_await create_subprocess_exec(argv("true"), {.stdin_ = PIPE});
  auto parts = co_await process.communicate(data);
  CHECK_FALSE(parts.first);
  CHECK(process.returncode() == 0);
}

ASYNC_TEST("communicate: a program that closes its input early and talks on", "[process][SUB-05]") {
  const std::string data(1 << 20, 'x');
  Process process =
      co_await create_subprocess_shell("exec <&-; echo done", {.stdin_ = PIPE, .stdout_ = PIPE});
  auto parts = co_await process.communicate(data);
  CHECK(*parts.first == "done\n");
}

ASYNC_TEST("communicate: cancelled, then what was read is still there", "[process][SUB-05]") {
  Process process =
      co_await create_subprocess_shell("echo early; cat", {.stdin_ = PIPE, .stdout_ = PIPE});
  const std::string line = co_await process.stdout_->readline();
  CHECK(line == "early\n");
  process.stdin_->write("kept");
  auto reading = [](Process& from) -> Task<> {
    auto parts = co_await from.communicate();
    CHECK_FALSE(parts.first);  // not reached
  };
  auto second = co_await create_subprocess_exec(argv("sleep", "1000"), {.stdout_ = PIPE});
  auto task = create_task(reading(second));
  co_await turns(5);
  task.cancel();
  const std::string how = co_await text_of(task);
  CHECK(how == "cancelled");
  CHECK_FALSE(second.returncode());  // it runs on
  auto parts = co_await process.communicate();
  CHECK(*parts.first == "kept");
}

ASYNC_TEST("communicate: twice gives the same returncode and nothing more", "[process][SUB-05]") {
  Process process = co_await start_cat();
  auto first = co_await process.communicate("once");
  auto second = co_await process.communicate();
  CHECK(*first.first == "once");
  CHECK(second.first->empty());
}

ASYNC_TEST("communicate: a stream somebody else reads is an error after all ended", "[process]") {
  Process process = co_await start_cat();
  auto reading = create_task(process.stdout_->read());
  co_await turns(2);
  const std::string text = co_await text_of(process.communicate("x"));
  CHECK(text.find("already waiting") != std::string::npos);
  const std::string& read = co_await reading;
  CHECK(read == "x");
}

// --- wait() --------------------------------------------------------------------------------------

ASYNC_TEST("Process: many wait, before and after the exit", "[process][SUB-06]") {
  Process process = co_await create_subprocess_shell("sleep 0.05; exit 3");
  auto waits = [](Process& of) -> Task<int> {
    const int returncode = co_await of.wait();
    co_return returncode;
  };
  auto [a, b, c] = co_await gather(waits(process), waits(process), waits(process));
  CHECK((a == 3 && b == 3 && c == 3));
  const int again = co_await process.wait();
  CHECK(again == 3);
}

ASYNC_TEST("Process: a cancelled wait leaves the program and the other waits",
           "[process][SUB-06]") {
  Process process = co_await start_sleeper();
  auto first = create_task(process.wait());
  auto second = create_task(process.wait());
  co_await turns(3);
  first.cancel();
  co_await text_of(first);
  CHECK(first.cancelled());
  CHECK(is_running(process.pid()));
  process.kill();
  const int returncode = co_await second;
  CHECK(returncode == -SIGKILL);
}

ASYNC_TEST("Process: wait may be limited in time", "[process][SUB-06]") {
  Process process = co_await start_sleeper();
  const int code = co_await error_of(wait_for(process.wait(), 5ms));
  CHECK(code == ETIMEDOUT);
  process.terminate();
  const int returncode = co_await wait_for(process.wait(), 30s);
  CHECK(returncode == -SIGTERM);
}

ASYNC_TEST("Process: wait returns while a grandchild holds the pipe", "[process][SUB-06]") {
  Process process = co_await create_subprocess_shell("sleep 1000 & echo $!", {.stdout_ = PIPE});
  const int returncode = co_await wait_for(process.wait(), 30s);
  CHECK(returncode == 0);
  const std::string line = co_await process.stdout_->readline();
  const int grandchild = std::stoi(line);
  auto rest = create_task(process.stdout_->read());
  co_await turns(3);
  CHECK_FALSE(rest.done());
  ::kill(grandchild, SIGKILL);
  const std::string& none = co_await rest;
  CHECK(none.empty());
}

// --- signals -------------------------------------------------------------------------------------

ASYNC_TEST("Process: returncode is unset while it runs, then the signal", "[process][SUB-07]") {
  Process process = co_await start_sleeper();
  CHECK_FALSE(process.returncode());
  CHECK(is_running(process.pid()));
  process.kill();
  const int returncode = co_await process.wait();
  CHECK(returncode == -SIGKILL);
  CHECK(process.returncode() == -SIGKILL);
}

ASYNC_TEST("Process: terminate may be handled by the program", "[process][SUB-08]") {
  Process process = co_await start_script("trap 'exit 9' TERM");
  process.terminate();
  const int returncode = co_await process.wait();
  CHECK(returncode == 9);
}

ASYNC_TEST("Process: any signal may be sent", "[process][SUB-08]") {
  Process process = co_await start_script("trap 'echo got it' USR1");
  process.send_signal(SIGUSR1);
  const std::string line = co_await process.stdout_->readline();
  CHECK(line == "got it\n");
  CHECK_THROWS_AS(process.send_signal(4711), std::system_error);
}

ASYNC_TEST("Process: signals after the exit do nothing", "[process][SUB-08]") {
  Process process = co_await create_subprocess_exec("true");
  co_await process.wait();
  process.send_signal(SIGTERM);
  process.terminate();
  process.kill();
  CHECK(process.returncode() == 0);
}

ASYNC_TEST("Process: signals race with exits and hit nobody else", "[process][SUB-08]") {
  auto bystander = co_await start_sleeper();
  for (int i = 0; i < 50; ++i) {
    Process process = co_await create_subprocess_exec("true");
    auto exit = create_task(process.wait());
    while (!exit.done()) {
      process.kill();
      co_await sleep(0s);
    }
    process.kill();
  }
  CHECK_FALSE(bystander.returncode());
}

// --- the streams ---------------------------------------------------------------------------------

ASYNC_TEST("Process: a conversation line by line", "[process][SUB-09][SUB-10]") {
  Process process = co_await start_cat();
  for (const char* line : {"one\n", "two\n"}) {
    process.stdin_->write(line);
    co_await process.stdin_->drain();
    const std::string answer = co_await process.stdout_->readline();
    CHECK(answer == line);
  }
  process.stdin_.reset();  // the end of its input
  const int returncode = co_await process.wait();
  CHECK(returncode == 0);
}

ASYNC_TEST("Process: drain fails when the program is gone", "[process][SUB-09]") {
  Process process = co_await create_subprocess_exec(argv("true"), {.stdin_ = PIPE});
  co_await process.wait();
  process.stdin_->write("x");
  const int code = co_await error_of(process.stdin_->drain());
  CHECK(code == EPIPE);
}

ASYNC_TEST("Process: wait_closed of stdin ends with the program", "[process][SUB-09]") {
  Process process = co_await create_subprocess_shell("sleep 0.02", {.stdin_ = PIPE});
  co_await process.stdin_->wait_closed();
  CHECK(process.stdin_->is_closing());
  const int returncode = co_await process.wait();
  CHECK(returncode == 0);
}

ASYNC_TEST("Process: output can be read after the exit", "[process][SUB-10]") {
  Process process = co_await create_subprocess_shell("echo late", {.stdout_ = PIPE});
  co_await process.wait();
  const std::string text = co_await process.stdout_->read();
  CHECK(text == "late\n");
}

ASYNC_TEST("Process: a program waits while nobody reads its output", "[process][SUB-10]") {
  Process process = co_await create_subprocess_shell("head -c 300000 /dev/zero", {.stdout_ = PIPE});
  const int code = co_await error_of(wait_for(process.wait(), 50ms));
  CHECK(code == ETIMEDOUT);
  const std::string all = co_await process.stdout_->read();
  CHECK(all.size() == 300000);
  const int returncode = co_await process.wait();
  CHECK(returncode == 0);
}

// --- the end of the object -----------------------------------------------------------------------

ASYNC_TEST("Process: dropping it kills and reaps the program", "[process][SUB-13]") {
  int pid = 0;
  {
    Process process = co_await start_sleeper();
    pid = process.pid();
  }
  co_await until([pid] { return !is_child(pid); });
}

ASYNC_TEST("Process: a wait outlives the object", "[process][SUB-13]") {
  std::optional<Process> process = co_await start_sleeper();
  auto exit = create_task(process->wait());
  co_await turns(2);
  process.reset();
  const int returncode = co_await exit;
  CHECK(returncode == -SIGKILL);
}

ASYNC_TEST("Process: assigning over it is dropping it, moving keeps it", "[process][SUB-13]") {
  Process first = co_await start_sleeper();
  Process second = co_await start_cat();
  const int first_pid = first.pid();
  const int second_pid = second.pid();
  first = std::move(second);
  CHECK(first.pid() == second_pid);
  co_await until([first_pid] { return !is_child(first_pid); });
  auto parts = co_await first.communicate("moved");
  CHECK(*parts.first == "moved");
}

ASYNC_TEST("Process: a detached program runs on, and is reaped", "[process][SUB-13]") {
  int pid = 0;
  {
    Process process = co_await start_sleeper();
    pid = process.pid();
    process.detach();
  }
  co_await sleep(10ms);
  CHECK(is_running(pid));
  ::kill(pid, SIGKILL);
  co_await until([pid] { return !is_child(pid); });
}

TEST_CASE("Process: one that outlives its loop is a dead program", "[process][SUB-14]") {
  std::optional<Process> process;
  auto main = [](std::optional<Process>& kept) -> Task<> { kept = co_await start_cat(); };
  asyncio::run(main(process));
  CHECK(process->returncode() == -SIGKILL);
  CHECK_FALSE(has_children());
  process->kill();
}

}  // namespace process_test
