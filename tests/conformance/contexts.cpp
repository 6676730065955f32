// Twins of context_chain.py and its like: context variables on their way through callbacks, combinators, generators
// and threads. The basics are in tasks.cpp.

#include "scenario.hpp"

namespace conformance {
namespace contexts_scenarios {

const ContextVar<std::string> var("var", "unset");

Task<> sees_and_sets() {
  log("task sees ", var.get());
  var.set("of task");
  co_return;
}

// CTX-05: call_soon_threadsafe() keeps the context of its caller; a task made by a callback gets the callback's.
SCENARIO(context_chain) {
  auto later = [] { log("later sees ", var.get()); };
  auto callback = [later] {
    log("callback sees ", var.get());
    var.set("of callback");
    get_running_loop().call_soon(later);
    create_task(sees_and_sets());
    var.set("after that");
  };
  var.set("of main");
  get_running_loop().call_soon_threadsafe(callback);
  var.set("changed");
  co_await turns(4);
  log("main sees ", var.get());
}

Task<> work(std::string who) {
  log(who, " sees ", var.get());
  var.set("of " + who);
  co_await sleep(0s);
  log(who, " sees ", var.get());
}

// CTX-01: the combinators make tasks: each has a copy; timeout() makes none and shares.
SCENARIO(context_combinators) {
  var.set("of main");
  co_await gather(work("a"), work("b"));
  log("main sees ", var.get());
  co_await shield(work("shielded"));
  log("main sees ", var.get());
  co_await async_with(TaskGroup{}, [](TaskGroup& tg) -> Task<> {
    tg.create_task(work("child"));
    var.set("of the body");
    co_return;
  });
  log("main sees ", var.get());
  co_await async_with(timeout(1h), [](Timeout&) -> Task<> { co_await work("scope"); });
  log("main sees ", var.get());
}

AsyncGenerator<int> seeing() {
  for (int i = 0; i < 3; ++i) {
    log("generator sees ", var.get());
    var.set("of generator " + std::to_string(i));
    co_await sleep(0s);
    co_yield i;
  }
}

Task<> step_in_task(AsyncGenerator<int>& values) {
  var.set("of task");
  co_await values.next();
  log("task sees ", var.get());
}

// CTX-02: a generator runs in the context of who takes the step; what it sets is seen there.
SCENARIO(context_generators) {
  var.set("of main");
  auto values = seeing();
  co_await values.next();
  log("main sees ", var.get());
  co_await create_task(step_in_task(values));
  log("main sees ", var.get());
  co_await values.next();
  log("main sees ", var.get());
}

std::string look() {
  const std::string seen = var.get();
  var.set("of thread");
  return seen;
}

std::string only_look() { return var.get(); }

// CTX-06: to_thread() takes a copy of the context along, run_in_executor() does not; changes stay there.
SCENARIO(context_threads) {
  var.set("of main");
  const std::string seen = co_await to_thread(look);
  log("to_thread sees ", seen);
  log("main sees ", var.get());
  const std::string unset = co_await get_running_loop().run_in_executor(nullptr, only_look);
  log("run_in_executor sees ", unset);
  log("main sees ", var.get());
}

}  // namespace contexts_scenarios
}  // namespace conformance
