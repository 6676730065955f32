#include <asyncio/tasks/callback_wait.hpp>

#include <tasks/steps.hpp>

namespace callback_wait_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

Task<> waits_for(AnyFuture future) {
  detail::CallbackWait wait(future.shared_state());
  co_await wait;
}

ASYNC_VIRTUAL_TEST("callback wait: resumes two turns after the future is done", "[tasks]") {
  auto future = get_running_loop().create_future();
  auto task = create_task(waits_for(future));
  co_await turns(1);
  future.set_result();
  co_await turns(1);  // the callback
  CHECK_FALSE(task.done());
  co_await turns(1);  // the task
  CHECK(task.done());
}

ASYNC_VIRTUAL_TEST("callback wait: what is done already is waited for all the same", "[tasks]") {
  auto future = get_running_loop().create_future();
  future.set_result();
  auto task = create_task(waits_for(future));
  co_await turns(2);
  CHECK_FALSE(task.done());
  co_await turns(1);
  CHECK(task.done());
}

ASYNC_VIRTUAL_TEST("callback wait: whatever the future holds is not raised", "[tasks]") {
  auto failed = create_task(fails("kept"));
  co_await waits_for(failed);
  CHECK(describe(failed) == "invalid_argument(kept)");
  auto cancelled = create_task(endless());
  cancelled.cancel();
  co_await waits_for(cancelled);
  CHECK(cancelled.cancelled());
}

ASYNC_VIRTUAL_TEST("callback wait: cancelling it leaves the future", "[tasks]") {
  auto future = get_running_loop().create_future();
  auto task = create_task(waits_for(future));
  co_await turns(1);
  task.cancel("enough");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(enough)");
  CHECK_FALSE(future.done());
  future.set_result();
  co_await turns(2);  // nobody is told any more
}

ASYNC_VIRTUAL_TEST("callback wait: cancelled between the callback and the wake-up", "[tasks]") {
  auto future = get_running_loop().create_future();
  auto task = create_task(waits_for(future));
  co_await turns(1);
  future.set_result();
  co_await turns(1);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
}

ASYNC_VIRTUAL_TEST("callback wait: a future that nobody will set may go first", "[tasks]") {
  std::optional future = get_running_loop().create_future();
  auto task = create_task(waits_for(*future));
  future.reset();
  co_await turns(1);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
}

}  // namespace

}  // namespace callback_wait_test
