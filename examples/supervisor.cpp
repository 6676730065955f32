// Keeps programs running: supervisor COMMAND... starts each command with a shell and starts it
// again when it ends. SIGTERM or Ctrl-C ends them all, politely at first.
#include <asyncio/asyncio.hpp>

#include <fmt/format.h>

#include <csignal>
#include <vector>

using namespace std::chrono_literals;
using asyncio::Process;

template <class... Args>
void say(fmt::format_string<Args...> format, Args&&... args) {
  fmt::print(format, std::forward<Args>(args)...);
  std::fflush(stdout);
}

/// SIGTERM, and SIGKILL for a program that does not listen.
asyncio::Task<> end(Process& program) {
  program.terminate();
  auto exit = co_await asyncio::as_outcome(asyncio::wait_for(program.wait(), 2s));
  if (!exit.has_value()) program.kill();
  const int returncode = co_await program.wait();
  say("{} stopped: {}\n", program.pid(), returncode);
}

asyncio::Task<> keep_running(std::string command) {
  for (;;) {
    Process program = co_await asyncio::create_subprocess_shell(command);
    say("{} runs: {}\n", program.pid(), command);
    auto exit = co_await asyncio::as_outcome(program.wait());
    if (!exit.has_value()) {  // we are to stop
      co_await end(program);
      std::rethrow_exception(exit.error());
    }
    say("{} ended: {}\n", program.pid(), exit.value());
    co_await asyncio::sleep(50ms);  // a program that cannot run shall not keep us busy
  }
}

asyncio::Task<> amain(std::vector<std::string> commands) {
  asyncio::SignalSet stop(SIGTERM, SIGINT);
  auto body = [&](asyncio::TaskGroup& group) -> asyncio::Task<> {
    for (std::string& command : commands) group.create_task(keep_running(std::move(command)));
    const int signum = co_await stop.next();
    say("signal {}\n", signum);
    group.cancel();
  };
  co_await asyncio::async_with(asyncio::TaskGroup{}, body);
  say("all stopped\n");
}

int main(int argc, char** argv) {
  return asyncio::run_main(amain(std::vector<std::string>(argv + 1, argv + argc)));
}
