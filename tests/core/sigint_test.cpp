#include <asyncio/core/sigint.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

#include <csignal>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace sigint_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

// Each scenario runs in a child process, whose exit code says how it went; Catch2 stays out of it.
constexpr int as_expected = 42;

/// How a process ended: "exit 42", "signal 2".
std::string ending_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status)) return "exit " + std::to_string(WEXITSTATUS(status));
  return "signal " + std::to_string(WTERMSIG(status));
}

template <class F>
pid_t start_child(F&& scenario) {
  std::fflush(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  std::signal(SIGINT, SIG_DFL);  // a shell's background jobs ignore it
  std::signal(SIGALRM, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::alarm(30);  // a child that hangs ends by SIGALRM
  int code = 1;
  try {
    code = scenario();
  } catch (...) {
    code = 2;
  }
  ::_exit(code);
}

template <class F>
std::string in_child(F&& scenario) {
  return ending_of(start_child(std::forward<F>(scenario)));
}

/// Runs `main` and says by what it ended.
template <class F>
std::string run_and_tell(F&& main, RunOptions options = {.backend = Backend::epoll}) {
  try {
    asyncio::run(main, options);
    return "a result";
  } catch (...) {
    return describe(std::current_exception());
  }
}

int expect(bool condition) { return condition ? as_expected : 3; }

TEST_CASE("sigint: the first press cancels the main task, run throws KeyboardInterrupt",
          "[RUN-11]") {
  const std::string how = in_child([] {
    Trace trace;
    auto main = [&trace]() -> Task<> {
      std::raise(SIGINT);
      const std::exception_ptr error = co_await cancellation();
      co_await turns(3);
      trace.push_back("clean-up");
      std::rethrow_exception(error);
    };
    const std::string result = run_and_tell(main);
    return expect(result == "KeyboardInterrupt" && trace == Trace{"clean-up"});
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: reaches a loop that waits in the kernel", "[RUN-11]") {
  const auto backend = GENERATE(Backend::automatic, Backend::epoll);
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = start_child([&pipe, backend] {
    auto main = [&pipe]() -> Task<> {
      if (::write(pipe[1], "r", 1) != 1) co_return;
      co_await endless();
    };
    return expect(run_and_tell(main, {.backend = backend}) == "KeyboardInterrupt");
  });
  ::close(pipe[1]);
  char ready = 0;
  CHECK(::read(pipe[0], &ready, 1) == 1);
  ::close(pipe[0]);
  ::kill(child, SIGINT);
  CHECK(ending_of(child) == "exit 42");
}

TEST_CASE("sigint: a main task that catches the cancellation gives its result", "[RUN-11]") {
  const std::string how = in_child([] {
    auto main = []() -> Task<> {
      std::raise(SIGINT);
      static_cast<void>(co_await cancellation());
    };
    return expect(run_and_tell(main) == "a result");
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: the second press ends the run at once", "[RUN-12]") {
  const std::string how = in_child([] {
    Trace trace;
    auto main = [&trace]() -> Task<> {
      std::raise(SIGINT);
      std::string text = describe(co_await cancellation());
      trace.push_back("first: " + text);
      std::raise(SIGINT);
      text = describe(co_await cancellation());
      trace.push_back("second: " + text);
    };
    std::string result;
    bool main_was_done = false;
    Runner runner({.backend = Backend::epoll});
    try {
      runner.run(main);
    } catch (const KeyboardInterrupt&) {
      result = "KeyboardInterrupt";
    }
    main_was_done = trace.size() != 1;  // only close() cancels it again
    runner.close();
    return expect(result == "KeyboardInterrupt" && !main_was_done &&
                  trace == Trace{"first: CancelledError", "second: CancelledError"});
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: the first press ends the run at once if the main task is done", "[RUN-12]") {
  const std::string how = in_child([] {
    auto main = []() -> Task<> {
      std::raise(SIGINT);
      co_return;
    };
    return expect(run_and_tell(main) == "KeyboardInterrupt");
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: somebody else's cancel on top gives CancelledError", "[RUN-13]") {
  const std::string how = in_child([] {
    auto main = []() -> Task<> {
      AnyTask self = current_task();
      get_running_loop().call_soon([self] {
        self.cancel();
        std::raise(SIGINT);
        get_running_loop().call_soon([] {});
      });
      const std::exception_ptr error = co_await cancellation();
      co_await turns(2);
      std::rethrow_exception(error);
    };
    return expect(run_and_tell(main) == "CancelledError");
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: a cancel in the same callback as Ctrl-C gives CancelledError", "[RUN-13]") {
  const std::string how = in_child([] {
    auto main = []() -> Task<> {
      get_running_loop().call_soon([self = current_task()] {
        std::raise(SIGINT);
        self.cancel();
      });
      co_await endless();
    };
    return expect(run_and_tell(main) == "CancelledError");
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: the disposition is restored after the run", "[RUN-14]") {
  const std::string how = in_child([] {
    bool replaced = false;
    auto main = [&replaced]() -> Task<> {
      replaced = !os::has_default_action(SIGINT);
      co_return;
    };
    asyncio::run(main, {.backend = Backend::epoll});
    return expect(replaced && os::has_default_action(SIGINT));
  });
  CHECK(how == "exit 42");
}

volatile std::sig_atomic_t own_handler_calls = 0;
void own_handler(int) { own_handler_calls = own_handler_calls + 1; }

TEST_CASE("sigint: a handler that is there already is left alone", "[RUN-11][RUN-14]") {
  const std::string how = in_child([] {
    std::signal(SIGINT, &own_handler);
    auto main = []() -> Task<> {
      std::raise(SIGINT);
      co_await turns(2);
    };
    const std::string result = run_and_tell(main);
    std::raise(SIGINT);
    return expect(result == "a result" && own_handler_calls == 2);
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: a handler that the program installs meanwhile stays", "[RUN-14]") {
  const std::string how = in_child([] {
    auto main = []() -> Task<> {
      std::signal(SIGINT, &own_handler);
      co_return;
    };
    asyncio::run(main, {.backend = Backend::epoll});
    std::raise(SIGINT);
    return expect(own_handler_calls == 1);
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: is not touched on another thread", "[RUN-11][RUN-14]") {
  const std::string how = in_child([] {
    bool untouched = false;
    std::thread([&untouched] {
      auto main = [&untouched]() -> Task<> {
        untouched = os::has_default_action(SIGINT);
        co_return;
      };
      asyncio::run(main, {.backend = Backend::epoll});
    }).join();
    return expect(untouched);
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: is not touched when asked so", "[RUN-11]") {
  const std::string how = in_child([] {
    auto main = []() -> Task<> {
      std::raise(SIGINT);
      co_await turns(2);
    };
    asyncio::run(main, {.backend = Backend::epoll, .handle_sigint = false});
    return as_expected;
  });
  CHECK(how == "signal " + std::to_string(SIGINT));
}

TEST_CASE("sigint: each run of a Runner starts afresh", "[RUN-11][RUN-07]") {
  const std::string how = in_child([] {
    auto main = []() -> Task<> {
      std::raise(SIGINT);
      co_await endless();
    };
    int interrupts = 0;
    Runner runner({.backend = Backend::epoll});
    for (int i = 0; i < 2; ++i) {
      try {
        runner.run(main);
      } catch (const KeyboardInterrupt&) {
        ++interrupts;
      }
    }
    return expect(interrupts == 2 && runner.run(gives(1)) == 1);
  });
  CHECK(how == "exit 42");
}

TEST_CASE("sigint: run_main cleans up and ends the process by SIGINT", "[RUN-11]") {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = start_child([&pipe] {
    auto main = [&pipe]() -> Task<> {
      std::raise(SIGINT);
      const std::exception_ptr error = co_await cancellation();
      co_await turns(2);
      if (::write(pipe[1], "c", 1) == 1) std::rethrow_exception(error);
    };
    return run_main(main, {.backend = Backend::epoll});
  });
  ::close(pipe[1]);
  char cleaned_up = 0;
  CHECK(::read(pipe[0], &cleaned_up, 1) == 1);
  ::close(pipe[0]);
  CHECK(ending_of(child) == "signal " + std::to_string(SIGINT));
}

TEST_CASE("run_main: prints an uncaught error and gives 1", "[RUN-01]") {
  int pipe[2];
  REQUIRE(::pipe(pipe) == 0);
  const pid_t child = start_child([&pipe] {
    ::dup2(pipe[1], 2);
    return run_main(fails("on stderr", 1), {.backend = Backend::epoll});
  });
  ::close(pipe[1]);
  std::string text;
  char buffer[256];
  for (ssize_t n = 0; (n = ::read(pipe[0], buffer, sizeof buffer)) > 0;)
    text.append(buffer, static_cast<std::size_t>(n));
  ::close(pipe[0]);
  CHECK(ending_of(child) == "exit 1");
  CHECK(text == "std::invalid_argument: on stderr\n");
}

}  // namespace

}  // namespace sigint_test
