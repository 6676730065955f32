// as_completed(): futures in the order in which they finish.
// Reference: https://docs.python.org/3/library/asyncio-task.html#asyncio.as_completed
#pragma once

#include <asyncio/core/wait_queue.hpp>
#include <asyncio/tasks/gather.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/tasks/wait.hpp>

namespace asyncio {

/// How as_completed() iterates.
struct AsCompletedOptions {
  std::optional<LoopDuration> timeout{};  ///< for the whole iteration
};

namespace detail {

/// Collects completions; shared by the iterator and by the steps that wait.
template <class H>
class CompletionFeed final : public Pooled, private Timer {
 public:
  CompletionFeed(EventLoop& loop, std::vector<H> futures, AsCompletedOptions options)
      : Timer(&expire),
        loop_(loop),
        futures_(std::move(futures)),
        children_(std::make_unique<Child[]>(futures_.size())),
        running_(futures_.size()),
        left_(futures_.size()) {
    finished_.reserve(futures_.size());
    for (std::size_t i = 0; i < futures_.size(); ++i) watch(i);
    if (!options.timeout) return;
    loop_.reserve_timer();
    loop_.start_timer(*this, *options.timeout);
  }
  ~CompletionFeed() { stop(); }

  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }

  [[nodiscard]] std::size_t left() const noexcept { return left_; }

  /// The next completion, nothing when all were given out. Throws: TimeoutError, once for each that
  /// did not come in time. Cancellation: the completion stays for the next step.
  static Task<std::optional<H>> next(Ref<CompletionFeed> self) {
    while (self->left_ > 0 && !self->has_finished()) {
      if (self->expired_) {
        self->give_out();
        throw TimeoutError();
      }
      try {
        co_await self->waiters_.wait();
      } catch (...) {
        if (self->has_finished()) self->waiters_.wake_one();  // it may have been woken, too
        throw;
      }
    }
    if (self->left_ == 0) co_return std::nullopt;
    H future = self->futures_[self->finished_[self->taken_++]];
    self->give_out();
    co_return future;
  }
  /// A deadline came before the last completion.
  [[nodiscard]] bool is_expired() const noexcept { return expired_; }

 private:
  [[nodiscard]] bool has_finished() const noexcept { return taken_ < finished_.size(); }
  /// One step fewer is left; who waits for one that will not come wakes up.
  void give_out() noexcept {
    --left_;
    if (left_ == 0)
      waiters_.wake_all();
    else if (has_finished())
      waiters_.wake_one();
  }

  /// Tells the feed which future is done.
  struct Child : ChildSubscription<Child> {
    void child_done(FutureBase&) noexcept { feed->completed(index); }
    CompletionFeed* feed = nullptr;
    std::size_t index = 0;
  };

  void watch(std::size_t index) {
    children_[index].feed = this;
    children_[index].index = index;
    children_[index].watch(children_[index], futures_[index].shared_state());
  }
  void completed(std::size_t index) noexcept {
    finished_.push_back(index);  // there is room
    if (--running_ == 0) loop_.stop_timer(*this);
    waiters_.wake_one();
  }
  static void expire(ReadyNode& node, Turn turn) noexcept {
    auto& self = static_cast<CompletionFeed&>(node);
    if (turn == Turn::discard) return;
    self.expired_ = true;
    for (std::size_t i = 0; i < self.futures_.size(); ++i) self.children_[i].stop();
    self.waiters_.wake_all();
  }
  void stop() noexcept {
    if (Scheduler::is_alive(&loop_)) loop_.stop_timer(*this);
  }

  EventLoop& loop_;
  std::vector<H> futures_;  // in the order given
  std::unique_ptr<Child[]> children_;
  std::vector<std::size_t> finished_;  // indices in order of completion
  std::size_t taken_ = 0;              // so many of them were given out
  std::size_t running_;                // not done, as far as we were told
  std::size_t left_;                   // not given out yet
  WaitQueue waiters_;
  std::uint32_t refs_ = 0;
  bool expired_ = false;
};

}  // namespace detail

/// Gives futures as they finish. Copies share one iteration, which may be left and resumed.
/// Dropping it leaves the futures running.
template <class H>
class [[nodiscard("iterate with co_await it.next()")]] AsCompleted {
 public:
  explicit AsCompleted(detail::Ref<detail::CompletionFeed<H>> feed) noexcept
      : feed_(std::move(feed)) {}

  /// `while (auto handle = co_await it.next())`: the next that is done; nullopt after the last.
  /// Throws: TimeoutError, in the place of each that was not done at the deadline.
  /// Cancellation: nothing is skipped.
  [[nodiscard("co_await next()")]] Task<std::optional<H>> next() const {
    return detail::CompletionFeed<H>::next(feed_);
  }

  /// As many awaitables as are left, each giving the result of the next one that finishes,
  /// whichever is awaited first: `for (auto& aw : it.awaitables()) co_await aw;`
  [[nodiscard]] auto awaitables() const {
    std::vector<Step> steps;
    for (std::size_t i = 0; i < feed_->left(); ++i) steps.emplace_back(feed_);
    return steps;
  }

  /// One awaitable of awaitables().
  class Step {
   public:
    explicit Step(detail::Ref<detail::CompletionFeed<H>> feed) noexcept : feed_(std::move(feed)) {}
    /// For co_await: gives the result of the next one that finishes.
    [[nodiscard]] Task<typename H::result_type> make_call() const { return result_of_next(feed_); }

   private:
    detail::Ref<detail::CompletionFeed<H>> feed_;
  };

 private:
  static Task<typename H::result_type> result_of_next(detail::Ref<detail::CompletionFeed<H>> feed) {
    std::optional<H> future = co_await detail::CompletionFeed<H>::next(feed);
    if (!future && feed->is_expired()) throw TimeoutError();
    if (!future) throw RuntimeError("as_completed() has given out all results already");
    co_return co_await detail::own_awaitable<H>(*std::move(future));
  }

  detail::Ref<detail::CompletionFeed<H>> feed_;
};

/// Schedules the elements of `range` (Tasks by rvalue, handles also by reference) and gives them in
/// order of completion. Handles come back as themselves; duplicates once.
template <detail::RangeOfAwaitables R>
[[nodiscard("iterate with co_await it.next()")]] auto as_completed(
    R&& range, AsCompletedOptions options = {},
    std::source_location where = std::source_location::current()) {
  auto futures = detail::ensure_futures(std::forward<R>(range), where);
  using H = typename decltype(futures)::value_type;
  using Feed = detail::CompletionFeed<H>;
  return AsCompleted<H>(detail::Ref<Feed>(
      new Feed(get_running_loop(), detail::distinct_handles<H>(futures), options)));
}

}  // namespace asyncio
