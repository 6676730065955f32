// wait(): suspends until some, or all, of several futures are done.
// Reference: https://docs.python.org/3/library/asyncio-task.html#waiting-primitives
#pragma once

#include <algorithm>
#include <asyncio/core/task_handle.hpp>
#include <asyncio/core/wait.hpp>
#include <asyncio/tasks/sleep.hpp>

namespace asyncio {

/// When wait() returns.
enum class ReturnWhen : unsigned char { first_completed, first_exception, all_completed };
inline constexpr ReturnWhen FIRST_COMPLETED = ReturnWhen::first_completed;
inline constexpr ReturnWhen FIRST_EXCEPTION = ReturnWhen::first_exception;
inline constexpr ReturnWhen ALL_COMPLETED = ReturnWhen::all_completed;

/// How wait() waits.
struct WaitOptions {
  std::optional<LoopDuration> timeout{};
  ReturnWhen return_when = ReturnWhen::all_completed;
};

/// The handles given to wait(), in that order, by what done() said when it returned.
template <class H>
struct WaitResult {
  std::vector<H> done;
  std::vector<H> pending;
};

namespace detail {

/// Counts completions until the wait is over. Leaves every future when it ends.
class CompletionWait final : public Wait, private Timer {
 public:
  CompletionWait(EventLoop& loop, std::size_t count, WaitOptions options)
      : Timer(&expire),
        loop_(loop),
        children_(std::make_unique<ChildSubscription<CompletionWait>[]>(count)),
        count_(count),
        left_(count),
        options_(options) {
    if (options.timeout) loop.reserve_timer();
  }

  void keep(std::size_t index, Ref<FutureBase> future) noexcept {
    children_[index].keep(std::move(future));
  }

  bool await_ready() const noexcept { return false; }
  void suspend(PromiseBase& frame) noexcept {
    begin(frame);
    for (std::size_t i = 0; i < count_; ++i)
      children_[i].watch(*this, children_[i].shared_future());
    if (options_.timeout) loop_.start_timer(*this, *options_.timeout);
  }
  void await_resume() { resume(); }

  void child_done(FutureBase& future) noexcept {
    --left_;
    if (left_ == 0 || options_.return_when == ReturnWhen::first_completed || failed(future)) end();
  }

 private:
  [[nodiscard]] bool failed(FutureBase& future) const noexcept {
    if (options_.return_when != ReturnWhen::first_exception || !future.failed()) return false;
    future.mark_retrieved();
    return true;
  }

  static void expire(ReadyNode& node, Turn turn) noexcept {
    if (turn == Turn::run) static_cast<CompletionWait&>(node).end();
  }
  void end() noexcept {
    leave();
    wake_up();
  }
  void leave() noexcept override {
    for (std::size_t i = 0; i < count_; ++i) children_[i].stop();
    loop_.stop_timer(*this);
    leave_queue();
  }

  EventLoop& loop_;
  std::unique_ptr<ChildSubscription<CompletionWait>[]> children_;
  std::size_t count_;
  std::size_t left_;  // not done yet
  WaitOptions options_;
};

template <class H>
Task<WaitResult<H>> wait(std::vector<H> futures, WaitOptions options) {
  CompletionWait completion(get_running_loop(), futures.size(), options);
  for (std::size_t i = 0; i < futures.size(); ++i) completion.keep(i, futures[i].shared_state());
  co_await completion;
  WaitResult<H> result;
  for (H& future : futures)
    (future.done() ? result.done : result.pending).push_back(std::move(future));
  co_return result;
}

/// Each handle once, in order of its first appearance.
template <class H, class R>
std::vector<H> distinct_handles(const R& range) {
  using Place = std::pair<const FutureBase*, std::size_t>;
  const std::vector<H> handles(std::begin(range), std::end(range));
  std::vector<Place> places;
  places.reserve(handles.size());
  for (const H& handle : handles) places.emplace_back(handle.shared_state().get(), places.size());
  std::sort(places.begin(), places.end());
  std::vector<bool> is_repeated(handles.size());
  for (std::size_t i = 1; i < places.size(); ++i)
    is_repeated[places[i].second] = places[i].first == places[i - 1].first;
  std::vector<H> distinct;
  for (std::size_t i = 0; i < handles.size(); ++i)
    if (!is_repeated[i]) distinct.push_back(handles[i]);
  return distinct;
}

}  // namespace detail

/// Waits for the futures or tasks in `range`; never cancels them and never raises what they hold.
/// At the deadline of `.timeout` it returns what is done by then. Always suspends.
/// Throws: std::invalid_argument for an empty range.
/// Cancellation: safe; the futures run on.
template <class R>
[[nodiscard("co_await the wait()")]] auto wait(const R& range, WaitOptions options = {}) {
  using H = std::remove_cvref_t<decltype(*std::begin(range))>;
  static_assert(FutureLike<H>,
                "asyncio: wait() takes a range of futures or tasks: schedule coroutines with "
                "create_task() first");
  std::vector<H> futures = detail::distinct_handles<H>(range);
  if (futures.empty()) throw std::invalid_argument("Set of Tasks/Futures is empty.");
  return detail::wait(std::move(futures), options);
}

}  // namespace asyncio
