#include <asyncio/tasks/staggered_race.hpp>
#include <asyncio/tasks/wait_for.hpp>

#include <support/async_test.hpp>

#include <chrono>
#include <functional>
#include <string>

namespace staggered_race_test {

using namespace std::chrono_literals;
using asyncio::StaggeredResult;
using asyncio::Task;

namespace {

using Attempts = std::vector<std::function<Task<int>()>>;

Task<int> gives(int value) { co_return value; }
Task<int> fails() {
  throw std::invalid_argument("failed");
  co_return 0;
}
/// Waits until it is cancelled, and notes that.
Task<int> hangs(int& cancelled) {
  try {
    co_await asyncio::get_running_loop().create_future();
  } catch (const asyncio::CancelledError&) {
    ++cancelled;
    throw;
  }
  co_return 0;
}
Task<int> gives_after(std::chrono::milliseconds delay, int value) {
  co_await asyncio::sleep(delay);
  co_return value;
}

}  // namespace

ASYNC_TEST("staggered race: no attempts, no winner", "[CON-08]") {
  const StaggeredResult<int> result = co_await asyncio::staggered_race(Attempts());
  REQUIRE_FALSE(result.value);
  REQUIRE_FALSE(result.winner);
  REQUIRE(result.exceptions.empty());
}

ASYNC_TEST("staggered race: one that succeeds", "[CON-08]") {
  Attempts attempts{[] { return gives(7); }};
  const StaggeredResult<int> result = co_await asyncio::staggered_race(std::move(attempts));
  REQUIRE(result.value == 7);
  REQUIRE(result.winner == 0u);
  REQUIRE(result.exceptions.size() == 1);
  REQUIRE(result.exceptions[0] == nullptr);
}

ASYNC_TEST("staggered race: the next starts when one fails", "[CON-08]") {
  Attempts attempts{[] { return fails(); }, [] { return gives(1); }, [] { return gives(2); }};
  const StaggeredResult<int> result = co_await asyncio::staggered_race(std::move(attempts));
  REQUIRE(result.value == 1);
  REQUIRE(result.winner == 1u);
  REQUIRE(result.exceptions.size() == 2);  // the third was never started
  REQUIRE(result.exceptions[0] != nullptr);
}

ASYNC_TEST("staggered race: the next starts after the delay, losers are cancelled", "[CON-08]") {
  int cancelled = 0;
  Attempts attempts{[&] { return hangs(cancelled); }, [] { return gives(1); }};
  const StaggeredResult<int> result = co_await asyncio::staggered_race(std::move(attempts), 1ms);
  REQUIRE(result.value == 1);
  REQUIRE(result.winner == 1u);
  REQUIRE(cancelled == 1);
  REQUIRE(asyncio::detail::holds<asyncio::CancelledError>(result.exceptions[0]));
}

ASYNC_TEST("staggered race: the first may win after others have started", "[CON-08]") {
  int cancelled = 0;
  Attempts attempts{[] { return gives_after(20ms, 1); }, [&] { return hangs(cancelled); },
                    [&] { return hangs(cancelled); }};
  const StaggeredResult<int> result = co_await asyncio::staggered_race(std::move(attempts), 1ms);
  REQUIRE(result.value == 1);
  REQUIRE(result.winner == 0u);
  REQUIRE(cancelled == 2);
}

ASYNC_TEST("staggered race: all fail", "[CON-08]") {
  Attempts attempts{[] { return fails(); }, [] { return fails(); }};
  const StaggeredResult<int> result = co_await asyncio::staggered_race(std::move(attempts), 1h);
  REQUIRE_FALSE(result.winner);
  REQUIRE(result.exceptions.size() == 2);
}

ASYNC_TEST("staggered race: two that finish together have one winner, the lowest", "[CON-08][N8]") {
  auto gate = asyncio::get_running_loop().create_future();
  auto waits = [gate](int value) -> Task<int> {
    co_await gate;
    co_return value;
  };
  Attempts attempts{[&] { return waits(1); }, [&] { return waits(2); }};
  auto race = asyncio::create_task(asyncio::staggered_race(std::move(attempts), 0s));
  for (int i = 0; i < 10; ++i) co_await asyncio::sleep(1ms);
  gate.set_result();
  const StaggeredResult<int>& result = co_await race;
  REQUIRE(result.value == 1);
  REQUIRE(result.winner == 0u);
}

ASYNC_TEST("staggered race: a cancel reaches the attempts and is raised", "[CON-08]") {
  int cancelled = 0;
  Attempts attempts{[&] { return hangs(cancelled); }, [&] { return hangs(cancelled); }};
  auto race = asyncio::create_task(asyncio::staggered_race(std::move(attempts), 0s));
  for (int i = 0; i < 10; ++i) co_await asyncio::sleep(1ms);
  race.cancel();
  const asyncio::Outcome<StaggeredResult<int>> outcome = co_await asyncio::as_outcome(race);
  REQUIRE(outcome.cancelled());
  REQUIRE(cancelled == 2);
}

ASYNC_TEST("staggered race: works with eager tasks", "[CON-08][EAG-01]") {
  asyncio::get_running_loop().set_task_factory(asyncio::eager_task_factory);
  Attempts attempts{[] { return fails(); }, [] { return gives(1); }};
  const StaggeredResult<int> result = co_await asyncio::staggered_race(std::move(attempts), 1h);
  asyncio::get_running_loop().set_task_factory(nullptr);
  REQUIRE(result.winner == 1u);
}

ASYNC_TEST("staggered race: SystemExit ends it", "[CON-08]") {
  int cancelled = 0;
  auto leaves = []() -> Task<int> {
    throw asyncio::SystemExit(3);
    co_return 0;
  };
  Attempts attempts{[&] { return hangs(cancelled); }, leaves};
  int code = 0;
  try {
    static_cast<void>(co_await asyncio::staggered_race(std::move(attempts), 0s));
  } catch (const asyncio::SystemExit& exit) {
    code = exit.code();
  }
  REQUIRE(code == 3);
  REQUIRE(cancelled == 1);
}

ASYNC_TEST("staggered race: attempts that others cancel do not hang it", "[CON-08]") {
  for (int turn = 0; turn < 4; ++turn) {
    int cancelled = 0;
    Attempts attempts{[&] { return hangs(cancelled); }, [&] { return hangs(cancelled); }};
    auto race = asyncio::create_task(asyncio::staggered_race(std::move(attempts)));
    for (int i = 0; i < turn; ++i) co_await asyncio::sleep(0s);
    for (const asyncio::AnyTask& task : asyncio::all_tasks()) {  // as at the end of run()
      if (task != asyncio::current_task()) task.cancel();
    }
    const asyncio::Outcome<StaggeredResult<int>> outcome =
        co_await asyncio::as_outcome(asyncio::wait_for(race, 5s));
    REQUIRE(outcome.cancelled());
  }
}
ASYNC_VIRTUAL_TEST(
    "staggered race: an attempt that throws before it gives anything to await has failed") {
  std::vector<std::function<Task<int>()>> attempts(1);  // empty: the call itself throws
  attempts.push_back([] { return gives(7); });
  const StaggeredResult<int> result = co_await asyncio::staggered_race(std::move(attempts), 1h);
  CHECK(result.value == 7);
}

}  // namespace staggered_race_test
