// gather(): several awaitables at once, their results in order.
// Reference: https://docs.python.org/3/library/asyncio-task.html#running-tasks-concurrently
#pragma once

#include <asyncio/core/task_handle.hpp>
#include <tuple>

namespace asyncio {

/// The first argument of gather() that makes failures elements of its result.
struct ReturnExceptions {};
inline constexpr ReturnExceptions return_exceptions{};

namespace detail {

enum class OnError : bool {
  raise,   ///< the first failure is the gather's
  collect  ///< failures are results
};

class GatherBase;

/// How deep a cancellation has descended through gathers that wait for gathers. What lies deeper
/// than that is cancelled afterwards, from the top, so that no stack overflows (Python: RecursionError).
class CancelDescent {
 public:
  CancelDescent() noexcept { ++depth_; }
  CancelDescent(const CancelDescent&) = delete;  // counted
  CancelDescent& operator=(const CancelDescent&) = delete;
  ~CancelDescent() { --depth_; }

  [[nodiscard]] static bool is_deepest() noexcept { return depth_ == deepest; }
  [[nodiscard]] static bool is_over() noexcept { return depth_ == 0; }
  static void push(GatherBase& gather) noexcept;
  static GatherBase* pop() noexcept;

 private:
  static constexpr int deepest = 256;
  static constinit inline thread_local int depth_ = 0;
  static constinit inline thread_local GatherBase* last_ = nullptr;
};

/// Counts the children of a gather. Counted by its handles, and by itself while children run.
class GatherBase : public FutureBase {
 public:
  using Child = ChildSubscription<GatherBase>;

  GatherBase(Scheduler& scheduler, OnError on_error, std::source_location where) noexcept
      : FutureBase(scheduler, where), on_error_(on_error) {}

  /// Cancels the children. True if one of them took the request; the gather itself is done when
  /// they have answered.
  bool cancel(const std::exception_ptr& reason) noexcept override {
    if (done()) return FutureBase::cancel(reason);
    // Every child was abandoned, or the request came round: nobody else will end it.
    if (running_ == 0 || is_cancelling_) {
      settle_error(reason ? reason : std::make_exception_ptr(CancelledError()));
      return true;
    }
    is_cancelling_ = true;
    if (CancelDescent::is_deepest()) {
      CancelDescent::push(*this);
      return true;
    }
    const bool taken = cancel_children(reason);
    if (CancelDescent::is_over())
      while (GatherBase* const deeper = CancelDescent::pop()) {
        const Ref<FutureBase> alive = Ref<FutureBase>::adopt(deeper);
        deeper->cancel_children(reason);
      }
    return taken;
  }

  void child_done(FutureBase& child) noexcept {
    Ref<FutureBase> alive(this);
    --running_;
    if (done())
      child.mark_retrieved();
    else if (on_error_ == OnError::raise && !child.succeeded())
      settle_error(child.failure());
    else if (running_ == 0 && (!is_abandoned_ || cancel_requested_))
      finish(child);
    if (running_ == 0) drop_ref();  // the children's
  }

  /// A plain future that nobody can set any more: the gather will not be done.
  void child_abandoned() noexcept {
    is_abandoned_ = true;
    if (--running_ == 0) drop_ref();  // the children's
  }

 protected:
  /// Watches the children; those that are done count at once (Python: eager tasks).
  void start(Child* children, std::size_t count) noexcept {
    children_ = children;
    count_ = running_ = count;
    if (count == 0) return collect_results();
    add_ref();  // the children's
    Ref<FutureBase> alive(this);
    for (std::size_t i = 0; i < count; ++i)
      if (!children[i].future()->done()) children[i].watch(*this, children[i].shared_future());
    for (std::size_t i = 0; i < count; ++i)
      if (FutureBase* child = children[i].future(); child && child->done()) child_done(*child);
  }

  /// Moves the children's results into the slot.
  virtual void collect() = 0;

 private:
  friend class CancelDescent;

  bool cancel_children(const std::exception_ptr& reason) noexcept {
    const Ref<FutureBase> alive(this);
    const CancelDescent descent;
    bool taken = false;
    for (std::size_t i = 0; i < count_; ++i)
      if (FutureBase* child = children_[i].future()) taken |= child->cancel(reason);
    is_cancelling_ = false;
    cancel_requested_ |= taken;
    return taken;
  }

  void finish(FutureBase& last) noexcept {
    if (!cancel_requested_) return collect_results();
    settle_error(last.cancelled() ? last.failure() : std::make_exception_ptr(CancelledError()));
  }
  void collect_results() noexcept {
    try {
      collect();
    } catch (...) {
      return settle_error(std::current_exception());
    }
    settle_result();
  }

  Child* children_ = nullptr;
  std::size_t count_ = 0;
  std::size_t running_ = 0;  // children whose end has not been counted
  OnError on_error_;
  bool cancel_requested_ = false;
  bool is_cancelling_ = false;  // inside cancel(), which may come back here
  bool is_abandoned_ = false;
  GatherBase* deeper_ = nullptr;  // of CancelDescent
};

inline void CancelDescent::push(GatherBase& gather) noexcept {
  gather.add_ref();
  gather.deeper_ = std::exchange(last_, &gather);
}
inline GatherBase* CancelDescent::pop() noexcept {
  GatherBase* const gather = last_;
  if (gather) last_ = std::exchange(gather->deeper_, nullptr);
  return gather;
}

/// Whether results may be moved out of a child: nobody else holds it.
enum class Ownership : bool { shared, exclusive };

/// What gather gives for one child.
template <class T, OnError on_error>
using gathered_t = std::conditional_t<on_error == OnError::collect, Outcome<T>, stored_result_t<T>>;

/// Reads a finished child.
template <class T, OnError on_error>
gathered_t<T, on_error> read_child(FutureBase& child, Ownership ownership) {
  using Stored = stored_result_t<T>;
  auto value = [&]() -> Stored {
    auto& slot = *static_cast<Stored*>(child.result_slot());
    if constexpr (std::is_copy_constructible_v<Stored>)
      if (ownership == Ownership::shared) return slot;
    return std::move(slot);
  };
  if constexpr (on_error == OnError::raise) {
    return value();
  } else {
    Outcome<T> outcome;
    if (child.succeeded())
      outcome.set_value(value());
    else
      outcome.set_error(child.failure());
    return outcome;
  }
}

/// A gather of a fixed number of children of different types.
template <OnError on_error, class... Ts>
class GatherTuple final : public WithResult<std::tuple<gathered_t<Ts, on_error>...>, GatherBase> {
 public:
  using Result = std::tuple<gathered_t<Ts, on_error>...>;
  using Child = GatherBase::Child;

  GatherTuple(Scheduler& scheduler, std::source_location where) noexcept
      : WithResult<Result, GatherBase>(scheduler, on_error, where) {}

  void begin(const Ref<FutureBase> (&futures)[sizeof...(Ts)],
             const Ownership (&ownership)[sizeof...(Ts)]) noexcept {
    for (std::size_t i = 0; i < sizeof...(Ts); ++i) {
      children_[i].keep(futures[i]);
      ownership_[i] = ownership[i];
    }
    this->start(children_, sizeof...(Ts));
  }

 private:
  void collect() override { collect_each(std::index_sequence_for<Ts...>()); }
  template <std::size_t... i>
  void collect_each(std::index_sequence<i...>) {
    this->slot_.construct(read_child<Ts, on_error>(*children_[i].future(), ownership_[i])...);
  }

  Child children_[sizeof...(Ts)];
  Ownership ownership_[sizeof...(Ts)] = {};
};

/// A gather of a range of children of one type.
template <OnError on_error, class T>
class GatherRange final : public WithResult<std::vector<gathered_t<T, on_error>>, GatherBase> {
 public:
  using Result = std::vector<gathered_t<T, on_error>>;
  using Child = GatherBase::Child;

  GatherRange(Scheduler& scheduler, std::source_location where) noexcept
      : WithResult<Result, GatherBase>(scheduler, on_error, where) {}

  template <class H>
  void begin(std::vector<H> futures, Ownership ownership) {
    ownership_ = ownership;
    count_ = futures.size();
    children_ = std::make_unique<Child[]>(count_);
    for (std::size_t i = 0; i < count_; ++i) children_[i].keep(futures[i].shared_state());
    futures.clear();
    this->start(children_.get(), count_);
  }

 private:
  void collect() override {
    Result results;
    results.reserve(count_);
    for (std::size_t i = 0; i < count_; ++i)
      results.push_back(read_child<T, on_error>(*children_[i].future(), ownership_));
    this->slot_.construct(std::move(results));
  }

  std::unique_ptr<Child[]> children_;
  std::size_t count_ = 0;
  Ownership ownership_ = Ownership::shared;
};

template <class A>
constexpr Ownership ownership_of() noexcept {
  return FutureLike<std::remove_cvref_t<A>> ? Ownership::shared
                                            : Ownership::exclusive;  // others may hold a handle
}

inline void require_one_loop(const Scheduler& expected, const FutureBase& future) {
  if (&future.scheduler() != &expected)
    throw std::invalid_argument("futures are tied to different event loops");
}

/// Where a function is called that cannot take its caller's line: where the running coroutine
/// awaited last, or begins.
[[nodiscard]] inline std::source_location place_of_caller(std::source_location otherwise) noexcept {
  TaskBase* const task = thread_state.scheduler->running_task();
  return task ? task->innermost()->where_ : otherwise;
}

template <OnError on_error, class... As>
auto gather_each(As&&... awaitables) {
  Scheduler& scheduler = get_running_loop();
  const std::source_location where = place_of_caller(std::source_location::current());
  // Braces, because they evaluate from left to right: tasks start in argument order.
  auto futures = std::tuple<decltype(ensure_future(std::forward<As>(awaitables), where))...>{
      ensure_future(std::forward<As>(awaitables), where)...};
  return std::apply(
      [&](const auto&... future) {
        (require_one_loop(scheduler, *future.shared_state()), ...);
        using State =
            GatherTuple<on_error, typename std::remove_cvref_t<decltype(future)>::result_type...>;
        auto* const state = new State(scheduler, where);
        Future<typename State::Result> result{Ref<FutureBase>(state)};
        state->begin({future.shared_state()...}, {ownership_of<As>()...});
        return result;
      },
      futures);
}

/// Schedules the elements of a range; handles are taken as they are.
template <class R>
auto ensure_futures(R&& range, std::source_location where) {
  using Element = decltype(*std::begin(range));
  using Forwarded = std::conditional_t<std::is_lvalue_reference_v<R>, Element,
                                       std::remove_reference_t<Element>&&>;
  std::vector<decltype(ensure_future(std::declval<Forwarded>(), where))> futures;
  for (auto&& element : range)
    futures.push_back(ensure_future(static_cast<Forwarded>(element), where));
  return futures;
}

template <OnError on_error, class R>
auto gather_range(std::source_location where, R&& range) {
  Scheduler& scheduler = get_running_loop();
  auto futures = ensure_futures(std::forward<R>(range), where);
  using H = typename decltype(futures)::value_type;
  for (const H& future : futures) require_one_loop(scheduler, *future.shared_state());
  using State = GatherRange<on_error, typename H::result_type>;
  auto* const state = new State(scheduler, where);
  Future<typename State::Result> result{Ref<FutureBase>(state)};
  constexpr Ownership ownership = ownership_of<decltype(*std::begin(range))>();
  state->begin(std::move(futures), ownership);
  return result;
}

template <class R>
concept RangeOfAwaitables = !Awaitable<R> && requires(R& range) {
  std::begin(range);
  std::end(range);
};

template <class A>
concept Schedulable = FutureLike<A> || Awaitable<A> || AwaitableCallable<A> || TaskType<A>;

}  // namespace detail

/// Runs the awaitables at the same time. The work starts at the call, in argument order; the result
/// is a future of a tuple in argument order: None for a void, for a reference what converts to it.
/// The first failure is raised at once; the others run on, and their failures count as retrieved.
/// Cancellation: cancels every child that is not done; the awaiter resumes as Python's does, with
/// the first child that answers.
template <detail::Schedulable... As>
[[nodiscard("await or keep the gather")]] auto gather(As&&... awaitables) {
  (detail::check_callable_temporary<As>(), ...);
  return detail::gather_each<detail::OnError::raise>(std::forward<As>(awaitables)...);
}
/// The same with failures and cancellations as Outcomes; waits for all.
template <detail::Schedulable... As>
[[nodiscard("await or keep the gather")]] auto gather(ReturnExceptions, As&&... awaitables) {
  (detail::check_callable_temporary<As>(), ...);
  return detail::gather_each<detail::OnError::collect>(std::forward<As>(awaitables)...);
}
/// A range: Tasks by rvalue, handles also by reference. The result is a vector.
template <detail::RangeOfAwaitables R>
[[nodiscard("await or keep the gather")]] auto gather(
    R&& range, std::source_location where = std::source_location::current()) {
  return detail::gather_range<detail::OnError::raise>(where, std::forward<R>(range));
}
template <detail::RangeOfAwaitables R>
[[nodiscard("await or keep the gather")]] auto gather(
    ReturnExceptions, R&& range, std::source_location where = std::source_location::current()) {
  return detail::gather_range<detail::OnError::collect>(where, std::forward<R>(range));
}
/// Nothing to wait for: done at once.
[[nodiscard("await or keep the gather")]] inline Future<std::tuple<>> gather() {
  Future<std::tuple<>> result = get_running_loop().create_future<std::tuple<>>();
  result.set_result();
  return result;
}

}  // namespace asyncio
