// What a subprocess costs: subprocess MODE [N] prints how many programs a second are started and reaped.
//   floor        posix_spawn(3) and waitpid(2), nothing else
//   wait         create_subprocess_exec() and wait(), one after the other
//   communicate  the same with three pipes and a few bytes
//   crowd        communicate, 32 at a time
#include <asyncio/asyncio.hpp>

#include <fmt/format.h>

#include <chrono>
#include <cstdlib>
#include <string_view>

#include <spawn.h>
#include <sys/wait.h>

namespace {

using asyncio::PIPE;
using asyncio::Process;
using asyncio::Task;

void floor(int n) {
  char name[] = "true";
  char* const arguments[] = {name, nullptr};
  for (int i = 0; i < n; ++i) {
    pid_t pid = 0;
    if (::posix_spawnp(&pid, name, nullptr, nullptr, arguments, environ) != 0) std::abort();
    ::waitpid(pid, nullptr, 0);
  }
}

Task<> wait(int n) {
  for (int i = 0; i < n; ++i) {
    Process process = co_await asyncio::create_subprocess_exec("true");
    co_await process.wait();
  }
}

Task<> communicate(int n) {
  for (int i = 0; i < n; ++i) {
    Process process = co_await asyncio::create_subprocess_exec(
        asyncio::argv("cat"), {.stdin_ = PIPE, .stdout_ = PIPE, .stderr_ = PIPE});
    const auto parts = co_await process.communicate("a few bytes");
    if (parts.first->size() != 11) std::abort();
  }
}

Task<> crowd(int n) {
  std::vector<Task<>> tasks;
  for (int i = 0; i < 32; ++i) tasks.push_back(communicate(n / 32));
  co_await asyncio::gather(std::move(tasks));
}

void run(std::string_view mode, int n) {
  if (mode == "floor") return floor(n);
  if (mode == "wait") return asyncio::run(wait(n));
  if (mode == "communicate") return asyncio::run(communicate(n));
  if (mode == "crowd") return asyncio::run(crowd(n));
  std::abort();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view mode = argc > 1 ? argv[1] : "wait";
  const int n = argc > 2 ? std::atoi(argv[2]) : 2000;
  const auto start = std::chrono::steady_clock::now();
  run(mode, n);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  fmt::print("{}: {:.0f} a second\n", mode, n / taken.count());
}
