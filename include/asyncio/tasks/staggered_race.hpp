// staggered_race(): attempts that start one after the other until one of them succeeds.
// Reference: asyncio/staggered.py; RFC 8305.
#pragma once

#include <asyncio/core/wait_queue.hpp>
#include <asyncio/tasks/as_outcome.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <optional>
#include <vector>

namespace asyncio {

/// What staggered_race() gives.
template <class T>
struct StaggeredResult {
  std::optional<detail::stored_result_t<T>> value;  ///< of the winner; empty: every attempt failed
  std::optional<std::size_t> winner;                ///< its index
  std::vector<std::exception_ptr> exceptions;       ///< of each attempt that was started; null: won
};

namespace detail {

/// The driver's view of the race. Lives in the driver's frame, which outlives the attempts.
template <class T>
struct Race {
  StaggeredResult<T> result;
  std::vector<TaskHandle<>> attempts;
  std::size_t running = 0;
  bool last_failed = false;  // the attempt that was started last: start the next one
  bool delay_is_over = false;
  std::exception_ptr fatal;  // KeyboardInterrupt or SystemExit
  WaitQueue changed;         // the driver waits here

  void finish(std::size_t index, Outcome<T> outcome) {
    --running;
    if (!outcome.has_value()) {
      result.exceptions[index] = outcome.error();
      if (stops_the_loop(outcome.error())) fatal = outcome.error();
      last_failed |= index + 1 == result.exceptions.size();
    } else if (!result.winner) {
      result.winner = index;
      result.value.emplace(std::move(outcome).value());
    }
    changed.wake_all();
  }
  [[nodiscard]] bool is_decided() const noexcept { return result.winner || fatal; }
};

template <class F, class T>
Task<> run_attempt(Race<T>& race, F& function, std::size_t index) {
  ++race.running;
  Outcome<T> outcome;
  try {  // around the call, which may throw before there is anything to await
    if constexpr (TaskType<std::invoke_result_t<F&>>)
      outcome = co_await as_outcome(function());
    else
      outcome = co_await as_outcome(own_awaitable(function()));
  } catch (...) {
    outcome.set_error(std::current_exception());
  }
  race.finish(index, std::move(outcome));
}

/// Wakes the driver after a delay; withdrawn at the end of its scope.
template <class T>
class RaceDelay {
 public:
  RaceDelay(Race<T>& race, std::optional<Scheduler::duration> delay) {
    race.last_failed = race.delay_is_over = false;
    if (!delay) return;
    auto expire = [&race] {
      race.delay_is_over = true;
      race.changed.wake_all();
    };
    timer_ = get_running_loop().call_later(*delay, expire);
  }
  RaceDelay(const RaceDelay&) = delete;  // cancels once
  RaceDelay& operator=(const RaceDelay&) = delete;
  ~RaceDelay() { timer_.cancel(); }

 private:
  TimerHandle timer_;
};

/// Cancels what still runs and waits for it, whatever happens meanwhile.
/// Returns: a CancelledError that arrived, or null.
template <class T>
Task<std::exception_ptr> end_race(Race<T>& race) {
  std::exception_ptr cancelled;
  for (const TaskHandle<>& attempt : race.attempts) attempt.cancel();
  while (race.running != 0) {
    try {
      co_await race.changed.wait();
    } catch (const CancelledError&) {
      cancelled = std::current_exception();
      for (const TaskHandle<>& attempt : race.attempts) attempt.cancel();
    }
  }
  co_return cancelled;
}

template <class F, class T>
Task<StaggeredResult<T>> race(std::vector<F> functions, std::optional<Scheduler::duration> delay) {
  Race<T> race;
  std::exception_ptr error;  // a cancellation, or no memory for the next attempt
  try {
    for (std::size_t index = 0; index < functions.size() && !race.is_decided(); ++index) {
      race.result.exceptions.emplace_back();
      RaceDelay<T> waiting(race, delay);
      // Eagerly: a task that is cancelled before its first step would never say that it has ended.
      auto attempt = run_attempt<F, T>(race, functions[index], index);
      race.attempts.push_back(create_task(std::move(attempt), {.eager_start = true}));
      while (!race.is_decided() && !race.last_failed && !race.delay_is_over)
        co_await race.changed.wait();
    }
    while (race.running != 0 && !race.is_decided()) co_await race.changed.wait();
  } catch (...) {
    error = std::current_exception();
  }
  std::exception_ptr late = co_await end_race(race);
  if (race.fatal) std::rethrow_exception(race.fatal);
  if (late) error = late;
  if (error) std::rethrow_exception(error);
  co_return std::move(race.result);
}

}  // namespace detail

/// Starts the first attempt, and each next one when the one before it has failed or `delay` has
/// passed (nullopt: only when it has failed). The first success decides; the other attempts are
/// cancelled and awaited. Of two that finish together the first to run wins, which is the lowest
/// index. `functions`: callables that return a Task, each called once.
/// Throws: nothing of the attempts, except KeyboardInterrupt and SystemExit.
/// Cancellation: cancels the attempts and waits for them.
template <class F, class T = await_result_t<std::invoke_result_t<F&>>>
[[nodiscard("co_await the race")]] Task<StaggeredResult<T>> staggered_race(
    std::vector<F> functions, std::optional<LoopDuration> delay = std::nullopt) {
  return detail::race<F, T>(std::move(functions), delay);
}

}  // namespace asyncio
