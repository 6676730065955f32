// Everything that can happen to a waiting task in one turn of the loop, in every order, against
// what CPython does.
#include <asyncio/tasks/task_group.hpp>
#include <asyncio/tasks/timeout.hpp>

#include <algorithm>
#include <tasks/steps.hpp>

namespace interleavings_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// Every order of every subset of `letters`, which are sorted.
std::vector<std::string> orders_of(const std::string& letters) {
  std::vector<std::string> orders;
  for (unsigned subset = 1; subset < 1U << letters.size(); ++subset) {
    std::string order;
    for (std::size_t i = 0; i < letters.size(); ++i) {
      if (subset >> i & 1U) order += letters[i];
    }
    do orders.push_back(order);
    while (std::next_permutation(order.begin(), order.end()));
  }
  return orders;
}

bool has(const std::string& order, char letter) { return order.find(letter) != order.npos; }

/// The first letter of `order` that is one of `letters`; 0 if there is none.
char first_of(const std::string& order, const char* letters) {
  const std::size_t at = order.find_first_of(letters);
  return at == order.npos ? '\0' : order[at];
}

/// What came out: how the task ended, and what is left.
struct Ending {
  std::string task;
  std::string future;
  int cancelling = 0;
  bool expired = false;

  std::string text() const {
    return task + ", future " + future + ", cancelling " + std::to_string(cancelling) +
           (expired ? ", expired" : "");
  }
};

// --- a task that waits for a future inside a timeout
// ------------------------------------------------------- R: set_result   C: cancel the task   F:
// cancel the future   T: the deadline

Ending expected_of_future(const std::string& order) {
  const bool has_result = first_of(order, "RCFT") == 'R';  // the first one decides the future
  Ending ending{"CancelledError", has_result ? "a result" : "cancelled: CancelledError",
                has(order, 'C') ? 1 : 0, has(order, 'T')};
  if (has(order, 'C')) return ending;  // who cancels the task wins over all that is its own
  if (has(order, 'T'))
    ending.task = "TimeoutError";
  else if (has_result)
    ending.task = "a result";
  return ending;
}

Task<Ending> ending_of_future(const std::string& order) {
  EventLoop& loop = get_running_loop();
  auto future = loop.create_future<int>();
  auto scope = timeout(std::nullopt);
  auto body = [&future] { return future; };
  auto task = create_task(async_with(scope, body));
  co_await turns(1);
  auto set_result = [&future] {
    if (!future.done()) future.set_result(1);
  };
  for (const char action : order) {
    if (action == 'R') loop.call_soon(set_result);
    if (action == 'C') loop.call_soon([&task] { task.cancel(); });
    if (action == 'F') loop.call_soon([&future] { future.cancel(); });
    if (action == 'T') scope.reschedule(loop.time());
  }
  Ending result;
  result.task = co_await ending(task);
  result.future = describe(future);
  result.cancelling = task.cancelling();
  result.expired = scope.expired();
  co_return result;
}

ASYNC_VIRTUAL_TEST("interleavings: a future, a cancellation and a timeout in one turn",
                   "[CAN-06][CAN-07][CAN-17][TMO-05]") {
  for (const std::string& order : orders_of("CFRT")) {
    INFO("in the order " << order);
    const Ending result = co_await ending_of_future(order);
    CHECK(result.text() == expected_of_future(order).text());
  }
}

// --- a task in a group of two, inside a timeout
// ------------------------------------------------------------ R: the first child's future has a
// result   E: it fails   K: cancel the first child C: cancel the parent                       T:
// the deadline

Ending expected_of_group(const std::string& order) {
  const char first = first_of(order, "RECT");  // before the child runs: cancelling it takes all
  const bool is_cancelled = has(order, 'K') || (first != 'R' && first != 'E');
  Ending ending{"pending", is_cancelled ? "cancelled: CancelledError" : "a result",
                has(order, 'C') ? 1 : 0, has(order, 'T')};
  if (!is_cancelled && first == 'E') ending.future = "invalid_argument(child)";
  if (ending.future == "invalid_argument(child)")
    ending.task = "ExceptionGroup[invalid_argument(child)]";
  else if (has(order, 'C'))
    ending.task = "CancelledError";
  else if (has(order, 'T'))
    ending.task = "TimeoutError";
  return ending;
}

enum class Parent : bool { in_body, in_exit };

/// `ending.future` is the first child.
Task<Ending> ending_of_group(const std::string& order, Parent parent) {
  EventLoop& loop = get_running_loop();
  auto future = loop.create_future<int>();
  auto scope = timeout(std::nullopt);
  std::optional<TaskHandle<int>> child;
  std::optional<TaskHandle<>> sibling;
  auto waits = [&future]() -> Task<int> { co_return co_await future; };
  auto body = [&](TaskGroup& tg) -> Task<> {
    child = tg.create_task(waits());
    sibling = tg.create_task(endless());
    if (parent == Parent::in_body) co_await endless();
  };
  auto task = create_task(async_with(scope, [&] { return async_with(TaskGroup{}, body); }));
  co_await turns(3);
  auto settle = [&future](bool fails) {
    if (future.done()) return;
    if (fails) return future.set_exception(std::invalid_argument("child"));
    future.set_result(1);
  };
  for (const char action : order) {
    if (action == 'R' || action == 'E') loop.call_soon(settle, action == 'E');
    if (action == 'C') loop.call_soon([&task] { task.cancel(); });
    if (action == 'K') loop.call_soon([&child] { child->cancel(); });
    if (action == 'T') scope.reschedule(loop.time());
  }
  co_await turns(8);
  Ending result{describe(task), describe(*child), task.cancelling(), scope.expired()};
  if (task.cancelled()) result.task = "CancelledError";
  CHECK(task.done() == sibling->done());  // no child outlives the group
  task.cancel();
  static_cast<void>(co_await as_outcome(task));
  CHECK(all_tasks().size() == 1);
  static_cast<void>(describe(future));  // its error may have been lost to the child, as in Python
  co_return result;
}

ASYNC_VIRTUAL_TEST("interleavings: a task group's child, parent and timeout in one turn",
                   "[TGR-06][TGR-07][TGR-11][TGR-12][TGR-14][TGR-20]") {
  for (const std::string& order : orders_of("CEKRT")) {
    for (const Parent parent : {Parent::in_body, Parent::in_exit}) {
      INFO("in the order " << order << (parent == Parent::in_body ? ", body" : ", exit"));
      const Ending result = co_await ending_of_group(order, parent);
      CHECK(result.text() == expected_of_group(order).text());
    }
  }
}

}  // namespace

}  // namespace interleavings_test
