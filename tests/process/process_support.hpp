// What the tests of process/ share.
#pragma once

#include <asyncio/process/create_subprocess.hpp>

#include <net/net_support.hpp>
#include <support/scenario.hpp>

#include <fstream>

namespace asyncio_test {

using asyncio::argv;
using asyncio::create_subprocess_exec;
using asyncio::create_subprocess_shell;
using asyncio::DEVNULL;
using asyncio::PIPE;
using asyncio::Process;
using asyncio::STDOUT;

/// This process has a child with this number, alive or not.
inline bool is_child(int pid) {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(pid), &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}
/// This process has any child.
inline bool has_children() {
  siginfo_t info{};
  return ::waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

/// A process with this number is there and is no zombie.
inline bool is_running(int pid) {
  std::ifstream stat("/proc/" + std::to_string(pid) + "/stat");
  std::string text;
  std::getline(stat, text);
  const std::size_t end = text.rfind(") ");
  return end != std::string::npos && text[end + 2] != 'Z' && text[end + 2] != 'X';
}

/// Everything the program prints.
inline Task<std::string> output_of(std::string command) {
  Process process = co_await create_subprocess_shell(command, {.stdout_ = PIPE});
  auto parts = co_await process.communicate();
  co_return std::move(*parts.first);
}

/// A program that runs until it is killed.
inline Task<Process> start_sleeper() {
  Process process = co_await create_subprocess_exec("sleep", "1000");
  co_return process;
}

/// A program that says "ready" once it handles signals as `script` says, and goes on for ever.
inline Task<Process> start_script(std::string script) {
  script += "; echo ready; while :; do sleep 0.01; done";
  Process process = co_await create_subprocess_shell(script, {.stdout_ = PIPE});
  const std::string line = co_await process.stdout_->readline();
  CHECK(line == "ready\n");
  co_return process;
}

}  // namespace asyncio_test
