// for_each_concurrently() and map_concurrently(): a group whose size is bounded.
// Reference: none in Python, where a Semaphore and a TaskGroup are combined by hand.
#pragma once

#include <asyncio/tasks/task_group.hpp>
#include <ranges>
#include <vector>

namespace asyncio {
namespace detail {

/// An item on its way into the function: a reference, unless it would not survive the next step of
/// the range.
template <class R>
using item_t = std::conditional_t<std::ranges::forward_range<R>, std::ranges::range_reference_t<R>,
                                  std::ranges::range_value_t<R>>;

template <class R, class F>
using item_result_t = await_result_t<std::invoke_result_t<F&, item_t<R>>>;

enum class Results : bool { dropped, kept };

/// What the workers share: they take items in order until none is left. Lives in the frame of the
/// call, which outlives the workers. `R` and `F` may be references.
template <class R, class F, Results results>
class Workload {
 public:
  using T = item_result_t<R, F>;

  Workload(R& range, F& function)
      : function_(function), next_(std::ranges::begin(range)), end_(std::ranges::end(range)) {}

  [[nodiscard]] bool is_empty() const { return next_ == end_; }

  /// The work for the next item, in a coroutine that keeps what the function refers to.
  Task<> take() {
    const std::size_t index = count_++;
    if constexpr (results == Results::kept) outcomes_.emplace_back();
    Task<> work = run(*this, *next_, index);
    ++next_;
    return work;
  }

  [[nodiscard]] auto collect() {
    std::vector<T> values;
    values.reserve(outcomes_.size());
    for (Outcome<T>& outcome : outcomes_) values.push_back(outcome.take());
    return values;
  }

 private:
  static Task<> run(Workload& self, item_t<R> item, std::size_t index) {
    if constexpr (results == Results::kept) {
      T result = co_await self.function_(static_cast<item_t<R>&&>(item));
      self.outcomes_[index].set_value(std::move(result));
    } else {
      static_cast<void>(index);
      co_await self.function_(static_cast<item_t<R>&&>(item));
    }
  }

  F& function_;
  std::ranges::iterator_t<R> next_;
  std::ranges::sentinel_t<R> end_;
  std::size_t count_ = 0;             // items taken
  std::vector<Outcome<T>> outcomes_;  // one for each item taken, if they are kept
};

/// A worker that was cancelled takes nothing more, also where the function swallowed that.
template <class W>
Task<> run_worker(W& workload, Task<> first) {
  co_await std::move(first);
  while (!workload.is_empty() && current_task().cancelling() == 0) co_await workload.take();
}

template <class W>
Task<> run_workers(W& workload, std::size_t limit) {
  auto body = [&](TaskGroup& group) -> Task<> {
    for (std::size_t n = 0; n < limit && !workload.is_empty(); ++n)
      group.create_task(run_worker(workload, workload.take()));
    co_return;
  };
  co_await async_with(TaskGroup{}, body);
}

template <class R, class F>
Task<> for_each_item(R range, std::size_t limit, F function) {
  Workload<R, F, Results::dropped> workload(range, function);
  co_await run_workers(workload, limit);
}

template <class R, class F>
Task<std::vector<item_result_t<R, F>>> map_items(R range, std::size_t limit, F function) {
  Workload<R, F, Results::kept> workload(range, function);
  co_await run_workers(workload, limit);
  co_return workload.collect();
}

/// An lvalue is borrowed, an rvalue owned.
template <class R>
using owned_range_t = std::conditional_t<std::is_lvalue_reference_v<R>, R, std::remove_cvref_t<R>>;

inline void check_limit(std::size_t limit) {
  if (limit == 0) throw std::invalid_argument("the limit must be at least 1");
}

}  // namespace detail

/// What for_each_concurrently() calls for each item of an R.
template <class F, class R>
concept ItemFunction = std::ranges::input_range<R> && requires(std::decay_t<F>& function) {
  { function(std::declval<detail::item_t<R>>()) } -> Awaitable;
};

/// Awaits `function(item)` for each item of `range`, at most `limit` of them at once. Items are taken
/// in order, and the next one as soon as there is room: the range may be endless, or lazy. An rvalue
/// range is owned, an lvalue borrowed; the function is copied or moved in. Runs in up to `limit` tasks,
/// each of which takes one item after the other, in one context.
/// Throws: as a TaskGroup: the first failure cancels the others, and an ExceptionGroup has them all;
/// no further item is taken. std::invalid_argument for a limit of 0.
/// Cancellation: cancels what runs and waits for it.
/// Cost: one task for each of `limit`, one recycled frame for each item.
template <std::ranges::input_range R, class F>
  requires ItemFunction<F, R>
[[nodiscard("co_await the work")]] Task<> for_each_concurrently(R&& range, std::size_t limit,
                                                                F&& function) {
  detail::check_callable_temporary<F>();
  detail::check_limit(limit);
  return detail::for_each_item<detail::owned_range_t<R>, std::decay_t<F>>(
      std::forward<R>(range), limit, std::forward<F>(function));
}

/// The same; gives what `function` gave, a std::vector in the order of the items.
template <std::ranges::input_range R, class F>
  requires ItemFunction<F, R>
[[nodiscard("co_await the work")]] auto map_concurrently(R&& range, std::size_t limit,
                                                         F&& function) {
  using Owned = detail::owned_range_t<R>;
  static_assert(std::is_object_v<detail::item_result_t<Owned, std::decay_t<F>>>,
                "asyncio: map_concurrently() needs a function that gives values; use "
                "for_each_concurrently() for one that gives nothing");
  detail::check_callable_temporary<F>();
  detail::check_limit(limit);
  return detail::map_items<Owned, std::decay_t<F>>(std::forward<R>(range), limit,
                                                   std::forward<F>(function));
}

}  // namespace asyncio
