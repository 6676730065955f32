// Twins of process_*.py.

#include <asyncio/process/create_subprocess.hpp>

#include "scenario.hpp"

#include <algorithm>
#include <csignal>
#include <cstdlib>

#include <fcntl.h>
#include <unistd.h>

namespace conformance {
namespace processes_scenarios {

std::string shown(const std::optional<std::string>& data) {
  return data ? conformance::shown(*data) : "None";
}

/// The same without spaces.
std::string squeezed(std::string text) {
  std::erase(text, ' ');
  return text;
}

// SUB-01, SUB-05, SUB-07: input goes in, outputs come out; there is none where no pipe is.
SCENARIO(process_communicate) {
  Process process = co_await create_subprocess_exec(argv("cat"), {.stdin_ = PIPE, .stdout_ = PIPE});
  log("returncode ", process.returncode(), ", stderr ", process.stderr_ ? "a reader" : "None");
  auto parts = co_await process.communicate("some data");
  log(shown(parts.first), " ", shown(parts.second), " ", process.returncode());

  process = co_await create_subprocess_shell("cat; echo error >&2; exit 4",
                                             {.stdin_ = PIPE, .stdout_ = PIPE, .stderr_ = PIPE});
  parts = co_await process.communicate("");
  log(shown(parts.first), " ", shown(parts.second), " ", process.returncode());

  process = co_await create_subprocess_exec(argv("cat"), {.stdin_ = PIPE, .stdout_ = PIPE});
  parts = co_await process.communicate();
  log(shown(parts.first), " ", process.returncode());

  process = co_await create_subprocess_exec("true");
  parts = co_await process.communicate();
  log(shown(parts.first), " ", shown(parts.second), " ", process.returncode());
}

// SUB-05: more than the pipes hold, both ways at the same time, and a program that does not read its input.
SCENARIO(process_big) {
  const std::string data(1000000, 'x');
  Process process = co_await create_subprocess_shell(
      "tee /dev/stderr", {.stdin_ = PIPE, .stdout_ = PIPE, .stderr_ = PIPE});
  auto parts = co_await process.communicate(data);
  log(*parts.first == data, " ", *parts.second == data, " ", process.returncode());

  process = co_await create_subprocess_exec(argv("true"), {.stdin_ = PIPE});
  parts = co_await process.communicate(data);
  log(process.returncode());

  process =
      co_await create_subprocess_shell("exec <&-; echo done", {.stdin_ = PIPE, .stdout_ = PIPE});
  parts = co_await process.communicate(data);
  log(shown(parts.first), " ", process.returncode());
}

// SUB-03: stderr to where stdout goes, the null device, a file of one's own.
SCENARIO(process_redirect) {
  const std::string command = "cat; echo out; echo err >&2";
  Process process = co_await create_subprocess_shell(
      command, {.stdin_ = DEVNULL, .stdout_ = PIPE, .stderr_ = STDOUT});
  auto parts = co_await process.communicate();
  log(shown(parts.first), " ", shown(parts.second));

  process = co_await create_subprocess_shell(
      command, {.stdin_ = DEVNULL, .stdout_ = DEVNULL, .stderr_ = PIPE});
  parts = co_await process.communicate();
  log(shown(parts.first), " ", shown(parts.second));

  std::FILE* const file = std::tmpfile();
  process = co_await create_subprocess_shell(
      command, {.stdin_ = DEVNULL, .stdout_ = ::fileno(file), .stderr_ = STDOUT});
  co_await process.wait();
  std::rewind(file);
  std::string content(100, '\0');
  content.resize(std::fread(content.data(), 1, content.size(), file));
  std::fclose(file);
  log(shown(content));
}

// SUB-06: any number of waits, before and after the exit; a cancelled one disturbs nobody.
SCENARIO(process_wait) {
  Process process = co_await create_subprocess_shell("cat; exit 3", {.stdin_ = PIPE});
  auto wait = [&process](const char* who) -> Task<> {
    try {
      const int returncode = co_await process.wait();
      log(who, " ", returncode);
    } catch (const CancelledError&) {
      log(who, " ", name());
    }
  };
  std::vector<TaskHandle<>> tasks;
  for (const char* who : {"a", "b", "c"}) tasks.push_back(create_task(wait(who)));
  co_await turns(3);
  tasks[1].cancel();
  co_await tasks[1];
  log("returncode ", process.returncode());
  process.stdin_->close();
  co_await gather(tasks);
  log("returncode ", process.returncode());
  co_await wait("d");
}

// SUB-06: wait() returns although a grandchild holds the pipe open; its output comes later.
SCENARIO(process_pipe_open) {
  Process process = co_await create_subprocess_shell("sleep 1000 & echo $!", {.stdout_ = PIPE});
  const int returncode = co_await process.wait();
  log(returncode);
  const std::string line = co_await process.stdout_->readline();
  auto rest = create_task(process.stdout_->read());
  co_await turns(5);
  log("done ", rest.done());
  ::kill(std::stoi(line), SIGKILL);
  const std::string& text = co_await rest;
  log(shown(text), ", at_eof ", process.stdout_->at_eof());
}

// SUB-07, SUB-08: signals, handled and not; what a signal ended has a negative returncode.
SCENARIO(process_signals) {
  auto start = [](std::string script) -> Task<Process> {
    script += "; echo ready; while :; do sleep 0.01; done";
    Process process = co_await create_subprocess_shell(script, {.stdout_ = PIPE});
    const std::string line = co_await process.stdout_->readline();
    log(shown(line));
    co_return process;
  };
  Process process = co_await start(":");
  process.terminate();
  int returncode = co_await process.wait();
  log(returncode);

  process = co_await start(":");
  process.kill();
  returncode = co_await process.wait();
  log(returncode);

  process = co_await start("trap 'exit 9' TERM");
  process.terminate();
  returncode = co_await process.wait();
  log(returncode);

  process = co_await start("trap 'echo got it' USR1");
  process.send_signal(SIGUSR1);
  const std::string line = co_await process.stdout_->readline();
  log(shown(line), " ", process.returncode());
  process.send_signal(SIGHUP);
  returncode = co_await process.wait();
  log(returncode, " ", process.returncode());
}

// SUB-11: a program or a directory that is not there.
SCENARIO(process_failure) {
  try {
    Process process = co_await create_subprocess_exec(argv("/no/such/program"),
                                                      {.stdin_ = PIPE, .stdout_ = PIPE});
  } catch (const std::system_error&) {
    log(name());
  }
  try {
    Process process = co_await create_subprocess_exec("no-such-program");
  } catch (const std::system_error&) {
    log(name());
  }
  try {
    Process process = co_await create_subprocess_exec(argv("true"), {.cwd = "/no/such/folder"});
  } catch (const std::system_error&) {
    log(name());
  }
  try {
    Process process = co_await create_subprocess_exec("true", std::string("embedded\0null", 13));
  } catch (const std::invalid_argument& e) {
    log(name(), " ", e.what());
  }
  Process process = co_await create_subprocess_exec("true");
  const int returncode = co_await process.wait();
  log(returncode);
}

// SUB-09, SUB-10: line by line, then the end of the input, then what is left of the output.
SCENARIO(process_conversation) {
  Process process =
      co_await create_subprocess_exec(argv("cat", "-n"), {.stdin_ = PIPE, .stdout_ = PIPE});
  for (const char* line : {"one\n", "two\n"}) {
    process.stdin_->write(line);
    co_await process.stdin_->drain();
    const std::string answer = co_await process.stdout_->readline();
    log(shown(squeezed(answer)));
  }
  const std::vector<std::string_view> lines{"three\n", "four"};
  process.stdin_->writelines(lines);
  log("can write eof ", process.stdin_->can_write_eof());
  process.stdin_->write_eof();
  const int returncode = co_await process.wait();
  log(returncode);
  log("at_eof ", process.stdout_->at_eof());
  const std::string rest = co_await process.stdout_->read();
  log(shown(squeezed(rest)));
  log("at_eof ", process.stdout_->at_eof(), ", closing ", process.stdin_->is_closing());
}

// SUB-09: writing to a program that is gone.
SCENARIO(process_broken_pipe) {
  Process process = co_await create_subprocess_exec(argv("true"), {.stdin_ = PIPE});
  const int returncode = co_await process.wait();
  log(returncode);
  co_await turns(5);
  try {
    process.stdin_->write(std::string(200000, 'x'));
    co_await process.stdin_->drain();
  } catch (const std::system_error& e) {
    if (e.code().value() == EPIPE || e.code().value() == ECONNRESET) log("broken");
  }
  log("closing ", process.stdin_->is_closing());
  co_await process.communicate();
  log("end");
}

struct Answer {
  Process process;
  std::string text;
};

Task<Answer> output(std::string command, SubprocessOptions options = {}) {
  options.stdout_ = PIPE;
  Process process = co_await create_subprocess_shell(command, options);
  auto parts = co_await process.communicate();
  Answer answer{std::move(process), std::move(*parts.first)};
  co_return answer;
}

// SUB-01, SUB-02: working directory, environment, session, descriptors.
SCENARIO(process_surroundings) {
  const std::vector<std::string> variables{"GREETING=hello"};
  Answer answer =
      co_await output("pwd; echo $GREETING; echo ${HOME-none}", {.cwd = "/usr", .env = variables});
  log(shown(answer.text));

  answer = co_await output("cut -d' ' -f1,6 /proc/$$/stat", {.start_new_session = true});
  const std::string pid = std::to_string(answer.process.pid());
  log(answer.text == pid + ' ' + pid + '\n');

  os::Pipe pipe = os::make_pipe();
  if (::write(pipe.writer.get(), "passed\n", 7) != 7) log("the pipe is full");
  const int passed[] = {pipe.reader.get()};
  answer = co_await output("read line <&" + std::to_string(passed[0]) + "; echo $line",
                           {.pass_fds = passed});
  log(shown(answer.text));
  const std::string writer = std::to_string(pipe.writer.get());
  pipe = {};

  answer = co_await output("test -e /proc/$$/fd/" + writer + " || echo closed");
  log(shown(answer.text));
}

// SUB-10: the limit of the readers; what has come can be read after the exit.
SCENARIO(process_limit) {
  Process process =
      co_await create_subprocess_shell("echo 123456789; echo 123", {.stdout_ = PIPE, .limit = 5});
  const int returncode = co_await process.wait();
  log(returncode);
  try {
    co_await process.stdout_->readline();
  } catch (const std::invalid_argument&) {
    log(name());
  }
  const std::string line = co_await process.stdout_->readline();
  log(shown(line));
  const std::string none = co_await process.stdout_->readline();
  log(shown(none));
}

// SUB-05, SUB-06: giving up on a program, which runs on until it is killed.
SCENARIO(process_timeout) {
  Process process = co_await create_subprocess_shell("echo early; exec sleep 1000",
                                                     {.stdin_ = PIPE, .stdout_ = PIPE});
  const std::string line = co_await process.stdout_->readline();
  log(shown(line));
  try {
    co_await wait_for(process.communicate(), 20ms);
  } catch (const TimeoutError&) {
    log(name(), " ", process.returncode());
  }
  try {
    co_await wait_for(process.wait(), 20ms);
  } catch (const TimeoutError&) {
    log(name(), " ", process.returncode());
  }
  process.kill();
  auto parts = co_await process.communicate();
  log(shown(parts.first), " ", shown(parts.second), " ", process.returncode());
}

Task<int> ask(int i) {
  Process process = co_await create_subprocess_shell(
      "read n; echo $((n * n)); exit " + std::to_string(i), {.stdin_ = PIPE, .stdout_ = PIPE});
  const std::string question = std::to_string(i) + "\n";
  auto parts = co_await process.communicate(question);
  co_return std::stoi(*parts.first) * 1000 + *process.returncode();
}

// SUB-01, SUB-05: many programs at the same time; each result belongs to its own.
SCENARIO(process_many) {
  std::vector<Task<int>> tasks;
  for (int i = 0; i < 20; ++i) tasks.push_back(ask(i));
  const std::vector<int> results = co_await gather(std::move(tasks));
  log(text(results));
}

}  // namespace processes_scenarios
}  // namespace conformance
