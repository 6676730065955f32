// Runs one scenario and compares its trace with CPython's.
//   conformance                                the names
//   conformance NAME BACKEND [EXPECTED_FILE]   BACKEND: io_uring or epoll

#include "exit_code.hpp"
#include "scenario.hpp"

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>
#include <typeinfo>

namespace conformance {
namespace {

std::string backend;

ErrorText describe_system_error(const std::system_error& e) {
  switch (e.code().value()) {
    case ECONNREFUSED:
      return {"ConnectionRefusedError", e.what()};
    case ECONNRESET:
      return {"ConnectionResetError", e.what()};
    case EPIPE:
      return {"BrokenPipeError", e.what()};
    case ENOENT:
      return {"FileNotFoundError", e.what()};
    default:
      return {"OSError", e.what()};
  }
}

std::string list_members(const BaseExceptionGroup& group) {
  std::vector<std::string> members;
  for (const std::exception_ptr& member : group.exceptions()) members.push_back(error(member));
  return group.message() + ": " + join(members);
}

}  // namespace

ErrorText describe_error(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const CancelledError& e) {
    return {"CancelledError", e.message()};
  } catch (const KeyboardInterrupt&) {
    return {"KeyboardInterrupt", ""};
  } catch (const SystemExit& e) {
    return {"SystemExit", std::to_string(e.code())};
  } catch (const Custom& e) {
    return {"Custom", e.text};
  } catch (const ExceptionGroup& e) {
    return {"ExceptionGroup", list_members(e)};
  } catch (const BaseExceptionGroup& e) {
    return {"BaseExceptionGroup", list_members(e)};
  } catch (const TimeoutError& e) {
    return {"TimeoutError", e.what()};
  } catch (const std::system_error& e) {
    return describe_system_error(e);
  } catch (const InvalidStateError& e) {
    return {"InvalidStateError", e.what()};
  } catch (const IncompleteReadError& e) {
    return {"IncompleteReadError", e.what()};
  } catch (const LimitOverrunError& e) {
    return {"LimitOverrunError", e.what()};
  } catch (const std::invalid_argument& e) {
    return {"ValueError", e.what()};
  } catch (const QueueEmpty&) {
    return {"QueueEmpty", ""};
  } catch (const QueueFull&) {
    return {"QueueFull", ""};
  } catch (const QueueShutDown&) {
    return {"QueueShutDown", ""};
  } catch (const BrokenBarrierError& e) {
    return {"BrokenBarrierError", e.what()};
  } catch (const std::runtime_error& e) {
    return {"RuntimeError", e.what()};
  } catch (const std::exception& e) {
    return {typeid(e).name(), e.what()};
  } catch (...) {
    return {"unknown", ""};
  }
}

namespace {

Task<> checked(Body body) {
  const std::string_view used = get_running_loop().backend();
  if (used != backend) log("this runs on ", std::string(used));
  beginning = get_running_loop().time();
  co_await body();
}

ExitCode run_scenario(const Scenario& scenario) {
  try {
    scenario.run();
    return passed;
  } catch (...) {
    std::printf("the scenario ended by %s\n", error().c_str());
    return failed;
  }
}

ExitCode compare(const char* file) {
  std::ifstream stream(file);
  std::vector<std::string> expected;
  for (std::string line; std::getline(stream, line);) expected.push_back(line);
  if (expected.empty()) {
    std::printf("no expected trace in %s\n", file);
    return failed;
  }
  for (std::size_t i = 0; i < std::max(expected.size(), trace.size()); ++i) {
    const std::string want = i < expected.size() ? expected[i] : "<end>";
    const std::string have = i < trace.size() ? trace[i] : "<end>";
    if (want == have) continue;
    std::printf("--- line %zu differs\nCPython: %s\nasyncio: %s\n", i + 1, want.c_str(),
                have.c_str());
    return failed;
  }
  return passed;
}

ExitCode run_named(std::string_view wanted, const char* expected_file) {
  for (const Scenario& scenario : scenarios()) {
    if (scenario.name != wanted) continue;
    const ExitCode result = run_scenario(scenario);
    return result == passed && expected_file ? compare(expected_file) : result;
  }
  std::printf("there is no scenario of that name\n");
  return misused;
}

}  // namespace

void on_backend(Body body) { asyncio::run(checked(body)); }
void on_virtual_clock(Body body) { testing::run(checked(body)); }

}  // namespace conformance

int main(int argc, char** argv) {
  using namespace conformance;
  if (argc < 3) {
    for (const Scenario& scenario : scenarios())
      std::printf("%s\n", std::string(scenario.name).c_str());
    return argc == 1 ? passed : misused;
  }
  backend = argv[2];
  if (backend == "io_uring") {
    const ExitCode usable = check_io_uring();
    if (usable != passed) return usable;
  }
  setenv("ASYNCIO_BACKEND", argv[2], 1);  // for every loop that a scenario makes
  return run_named(argv[1], argc > 3 ? argv[3] : nullptr);
}
