#include <asyncio/os/spawn.hpp>

#include <support/catch.hpp>
#include <support/scenario.hpp>

#include <fstream>
#include <sstream>

#include <sys/stat.h>

namespace spawn_test {

using namespace asyncio::os;
using asyncio_test::as_expected;
using asyncio_test::scenario_ending;

namespace {

SpawnRequest program(std::vector<std::string> arguments) {
  SpawnRequest request;
  request.arguments = std::move(arguments);
  return request;
}

int returncode_of(const Spawned& child) {
  wait_for_exit(child.pidfd.get(), 30'000);
  return try_reap(child.pidfd.get()).returncode;
}

std::string read_all(const Fd& fd) {
  std::string text;
  char bytes[4096];
  for (ssize_t count = 1; count > 0;) {
    count = ::read(fd.get(), bytes, sizeof bytes);
    if (count > 0) text.append(bytes, static_cast<std::size_t>(count));
  }
  return text;
}

/// What the program prints.
std::string output_of(SpawnRequest request) {
  Pipe pipe = make_pipe();
  request.standard[1] = pipe.writer.get();
  const Spawned child = spawn(request);
  pipe.writer.reset();
  std::string text = read_all(pipe.reader);
  returncode_of(child);
  return text;
}

std::vector<long> numbers(const std::string& text) {
  std::istringstream in(text);
  std::vector<long> result;
  for (long number = 0; in >> number;) result.push_back(number);
  return result;
}

/// A set of signals in /proc/PID/status.
unsigned long mask_in(const std::string& status, const std::string& name) {
  return std::stoul(status.substr(status.find(name) + name.size() + 2), nullptr, 16);
}

/// The text of the error, and nothing is left to wait for.
std::string failure_of(const SpawnRequest& request) {
  try {
    returncode_of(spawn(request));
  } catch (const std::system_error& error) {
    CHECK(::waitpid(-1, nullptr, WNOHANG) == -1);  // no zombie
    return error.what();
  }
  return "";
}

/// A folder for a scope.
struct Folder {
  Folder() {
    char name[] = "/tmp/asyncio-spawn-XXXXXX";
    path = ::mkdtemp(name);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  ~Folder() {
    for (const std::string& file : files) ::unlink(file.c_str());
    ::rmdir(path.c_str());
  }
  void write(const char* name, const char* text, mode_t mode) {
    files.push_back(path + '/' + name);
    std::ofstream(files.back()) << text;
    ::chmod(files.back().c_str(), mode);
  }
  std::string path;
  std::vector<std::string> files;
};

}  // namespace

TEST_CASE("spawn: a program with arguments, its status", "[os][SUB-01]") {
  CHECK(returncode_of(spawn(program({"sh", "-c", "exit 7"}))) == 7);
  CHECK(output_of(program({"/bin/echo", "a b", "", "c"})) == "a b  c\n");
}

TEST_CASE("spawn: a program that does not exist is named, with its errno", "[os][SUB-11]") {
  CHECK(failure_of(program({"no-such-program"})) ==
        "exec no-such-program: No such file or directory");
  CHECK(failure_of(program({"/no/such/program"})) ==
        "exec /no/such/program: No such file or directory");
  CHECK(failure_of(program({"/etc/passwd"})) == "exec /etc/passwd: Permission denied");
}

TEST_CASE("spawn: a directory that does not exist is named", "[os][SUB-11]") {
  SpawnRequest request = program({"true"});
  request.directory = "/no/such/folder";
  CHECK(failure_of(request) == "chdir /no/such/folder: No such file or directory");
}

TEST_CASE("spawn: a descriptor that is not open is an error of its own", "[os][SUB-11]") {
  SpawnRequest request = program({"true"});
  request.standard[0] = 4000;
  CHECK(failure_of(request) == "descriptors for true: Bad file descriptor");
  request = program({"true"});
  request.passed = {4000};
  CHECK(failure_of(request) == "descriptors for true: Bad file descriptor");
}

TEST_CASE("spawn: the working directory and the environment", "[os][SUB-01]") {
  SpawnRequest request = program({"sh", "-c", "pwd; echo $GREETING; echo ${HOME-none}"});
  request.directory = "/usr";
  request.environment = {"GREETING=hello"};
  CHECK(output_of(request) == "/usr\nhello\nnone\n");
}

TEST_CASE("spawn: the PATH of the child is searched, in order", "[os][SUB-01]") {
  Folder denied;
  denied.write("tool", "#!/bin/sh\necho denied\n", 0644);
  Folder allowed;
  allowed.write("tool", "#!/bin/sh\necho allowed\n", 0755);
  SpawnRequest request = program({"tool"});
  request.environment = {"PATH=/no/such/folder:" + denied.path + ':' + allowed.path};
  CHECK(output_of(request) == "allowed\n");
  request.environment = {"PATH=" + denied.path + ":/no/such/folder"};
  CHECK(failure_of(request) == "exec tool: Permission denied");
  request.environment.emplace();
  CHECK(failure_of(request) == "exec tool: No such file or directory");
}

TEST_CASE("spawn: nothing but the standard descriptors and those passed is open", "[os][SUB-09]") {
  const Fd leaky(::dup(2));  // without O_CLOEXEC, as other libraries make them
  const Fd passed(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  // One more than asked for: the folder that ls itself has opened.
  CHECK(numbers(output_of(program({"ls", "/proc/self/fd"}))).size() == 4);
  SpawnRequest request = program({"ls", "/proc/self/fd"});
  request.passed = {passed.get()};
  const std::vector<long> open = numbers(output_of(request));
  CHECK(open.size() == 5);
  CHECK(std::find(open.begin(), open.end(), passed.get()) != open.end());
  CHECK((::fcntl(passed.get(), F_GETFD) & FD_CLOEXEC) != 0);  // ours is as it was
}

TEST_CASE("spawn: standard descriptors may be exchanged", "[os][SUB-03]") {
  CHECK(scenario_ending([] {
          Pipe first = make_pipe();
          Pipe second = make_pipe();
          ::dup2(first.writer.get(), 0);  // 0 writes to the first pipe, 1 to the second
          ::dup2(second.writer.get(), 1);
          SpawnRequest request = program({"sh", "-c", "echo out; echo err >&2"});
          request.standard = {2, 0, 1};
          EXPECT_IN_CHILD(returncode_of(spawn(request)) == 0);
          first.writer.reset();
          second.writer.reset();
          ::close(0);
          ::close(1);
          EXPECT_IN_CHILD(read_all(first.reader) == "out\n");
          EXPECT_IN_CHILD(read_all(second.reader) == "err\n");
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("spawn: works where standard descriptors are closed", "[os][SUB-03]") {
  CHECK(scenario_ending([] {
          Pipe low = make_pipe();
          for (int fd = 0; fd < 3; ++fd) ::close(fd);
          Pipe pipe = make_pipe();  // 0 and 1
          EXPECT_IN_CHILD(pipe.writer.get() == 1);
          SpawnRequest request = program({"sh", "-c", "echo hello"});
          request.standard[1] = pipe.writer.get();
          const Spawned child = spawn(request);
          pipe.writer.reset();
          EXPECT_IN_CHILD(read_all(pipe.reader) == "hello\n");
          EXPECT_IN_CHILD(returncode_of(child) == 0);
          pipe.reader.reset();
          bool is_refused = false;
          try {
            returncode_of(spawn(program({"no-such-program"})));
          } catch (const std::system_error& error) {
            is_refused = error.code().value() == ENOENT;
          }
          EXPECT_IN_CHILD(is_refused);
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("spawn: the child has default dispositions and blocks nothing", "[os]") {
  CHECK(scenario_ending([] {
          std::signal(SIGPIPE, SIG_IGN);
          std::signal(SIGUSR1, SIG_IGN);
          std::signal(SIGUSR2, [](int) {});
          sigset_t some;
          ::sigemptyset(&some);
          ::sigaddset(&some, SIGTERM);
          ::sigprocmask(SIG_SETMASK, &some, nullptr);
          SpawnRequest request = program({"cat", "/proc/self/status"});
          std::string status = output_of(request);
          EXPECT_IN_CHILD(mask_in(status, "SigBlk") == 0);
          EXPECT_IN_CHILD(mask_in(status, "SigIgn") == 0);
          EXPECT_IN_CHILD(mask_in(status, "SigCgt") == 0);
          request.restores_signals = false;
          status = output_of(request);
          EXPECT_IN_CHILD(mask_in(status, "SigBlk") == 1u << (SIGTERM - 1));
          EXPECT_IN_CHILD(mask_in(status, "SigIgn") == 1u << (SIGUSR1 - 1));
          EXPECT_IN_CHILD(mask_in(status, "SigCgt") == 0);
          sigset_t now;
          ::sigprocmask(SIG_SETMASK, nullptr, &now);
          EXPECT_IN_CHILD(::sigismember(&now, SIGTERM) == 1 && ::sigismember(&now, SIGINT) == 0);
          EXPECT_IN_CHILD(std::signal(SIGUSR1, SIG_DFL) == SIG_IGN);  // ours are as they were
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("spawn: a session or a process group of its own", "[os][SUB-02]") {
  const SpawnRequest same = program({"cut", "-d ", "-f1,5,6", "/proc/self/stat"});
  const std::vector<long> as_ours = numbers(output_of(same));
  CHECK(as_ours.at(1) == ::getpgrp());
  CHECK(as_ours.at(2) == ::getsid(0));
  SpawnRequest request = same;
  request.starts_session = true;
  const std::vector<long> session = numbers(output_of(request));
  CHECK(session.at(2) == session.at(0));
  request = same;
  request.group = 0;
  const std::vector<long> group = numbers(output_of(request));
  CHECK(group.at(1) == group.at(0));
  CHECK(group.at(2) == as_ours.at(2));
  request.group = 1;  // not of our session
  CHECK(failure_of(request) == "setpgid for cut: Operation not permitted");
}

TEST_CASE("spawn: a child that SIGCHLD does not keep has no descriptor, or a lost one", "[os]") {
  CHECK(scenario_ending([] {
          std::signal(SIGCHLD, SIG_IGN);
          for (int i = 0; i < 20; ++i) {
            const Spawned child = spawn(program({"true"}));
            if (!child.pidfd) continue;
            wait_for_exit(child.pidfd.get(), 30'000);
            EXPECT_IN_CHILD(try_reap(child.pidfd.get()).state == Reaped::State::lost);
          }
          return as_expected;
        }) == "exit 42");
}

TEST_CASE("spawn: when descriptors run out nothing is left behind", "[os][SUB-11]") {
  CHECK(scenario_ending([] {
          const rlimit limit{5, 5};
          for (int fd = 3; fd < 200; ++fd) ::close(fd);
          ::setrlimit(RLIMIT_NOFILE, &limit);
          EXPECT_IN_CHILD(returncode_of(spawn(program({"true"}))) == 0);
          const rlimit lower{4, 4};
          ::setrlimit(RLIMIT_NOFILE, &lower);
          int error = 0;
          try {
            returncode_of(spawn(program({"true"})));
          } catch (const std::system_error& e) {
            error = e.code().value();
          }
          EXPECT_IN_CHILD(error == EMFILE);
          EXPECT_IN_CHILD(::waitpid(-1, nullptr, 0) == -1 && errno == ECHILD);
          return as_expected;
        }) == "exit 42");
}

}  // namespace spawn_test
