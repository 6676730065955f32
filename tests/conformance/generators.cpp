// Twins of asyncgen_*.py: asynchronous generators. What Python does in a finally, a destructor does here.

#include "scenario.hpp"

namespace conformance {
namespace generators_scenarios {

/// Logs when a body is left.
class Leaving {
 public:
  explicit Leaving(std::string line) : line_(std::move(line)) {}
  Leaving(const Leaving&) = delete;
  Leaving& operator=(const Leaving&) = delete;
  ~Leaving() { log(line_); }

 private:
  std::string line_;
};

template <class Generator>
Task<> log_next(Generator& generator, std::string what = {}) {
  const auto value = co_await generator.next();
  log(what, value);
}

Task<std::optional<int>> step(AsyncGenerator<int>& generator) {
  const std::optional<int> value = co_await generator.next();
  co_return value;
}

// --- values -----------------------------------------------------------------------------------------------------------

AsyncGenerator<int> numbers_with_turns(int n) {
  log("begins");
  for (int i = 0; i < n; ++i) {
    co_await sleep(0s);
    co_yield i;
  }
  log("ends");
}

AsyncGenerator<int> at_once(int n) {
  for (int i = 0; i < n; ++i) co_yield i;
}

// AGN-01: the values, then the end, which stays; steps that need not wait take no turn.
SCENARIO(asyncgen_values) {
  auto generator = numbers_with_turns(3);
  log("made");
  while (auto value = co_await generator.next()) log(value);
  co_await log_next(generator, "again: ");

  get_running_loop().call_soon(say("a turn"));
  auto quick = at_once(3);
  while (auto value = co_await quick.next()) log(value);
  co_await sleep(0s);
}

AsyncGenerator<int> failing() {
  co_yield 1;
  co_await sleep(0s);
  throw std::invalid_argument("broken");
}

// AGN-01: an error leaves by the step and ends the generator.
SCENARIO(asyncgen_error) {
  auto generator = failing();
  co_await log_next(generator);
  try {
    co_await log_next(generator);
  } catch (const std::invalid_argument&) {
    log(error());
  }
  co_await log_next(generator, "again: ");
}

AsyncGenerator<int> inner(int n) {
  for (int i = 0; i < n; ++i) {
    log("inner ", i);
    co_await sleep(0s);
    co_yield i;
  }
  throw std::invalid_argument("from inside");
}

AsyncGenerator<int> middle(int n) {
  auto values = inner(n);
  while (auto value = co_await values.next()) {
    log("middle ", value);
    co_yield *value * 10;
    co_await sleep(0s);
  }
}

Task<> log_others() {
  for (int i = 0; i < 6; ++i) {
    log("other ", i);
    co_await sleep(0s);
  }
}

// AGN-01: nested generators: who runs when, and an error on its way through them.
SCENARIO(asyncgen_nested) {
  auto task = create_task(log_others());
  try {
    auto values = middle(2);
    while (auto value = co_await values.next()) log("main ", value);
  } catch (const std::invalid_argument&) {
    log(error());
  }
  co_await task;
}

// --- cancelling and closing -------------------------------------------------------------------------------------------

AsyncGenerator<int> stuck() {
  const Leaving leaving("left");
  co_yield 1;
  co_await sleep(1h);
}

AsyncGenerator<int> stubborn() {
  try {
    co_await sleep(1h);
  } catch (const CancelledError&) {
    log("in the body: ", error());
  }
  co_await sleep(0s);
  co_yield 2;
}

// AGN-01, CAN-01: a cancellation is raised where the body waits; it ends the generator, or is caught there.
SCENARIO(asyncgen_cancel) {
  auto generator = stuck();
  co_await log_next(generator);
  auto task = create_task(step(generator));
  co_await turns(2);
  task.cancel("enough");
  try {
    co_await task;
  } catch (const CancelledError&) {
    log(error());
  }
  co_await log_next(generator, "next: ");

  auto other = stubborn();
  auto second = create_task(step(other));
  co_await turns(2);
  second.cancel("once");
  const std::optional<int> value = co_await second;
  log(value, " ", second.cancelled());
  co_await log_next(other, "next: ");
}

AsyncGenerator<int> leaving_numbers(std::string line = "left") {
  const Leaving leaving(line);
  for (int i = 0; i < 5; ++i) co_yield i;
}

// AGN-04: aclose() ends it where it stands, without a turn; again, or before the start, it does nothing.
SCENARIO(asyncgen_close) {
  auto generator = leaving_numbers();
  co_await log_next(generator);
  get_running_loop().call_soon(say("a turn"));
  co_await generator.aclose();
  log("closed");
  co_await log_next(generator, "next: ");
  co_await generator.aclose();
  log("closed again");
  co_await sleep(0s);

  auto unstarted = leaving_numbers();
  co_await unstarted.aclose();
  co_await log_next(unstarted, "next: ");
}

Task<> wait_for_ever() {
  const Leaving leaving("task left");
  co_await sleep(1h);
}

std::optional<AsyncGenerator<int>> kept;

// AGN-03: shutdown_asyncgens() ends what was iterated; run() does it after the tasks.
SCENARIO(asyncgen_shutdown) {
  auto generator = leaving_numbers("first left");
  co_await log_next(generator);
  co_await get_running_loop().shutdown_asyncgens();
  co_await log_next(generator, "next: ");

  create_task(wait_for_ever());
  kept.emplace(leaving_numbers("second left"));
  co_await log_next(*kept);
  co_await sleep(0s);
  log("main ends");
}

// --- talking to one ---------------------------------------------------------------------------------------------------

AsyncGenerator<std::string, std::string> echo() {
  std::optional<std::string> sent = co_yield std::string("first");
  for (;;) {
    co_await sleep(0s);
    std::string answer = "got " + sent.value_or("nothing");
    sent = co_yield std::move(answer);
  }
}

// AGN-06: asend() gives the yield its value; next() gives none.
SCENARIO(asyncgen_asend) {
  auto generator = echo();
  co_await log_next(generator);
  const std::optional<std::string> x = co_await generator.asend("x");
  log(x);
  co_await log_next(generator);
  const std::optional<std::string> y = co_await generator.asend("y");
  log(y);
  co_await generator.aclose();
}

AsyncGenerator<int> catching() {
  for (int n = 0; n < 2;) {
    try {
      co_yield n;
    } catch (const std::invalid_argument&) {
      log("caught ", error());
      ++n;
    }
  }
}

// AGN-06: athrow() is raised by the yield; what the body does with it decides.
SCENARIO(asyncgen_athrow) {
  auto generator = catching();
  co_await log_next(generator);
  const std::optional<int> first = co_await generator.athrow(std::invalid_argument("a"));
  log(first);
  co_await log_next(generator);
  const std::optional<int> last = co_await generator.athrow(std::invalid_argument("b"));
  if (!last) log("ended");  // StopAsyncIteration

  auto second = catching();
  co_await log_next(second);
  try {
    co_await second.athrow(RuntimeError("c"));
  } catch (const RuntimeError&) {
    log(error());
  }
  co_await log_next(second, "next: ");

  auto third = catching();
  try {
    co_await third.athrow(std::invalid_argument("before the start"));
  } catch (const std::invalid_argument&) {
    log(error());
  }
  co_await log_next(third, "next: ");
}

AsyncGenerator<int> slow() {
  co_await turns(5);
  co_yield 1;
  co_yield 2;
}

// AGN-05: a second step, a throw and a close while one is under way are refused; that one goes on.
SCENARIO(asyncgen_running) {
  auto generator = slow();
  auto first = create_task(step(generator));
  co_await sleep(0s);
  try {
    co_await generator.next();
  } catch (const RuntimeError&) {
    log(error());
  }
  try {
    co_await generator.athrow(std::invalid_argument("x"));
  } catch (const RuntimeError&) {
    log(error());
  }
  try {
    co_await generator.aclose();
  } catch (const RuntimeError&) {
    log(error());
  }
  const std::optional<int> value = co_await first;
  log(value);
  co_await log_next(generator);
  co_await log_next(generator);
}

}  // namespace generators_scenarios
}  // namespace conformance
