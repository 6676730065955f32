// race(): the first to finish decides, the others are cancelled and awaited.
// Reference: none in Python; anyio and trio write it with a cancel scope, tokio as select!.
#pragma once

#include <asyncio/tasks/as_outcome.hpp>
#include <asyncio/tasks/wait.hpp>
#include <tuple>
#include <variant>

namespace asyncio {

/// How each contestant of race(a, b, …) ended.
template <class... Ts>
struct RaceResult {
  std::size_t winner = 0;               ///< the index of the one that finished first
  std::tuple<Outcome<Ts>...> outcomes;  ///< of all: a loser's is a CancelledError, mostly

  /// The winner's result, in a variant with one alternative for each contestant.
  /// Throws: what the winner ended by.
  [[nodiscard]] std::variant<detail::stored_result_t<Ts>...> value() && {
    return value_of(std::index_sequence_for<Ts...>());
  }

 private:
  using Value = std::variant<detail::stored_result_t<Ts>...>;

  template <std::size_t i>
  Value alternative() {
    return Value(std::in_place_index<i>, std::move(std::get<i>(outcomes)).value());
  }
  template <std::size_t... indices>
  Value value_of(std::index_sequence<indices...>) {
    using Function = Value (RaceResult::*)();
    constexpr Function alternatives[] = {&RaceResult::template alternative<indices>...};
    return (this->*alternatives[winner])();
  }
};

/// The same for a range.
template <class T>
struct RangeRaceResult {
  std::size_t winner = 0;            ///< the index of the one that finished first
  std::vector<Outcome<T>> outcomes;  ///< of all: a loser's is a CancelledError, mostly

  /// The winner's result. Throws: what the winner ended by.
  [[nodiscard]] detail::stored_result_t<T> value() && {
    return std::move(outcomes[winner]).value();
  }
};

namespace detail {

/// The referee's view of a race. Lives in its frame, which outlives the contestants.
struct Referee {
  std::optional<std::size_t> winner;
  std::vector<TaskHandle<>> contestants;
  std::exception_ptr start_error;  // no memory for all of them
  bool is_all_cancelled = true;    // nothing that ended would be lost

  template <class T>
  static Task<> run(Referee& referee, Outcome<T>& outcome, std::size_t index, Task<T> task) {
    Outcome<T> ending = co_await as_outcome(std::move(task));
    outcome = std::move(ending);
    if (!outcome.cancelled()) referee.is_all_cancelled = false;
    if (!referee.winner) referee.winner = index;
  }
  template <class T>
  void start(Outcome<T>& outcome, Task<T>& task) noexcept {
    if (start_error) return task.close();
    try {
      contestants.reserve(contestants.size() + 1);
      contestants.push_back(
          create_task(run<T>(*this, outcome, contestants.size(), std::move(task))));
    } catch (...) {
      start_error = std::current_exception();
    }
  }

  void cancel_all() noexcept {
    for (const TaskHandle<>& contestant : contestants) contestant.cancel();
  }
  [[nodiscard]] bool is_over() const noexcept {
    for (const TaskHandle<>& contestant : contestants)
      if (!contestant.done()) return false;
    return true;
  }
};

/// Waits until all have ended: the first by itself, the others because they are cancelled then.
/// A cancellation of the race is raised if it loses nothing, and otherwise at the next suspension.
template <class OnDemand = void>
Task<> finish_race(Referee& referee) {
  std::exception_ptr cancelled;
  if (referee.start_error) referee.cancel_all();
  WaitOptions options{.return_when = FIRST_COMPLETED};
  while (!referee.is_over()) {
    Outcome<WaitResult<TaskHandle<>>> woken =
        co_await as_outcome(detail::wait<TaskHandle<>>(referee.contestants, options));
    if (!woken.has_value()) cancelled = woken.error();
    if (!woken.has_value() || options.return_when == FIRST_COMPLETED) referee.cancel_all();
    options.return_when = ALL_COMPLETED;
  }
  if (referee.start_error) std::rethrow_exception(referee.start_error);
  if (cancelled && referee.is_all_cancelled) std::rethrow_exception(cancelled);
  if (cancelled) current_task().shared_state()->as_task()->request_cancel(std::move(cancelled));
}

/// A contestant that was cancelled before its first step has not said so.
template <class T>
void fill_in(Outcome<T>& outcome) {
  if (outcome.empty()) outcome.set_error(std::make_exception_ptr(CancelledError()));
}

template <class... Ts>
void start_all(Referee& referee, std::tuple<Outcome<Ts>...>& outcomes,
               std::tuple<Task<Ts>...>& tasks) {
  auto start = [&]<std::size_t... i>(std::index_sequence<i...>) {
    (referee.start(std::get<i>(outcomes), std::get<i>(tasks)), ...);
  };
  start(std::index_sequence_for<Ts...>());
}

template <class... Ts>
Task<RaceResult<Ts...>> race_tuple(std::tuple<Task<Ts>...> tasks) {
  RaceResult<Ts...> result;
  Referee referee;
  start_all(referee, result.outcomes, tasks);
  co_await finish_race(referee);
  result.winner = referee.winner.value_or(0);
  std::apply([](auto&... outcomes) { (fill_in(outcomes), ...); }, result.outcomes);
  co_return result;
}

template <class T>
Task<RangeRaceResult<T>> race_range(std::vector<Task<T>> tasks) {
  RangeRaceResult<T> result;
  result.outcomes.resize(tasks.size());
  Referee referee;
  for (std::size_t i = 0; i < tasks.size(); ++i) referee.start(result.outcomes[i], tasks[i]);
  co_await finish_race(referee);
  result.winner = referee.winner.value_or(0);
  for (Outcome<T>& outcome : result.outcomes) fill_in(outcome);
  co_return result;
}

template <class A>
concept Raceable = Awaitable<A> || AwaitableCallable<A>;

}  // namespace detail

/// Runs all of them at once, each in a task of its own; when the first has finished, by a result or
/// a failure, cancels the others and waits until they have ended. Futures and handles are cancelled
/// too, when they lose.
///
/// Nothing that ended is lost: `outcomes` holds what every contestant gave or threw. Two may finish in
/// the same turn, and a loser may finish although it is cancelled: the winner is the one that ran
/// first, for equals the lowest index, and the others' results are there as well.
/// Throws: nothing of the contestants, except KeyboardInterrupt and SystemExit, which end the loop.
/// Cancellation: cancels the contestants and waits for them. If one of them had ended otherwise, its
/// outcome is given and the CancelledError is raised at the next suspension.
template <class First, class... Rest>
  requires(detail::Raceable<First> && (detail::Raceable<Rest> && ...))
[[nodiscard("co_await the race")]] auto race(First&& first, Rest&&... rest) {
  (detail::check_callable_temporary<First>(), ..., detail::check_callable_temporary<Rest>());
  auto tasks = std::tuple(detail::to_task(std::forward<First>(first)),
                          detail::to_task(std::forward<Rest>(rest))...);
  return detail::race_tuple(std::move(tasks));
}

/// The same for a range of Tasks, given by rvalue, or of futures or handles.
/// Throws: std::invalid_argument for an empty range.
template <class R>
  requires(!detail::Raceable<R> && requires(R& range) { std::begin(range); })
[[nodiscard("co_await the race")]] auto race(R&& range) {
  using Element = std::remove_cvref_t<decltype(*std::begin(range))>;
  using T = await_result_t<Element>;
  std::vector<Task<T>> tasks;
  for (auto& element : range) {
    if constexpr (std::is_lvalue_reference_v<R>)
      tasks.push_back(detail::to_task(element));
    else
      tasks.push_back(detail::to_task(std::move(element)));
  }
  if (tasks.empty()) throw std::invalid_argument("a race needs somebody who runs");
  return detail::race_range(std::move(tasks));
}

}  // namespace asyncio
