// Runs random programs of tasks and compares their traces with CPython's; interpreter.py is the
// twin, and says what the operations do and how a trace is written.
//   conformance_random BACKEND TASKS FILE     BACKEND: io_uring or epoll; TASKS: plain or eager

#include "../exit_code.hpp"

#include <asyncio/asyncio.hpp>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace {

using namespace asyncio;  // NOLINT: the operations read as their twins do
using namespace conformance;
using namespace std::chrono_literals;

constexpr std::size_t futures_of_a_program = 4;
constexpr auto long_time = 1000s;  // that no program lasts
constexpr int turns_of_a_program = 60;
constexpr int turns_of_a_kill = 40;
constexpr int kills = 20;  // a task can swallow that many

class Interpreter;
struct Operation;
using Run = Task<> (Interpreter::*)(const Operation& operation, std::size_t me);

/// An operation of a program, with those inside it.
struct Operation {
  int number = 0;  // in the order in which they are written
  Run run = nullptr;
  std::size_t operand = 0;
  std::vector<Operation> inside;
};

std::string join_words(const std::vector<std::string>& words, const char* between) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : between) + word;
  return joined;
}

/// The words of a trace, and the turns of the loop.
class Trace {
 public:
  void start() { tick(); }
  void stop() { ticking_.cancel(); }

  void add(std::string word) { words_.push_back(std::move(word)); }
  void add(const std::string& word, const AnyTask& task) {
    const int cancelling = task ? task.cancelling() : 0;
    add(word + (cancelling ? "~" + std::to_string(cancelling) : ""));
  }
  /// Something happens in the current task.
  void event(const Operation& operation, const std::string& what) {
    if (turn_ != written_turn_) add("@" + std::to_string(turn_));
    written_turn_ = turn_;
    add(std::to_string(operation.number) + what, current_task());
  }

  [[nodiscard]] std::string text() const { return join_words(words_, " "); }

 private:
  /// A callback that reschedules itself, first in each turn.
  void tick() {
    ++turn_;
    ticking_ = get_running_loop().call_soon([this] { tick(); });
  }

  std::vector<std::string> words_;
  int turn_ = 0;
  int written_turn_ = 0;
  Handle ticking_;
};

/// One run of a program. `me` is the index of the task that an operation runs in.
class Interpreter {
 public:
  explicit Interpreter(const std::vector<Operation>& roots) : roots_(roots) {}

  Task<> run_program(TaskFactory task_factory);
  [[nodiscard]] std::string trace() const { return trace_.text(); }

  // Operations without others inside.
  Task<> turns(const Operation& operation, std::size_t me);
  Task<> endless(const Operation& operation, std::size_t me);
  Task<> fail(const Operation& operation, std::size_t me);
  Task<> nothing(const Operation& operation, std::size_t me);
  Task<> cancel(const Operation& operation, std::size_t me);
  Task<> cancel_self(const Operation& operation, std::size_t me);
  Task<> uncancel(const Operation& operation, std::size_t me);
  Task<> join(const Operation& operation, std::size_t me);
  Task<> await_future(const Operation& operation, std::size_t me);
  Task<> set_future(const Operation& operation, std::size_t me);
  Task<> fail_future(const Operation& operation, std::size_t me);
  Task<> cancel_future(const Operation& operation, std::size_t me);
  Task<> shield_future(const Operation& operation, std::size_t me);
  Task<> poll_future(const Operation& operation, std::size_t me);

  // Operations around others.
  Task<> sequence(const Operation& operation, std::size_t me);
  Task<> gather(const Operation& operation, std::size_t me);
  Task<> gather_outcomes(const Operation& operation, std::size_t me);
  Task<> group(const Operation& operation, std::size_t me);
  Task<> timeout(const Operation& operation, std::size_t me);
  Task<> timeout_passed(const Operation& operation, std::size_t me);
  Task<> wait_for(const Operation& operation, std::size_t me);
  Task<> wait_for_ever(const Operation& operation, std::size_t me);
  Task<> poll(const Operation& operation, std::size_t me);
  Task<> shield(const Operation& operation, std::size_t me);
  Task<> spawn(const Operation& operation, std::size_t me);
  Task<> wait_first(const Operation& operation, std::size_t me);
  Task<> wait_error(const Operation& operation, std::size_t me);
  Task<> wait_all(const Operation& operation, std::size_t me);
  Task<> catch_cancel(const Operation& operation, std::size_t me);
  Task<> catch_error(const Operation& operation, std::size_t me);
  Task<> cleanup(const Operation& operation, std::size_t me);

 private:
  Task<> run(const Operation& operation, std::size_t me);
  template <class Create>
  TaskHandle<> start_by(Create create_task, const Operation& operation);
  TaskHandle<> start(const Operation& operation);
  std::vector<TaskHandle<>> start_all(const Operation& operation);
  void start_in(TaskGroup& group, const Operation& operation, const Operation& child);
  Task<> run_group(TaskGroup& group, const Operation& operation, std::size_t me);
  Task<> run_within(Timeout scope, const Operation& body, std::size_t me);
  Task<> wait(const Operation& operation, ReturnWhen return_when);
  [[nodiscard]] std::vector<TaskHandle<>> pending() const;
  Task<> kill();

  const std::vector<Operation>& roots_;
  Trace trace_;
  std::vector<TaskHandle<>> tasks_;  // empty: it is being started, or its group refused it
  std::vector<Future<>> futures_;
};

struct NamedOperation {
  std::string_view name;
  Run run;
};

constexpr NamedOperation operations[] = {
    {"turns", &Interpreter::turns},
    {"endless", &Interpreter::endless},
    {"fail", &Interpreter::fail},
    {"nothing", &Interpreter::nothing},
    {"cancel", &Interpreter::cancel},
    {"cancel_self", &Interpreter::cancel_self},
    {"uncancel", &Interpreter::uncancel},
    {"join", &Interpreter::join},
    {"await_future", &Interpreter::await_future},
    {"set_future", &Interpreter::set_future},
    {"fail_future", &Interpreter::fail_future},
    {"cancel_future", &Interpreter::cancel_future},
    {"shield_future", &Interpreter::shield_future},
    {"poll_future", &Interpreter::poll_future},
    {"sequence", &Interpreter::sequence},
    {"gather", &Interpreter::gather},
    {"gather_outcomes", &Interpreter::gather_outcomes},
    {"group", &Interpreter::group},
    {"timeout", &Interpreter::timeout},
    {"timeout_passed", &Interpreter::timeout_passed},
    {"wait_for", &Interpreter::wait_for},
    {"wait_for_ever", &Interpreter::wait_for_ever},
    {"poll", &Interpreter::poll},
    {"shield", &Interpreter::shield},
    {"spawn", &Interpreter::spawn},
    {"wait_first", &Interpreter::wait_first},
    {"wait_error", &Interpreter::wait_error},
    {"wait_all", &Interpreter::wait_all},
    {"catch_cancel", &Interpreter::catch_cancel},
    {"catch_error", &Interpreter::catch_error},
    {"cleanup", &Interpreter::cleanup},
};

// --- how things end --------------------------------------------------------------------------

/// The error of an operation.
struct Error : std::exception {
  explicit Error(int operation) : number(operation) {}
  int number;
};

std::string describe(const std::exception_ptr& error);

std::string describe_members(const BaseExceptionGroup& group) {
  std::vector<std::string> members;
  for (const std::exception_ptr& member : group.exceptions()) members.push_back(describe(member));
  return "Group[" + join_words(members, ",") + "]";
}

std::string describe(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const CancelledError& e) {
    return "Cancelled" + e.message();
  } catch (const BaseExceptionGroup& e) {
    return describe_members(e);
  } catch (const Error& e) {
    return "Error" + std::to_string(e.number);
  } catch (const TimeoutError&) {
    return "TimeoutError";
  } catch (const RuntimeError&) {
    return "RuntimeError";
  } catch (const std::exception& e) {
    return e.what();
  } catch (...) {
    return "unknown";
  }
}

/// A cancellation without its text: CPython loses it where the task itself threw it.
std::string describe_outcome(const Outcome<void>& outcome) {
  if (outcome.has_value()) return "ok";
  return outcome.cancelled() ? "Cancelled" : describe(outcome.error());
}

// --- operations without others inside --------------------------------------------------------

Task<> pass_turns(std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) co_await sleep(0s);
}

Task<> Interpreter::turns(const Operation& operation, std::size_t) {
  co_await pass_turns(operation.operand);
}

Task<> Interpreter::endless(const Operation&, std::size_t) { co_await sleep(long_time); }

Task<> Interpreter::fail(const Operation& operation, std::size_t) {
  throw Error(operation.number);
  co_return;
}

Task<> Interpreter::nothing(const Operation&, std::size_t) { co_return; }

Task<> Interpreter::cancel(const Operation& operation, std::size_t) {
  const TaskHandle<> task = tasks_[operation.operand % tasks_.size()];
  if (!task) co_return;
  const bool taken = task.cancel(std::to_string(operation.number));
  trace_.event(operation, taken ? "=True" : "=False");
}

Task<> Interpreter::cancel_self(const Operation& operation, std::size_t) {
  current_task().cancel(std::to_string(operation.number));
  co_return;
}

Task<> Interpreter::uncancel(const Operation& operation, std::size_t) {
  trace_.event(operation, "=" + std::to_string(current_task().uncancel()));
  co_return;
}

Task<> Interpreter::join(const Operation& operation, std::size_t me) {
  const std::size_t index = operation.operand % tasks_.size();
  const TaskHandle<> task = tasks_[index];
  if (index <= me || !task) co_return;
  try {
    co_await task;
  } catch (const CancelledError&) {
    throw CancelledError();  // without its text: CPython gives that to the first who asks
  }
}

Task<> Interpreter::await_future(const Operation& operation, std::size_t) {
  co_await futures_[operation.operand];
}

Task<> Interpreter::set_future(const Operation& operation, std::size_t) {
  const Future<> future = futures_[operation.operand];
  if (!future.done()) future.set_result();
  co_return;
}

Task<> Interpreter::fail_future(const Operation& operation, std::size_t) {
  const Future<> future = futures_[operation.operand];
  if (!future.done()) future.set_exception(Error(operation.number));
  co_return;
}

Task<> Interpreter::cancel_future(const Operation& operation, std::size_t) {
  const bool taken = futures_[operation.operand].cancel(std::to_string(operation.number));
  trace_.event(operation, taken ? "=True" : "=False");
  co_return;
}

Task<> Interpreter::shield_future(const Operation& operation, std::size_t) {
  co_await asyncio::shield(futures_[operation.operand]);
}

Task<> Interpreter::poll_future(const Operation& operation, std::size_t) {
  co_await asyncio::wait_for(futures_[operation.operand], 0s);
}

// --- operations around others ----------------------------------------------------------------

Task<> Interpreter::sequence(const Operation& operation, std::size_t me) {
  for (const Operation& body : operation.inside) co_await run(body, me);
}

// Without the text of a cancellation: whether CPython has one depends on which argument is last
// and on who has asked before.
Task<> Interpreter::gather(const Operation& operation, std::size_t) {
  try {
    static_cast<void>(co_await asyncio::gather(start_all(operation)));
  } catch (const CancelledError&) {
    throw CancelledError();
  }
}

// The same.
Task<> Interpreter::gather_outcomes(const Operation& operation, std::size_t) {
  std::vector<std::string> texts;
  try {
    for (const auto& outcome : co_await asyncio::gather(return_exceptions, start_all(operation)))
      texts.push_back(describe_outcome(outcome));
  } catch (const CancelledError&) {
    throw CancelledError();
  }
  trace_.event(operation, "=" + join_words(texts, ","));
}

Task<> Interpreter::group(const Operation& operation, std::size_t me) {
  auto body = [&](TaskGroup& entered) { return run_group(entered, operation, me); };
  co_await async_with(TaskGroup{}, body);
}

Task<> Interpreter::run_group(TaskGroup& group, const Operation& operation, std::size_t me) {
  for (std::size_t i = 0; i + 1 < operation.inside.size(); ++i)
    start_in(group, operation, operation.inside[i]);
  co_await run(operation.inside.back(), me);
}

void Interpreter::start_in(TaskGroup& group, const Operation& operation, const Operation& child) {
  try {
    start_by([&](Task<> task) { return group.create_task(std::move(task)); }, child);
  } catch (const RuntimeError&) {
    trace_.event(operation, "=refused");
  }
}

Task<> Interpreter::timeout(const Operation& operation, std::size_t me) {
  return run_within(asyncio::timeout(long_time), operation.inside[0], me);
}

Task<> Interpreter::timeout_passed(const Operation& operation, std::size_t me) {
  return run_within(asyncio::timeout(-1s), operation.inside[0], me);
}

Task<> Interpreter::run_within(Timeout scope, const Operation& operation, std::size_t me) {
  auto body = [&](Timeout&) { return run(operation, me); };
  co_await async_with(std::move(scope), body);
}

Task<> Interpreter::wait_for(const Operation& operation, std::size_t me) {
  co_await asyncio::wait_for(run(operation.inside[0], me), long_time);
}

Task<> Interpreter::wait_for_ever(const Operation& operation, std::size_t me) {
  co_await asyncio::wait_for(run(operation.inside[0], me), std::nullopt);
}

Task<> Interpreter::poll(const Operation& operation, std::size_t) {
  co_await asyncio::wait_for(start(operation.inside[0]), 0s);
}

Task<> Interpreter::shield(const Operation& operation, std::size_t) {
  co_await asyncio::shield(start(operation.inside[0]));
}

Task<> Interpreter::spawn(const Operation& operation, std::size_t) {
  start(operation.inside[0]);
  co_return;
}

Task<> Interpreter::wait_first(const Operation& operation, std::size_t) {
  return wait(operation, FIRST_COMPLETED);
}

Task<> Interpreter::wait_error(const Operation& operation, std::size_t) {
  return wait(operation, FIRST_EXCEPTION);
}

Task<> Interpreter::wait_all(const Operation& operation, std::size_t) {
  return wait(operation, ALL_COMPLETED);
}

Task<> Interpreter::wait(const Operation& operation, ReturnWhen return_when) {
  const auto waited = co_await asyncio::wait(start_all(operation), {.return_when = return_when});
  trace_.event(operation, "=" + std::to_string(waited.done.size()) + "," +
                              std::to_string(waited.pending.size()));
}

Task<> Interpreter::catch_cancel(const Operation& operation, std::size_t me) {
  try {
    co_await run(operation.inside[0], me);
  } catch (const CancelledError&) {
  }
}

Task<> Interpreter::catch_error(const Operation& operation, std::size_t me) {
  try {
    co_await run(operation.inside[0], me);
  } catch (const std::exception&) {
  }
}

Task<> Interpreter::cleanup(const Operation& operation, std::size_t me) {
  auto outcome = co_await as_outcome(run(operation.inside[0], me));
  co_await run(operation.inside[1], me);
  outcome.take();
}

// --- the tasks -------------------------------------------------------------------------------

Task<> Interpreter::run(const Operation& operation, std::size_t me) {
  trace_.event(operation, "+");
  try {
    co_await (this->*operation.run)(operation, me);
  } catch (...) {
    trace_.event(operation, "!" + describe(std::current_exception()));
    throw;
  }
  trace_.event(operation, ".");
}

/// Runs the operation in a task of its own.
template <class Create>
TaskHandle<> Interpreter::start_by(Create create_task, const Operation& operation) {
  const std::size_t index = tasks_.size();
  tasks_.emplace_back();
  TaskHandle<> task = create_task(run(operation, index));
  return tasks_[index] = std::move(task);
}

TaskHandle<> Interpreter::start(const Operation& operation) {
  return start_by([](Task<> task) { return create_task(std::move(task)); }, operation);
}

std::vector<TaskHandle<>> Interpreter::start_all(const Operation& operation) {
  std::vector<TaskHandle<>> children;
  for (const Operation& child : operation.inside) children.push_back(start(child));
  return children;
}

// --- the whole program -----------------------------------------------------------------------

std::string result(const TaskHandle<>& task) {
  if (!task.done()) return "pending";
  if (task.cancelled()) return "cancelled";
  const std::exception_ptr error = task.exception();
  return error ? describe(error) : "ok";
}

Task<> Interpreter::run_program(TaskFactory task_factory) {
  EventLoop& loop = get_running_loop();
  loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
  loop.set_task_factory(std::move(task_factory));
  for (std::size_t i = 0; i < futures_of_a_program; ++i) futures_.push_back(loop.create_future<>());
  trace_.start();
  for (const Operation& root : roots_) start(root);
  co_await pass_turns(turns_of_a_program);
  co_await kill();
  trace_.stop();
  for (const TaskHandle<>& task : tasks_)
    if (task) trace_.add("=" + result(task), task);
  futures_.clear();  // while there is a handler for the errors that nobody retrieved
}

std::vector<TaskHandle<>> Interpreter::pending() const {
  std::vector<TaskHandle<>> found;
  for (const TaskHandle<>& task : tasks_)
    if (task && !task.done()) found.push_back(task);
  return found;
}

Task<> Interpreter::kill() {
  for (int i = 0; i < kills; ++i) {
    const std::vector<TaskHandle<>> left = pending();
    if (left.empty()) co_return;
    trace_.add("kill:" + std::to_string(left.size()));
    for (const TaskHandle<>& task : left) task.cancel("kill");
    co_await pass_turns(turns_of_a_kill);
  }
}

// --- the text of a program -------------------------------------------------------------------

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  std::vector<Operation> program() {
    std::vector<Operation> roots;
    do roots.push_back(operation());
    while (skip(' '));
    if (!text_.empty()) throw std::runtime_error("not a program: " + std::string(text_));
    return roots;
  }

 private:
  Operation operation() {
    Operation made;
    made.number = ++count_;
    made.run = find(word([](unsigned char c) { return std::isalpha(c) || c == '_'; }));
    const std::string_view digits = word([](unsigned char c) { return std::isdigit(c) != 0; });
    if (!digits.empty()) made.operand = std::stoul(std::string(digits));
    if (!skip('(')) return made;
    do made.inside.push_back(operation());
    while (skip(','));
    skip(')');
    return made;
  }

  static Run find(std::string_view name) {
    for (const NamedOperation& candidate : operations)
      if (candidate.name == name) return candidate.run;
    throw std::runtime_error("no operation has the name \"" + std::string(name) + '"');
  }

  template <class Belongs>
  std::string_view word(Belongs belongs) {
    const auto end = std::find_if_not(text_.begin(), text_.end(), belongs);
    const std::string_view found(text_.begin(), end);
    text_.remove_prefix(found.size());
    return found;
  }

  bool skip(char character) {
    if (!text_.starts_with(character)) return false;
    text_.remove_prefix(1);
    return true;
  }

  std::string_view text_;  // what is left
  int count_ = 0;
};

// --- the comparison --------------------------------------------------------------------------

enum class Tasks { plain, eager };

/// Three lines of the file: "SEED: PROGRAM", CPython's trace, and that with eager tasks.
struct Example {
  std::string seed;
  std::string program;
  std::string plain;
  std::string eager;
};

std::vector<Example> read_examples(const char* file) {
  std::ifstream stream(file);
  std::vector<Example> examples;
  for (Example example; std::getline(stream, example.seed, ':');) {
    stream.ignore(1);
    std::getline(stream, example.program);
    std::getline(stream, example.plain);
    std::getline(stream, example.eager);
    examples.push_back(example);
  }
  return examples;
}

std::string run_example(const Example& example, Tasks tasks) {
  const std::vector<Operation> roots = Parser(example.program).program();
  Interpreter interpreter(roots);
  asyncio::run(interpreter.run_program(tasks == Tasks::eager ? eager_task_factory : TaskFactory()));
  return interpreter.trace();
}

/// The word in which the traces begin to differ.
std::string_view word_at_difference(std::string_view trace, std::string_view other) {
  const auto differing =
      std::mismatch(trace.begin(), trace.end(), other.begin(), other.end()).first;
  const auto at = static_cast<std::size_t>(differing - trace.begin());
  const std::size_t begin = at == 0 ? 0 : trace.rfind(' ', at - 1) + 1;
  return trace.substr(begin, trace.find(' ', at) - begin);
}

bool check(const Example& example, Tasks tasks) {
  const std::string& expected = tasks == Tasks::eager ? example.eager : example.plain;
  const std::string trace = run_example(example, tasks);
  if (trace == expected) return true;
  std::printf("--- seed %s: %s\n", example.seed.c_str(), example.program.c_str());
  std::printf("CPython: %s\nasyncio: %s\n", expected.c_str(), trace.c_str());
  std::printf("first difference: \"%s\" became \"%s\"\n",
              std::string(word_at_difference(expected, trace)).c_str(),
              std::string(word_at_difference(trace, expected)).c_str());
  return false;
}

ExitCode check_file(const char* file, Tasks tasks) {
  const std::vector<Example> examples = read_examples(file);
  const auto different = std::count_if(examples.begin(), examples.end(),
                                       [tasks](const auto& e) { return !check(e, tasks); });
  std::printf("%zu programs, %td differ\n", examples.size(), different);
  return examples.empty() || different != 0 ? failed : passed;
}

/// Lets the loops of the programs run on it.
ExitCode use_backend(const char* name) {
  const ExitCode usable = name == std::string_view("io_uring") ? check_io_uring() : passed;
  if (usable != passed) return usable;
  setenv("ASYNCIO_BACKEND", name, 1);
  if (new_event_loop()->backend() == name) return passed;
  std::printf("the loops do not run on %s\n", name);
  return failed;
}

std::optional<Tasks> parse_tasks(std::string_view name) {
  if (name == "plain") return Tasks::plain;
  if (name == "eager") return Tasks::eager;
  return std::nullopt;
}

}  // namespace

int main(int argc, char** argv) {
  const std::optional<Tasks> tasks = argc == 4 ? parse_tasks(argv[2]) : std::nullopt;
  if (!tasks) {
    std::printf("conformance_random BACKEND TASKS FILE\n");
    return misused;
  }
  const ExitCode usable = use_backend(argv[1]);
  return usable == passed ? check_file(argv[3], *tasks) : usable;
}
