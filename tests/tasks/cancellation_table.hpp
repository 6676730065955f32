// Every awaitable is cancelled at every moment; afterwards nothing is lost and nothing is left.
#pragma once

#include <tasks/steps.hpp>

#include <memory>
#include <span>

namespace asyncio_test {

/// Something to await, and what makes it end.
class Subject {
 public:
  virtual ~Subject() = default;

  /// What has to be awaited before.
  virtual asyncio::Task<> prepare() { co_return; }
  /// Awaits the thing once.
  virtual asyncio::Task<> wait() = 0;
  /// Lets it end. Called once at most.
  virtual void complete() = 0;
  /// Takes what was sent and not received, and closes what is open.
  virtual asyncio::Task<> finish() { co_return; }

  bool is_entered = false;  // a statement of the awaiting task was executed
  int sent = 0;             // bytes, connections, results: handed out by complete()
  int received = 0;         // by wait() or finish()
};

struct Row {
  const char* name;  // as tools/check_awaitables.py knows it, perhaps a comma and more words
  std::unique_ptr<Subject> (*make)();
  const char* when_completed = "a result";
  const char* when_cancelled = "CancelledError";
};

template <class S>
std::unique_ptr<Subject> make() {
  return std::make_unique<S>();
}

// --- one life of a subject ---------------------------------------------------------------------------------

struct FrameTag;
using Frame = Counted<FrameTag>;

/// The task that is cancelled. Its frame counts.
inline asyncio::Task<> await_subject(Subject& subject) {
  const Frame frame;
  subject.is_entered = true;
  co_await subject.wait();
}

/// No task but this one, no operation in flight, no frame.
inline asyncio::Task<> expect_nothing_left() {
  asyncio::EventLoop& loop = asyncio::get_running_loop();
  const auto is_quiet = [&loop] {
    return asyncio::all_tasks().size() == 1 && loop.backend_interface().in_flight() == 0;
  };
  for (int i = 0; i < 2000 && !is_quiet(); ++i) {
    co_await asyncio::sleep(i < 100 ? 0ms : 1ms);  // the kernel confirms what was cancelled
  }
  CHECK(asyncio::all_tasks().size() == 1);
  CHECK(loop.backend_interface().in_flight() == 0);
  CHECK(Frame::count.alive() == 0);
}

using Scenario = asyncio::Task<> (*)(Subject&, const Row&, int);

inline asyncio::Task<> run_scenario(const Row& row, Scenario scenario, int turn) {
  Frame::count.reset();
  {
    const std::unique_ptr<Subject> subject = row.make();
    co_await subject->prepare();
    co_await scenario(*subject, row, turn);
    co_await subject->finish();
    CHECK(subject->received == subject->sent);
  }
  co_await expect_nothing_left();
}

// --- the moments -------------------------------------------------------------------------------------------

/// Not cancelled at all: the row itself works, and the loop after the other scenarios.
inline asyncio::Task<> completed(Subject& subject, const Row& row, int turn) {
  auto task = asyncio::create_task(await_subject(subject));
  co_await turns(turn);
  subject.complete();
  const std::string how = co_await ending(task);
  CHECK(how == row.when_completed);
}

inline asyncio::Task<> cancelled_before_start(Subject& subject, const Row&, int) {
  auto task = asyncio::create_task(await_subject(subject));
  CHECK(task.cancel());
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK_FALSE(subject.is_entered);
}

inline asyncio::Task<> cancelled_while_suspended(Subject& subject, const Row& row, int turn) {
  auto task = asyncio::create_task(await_subject(subject));
  co_await turns(turn);
  const bool taken = task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == (taken ? row.when_cancelled : row.when_completed));
}

/// What ends in the turns around its cancellation may end either way.
inline void expect_either(const std::string& how, const Row& row) {
  CHECK((how == row.when_cancelled || how == row.when_completed || how == "CancelledError"));
}

inline asyncio::Task<> cancelled_after_completion(Subject& subject, const Row& row, int turn) {
  auto task = asyncio::create_task(await_subject(subject));
  co_await turns(3);
  subject.complete();
  co_await turns(turn);
  task.cancel();
  const std::string how = co_await ending(task);
  expect_either(how, row);
}

inline asyncio::Task<> cancelled_before_completion(Subject& subject, const Row& row, int turn) {
  auto task = asyncio::create_task(await_subject(subject));
  co_await turns(3);
  task.cancel();
  co_await turns(turn);
  subject.complete();
  const std::string how = co_await ending(task);
  expect_either(how, row);
}

inline asyncio::Task<> cancelled_twice(Subject& subject, const Row& row, int turn) {
  auto task = asyncio::create_task(await_subject(subject));
  co_await turns(3);
  task.cancel("first");
  co_await turns(turn);
  task.cancel("second");
  const std::string how = co_await ending(task);
  CHECK((how.starts_with(row.when_cancelled) || how == row.when_completed));
}

inline asyncio::Task<> timed_out(Subject& subject, const Row& row, int turn) {
  auto limited = [&subject, turn] {
    return asyncio::wait_for(await_subject(subject), std::chrono::milliseconds(turn));
  };
  auto task = asyncio::create_task(limited());
  const std::string how = co_await ending(task);
  CHECK((how == "TimeoutError" || how == row.when_cancelled || how == row.when_completed));
  CHECK(task.cancelling() == 0);
}

inline asyncio::Task<> timed_out_with_completion(Subject& subject, const Row& row, int turn) {
  auto scope = asyncio::timeout(std::nullopt);
  auto body = [&subject] { return await_subject(subject); };
  auto limited = [&] { return asyncio::async_with(scope, body); };
  auto task = asyncio::create_task(limited());
  co_await turns(3);
  subject.complete();
  co_await turns(turn);
  if (scope.state() == asyncio::TimeoutState::active) {
    scope.reschedule(asyncio::get_running_loop().time());
  }
  const std::string how = co_await ending(task);
  CHECK((how == "TimeoutError" || how == row.when_cancelled || how == row.when_completed));
  CHECK(task.cancelling() == 0);
}

/// `turn`: before the cancellation, in steps of 1 from `first` to `last`.
struct Moment {
  const char* name;
  Scenario scenario;
  int first = 0;
  int last = 0;
};

constexpr Moment moments[] = {
    {"completed, not cancelled", &completed, 3, 3},
    {"before its start", &cancelled_before_start},
    {"while suspended", &cancelled_while_suspended, 1, 4},
    {"after its completion", &cancelled_after_completion, 0, 6},
    {"before its completion", &cancelled_before_completion, 0, 2},
    {"twice", &cancelled_twice, 0, 2},
    {"by a timeout", &timed_out, 0, 2},
    {"by a timeout, with its completion", &timed_out_with_completion, 0, 6},
    {"completed after all that", &completed, 3, 3},
};

inline asyncio::Task<> run_table(std::span<const Row> rows) {
  Reports reports;
  for (const Row& row : rows) {
    for (const Moment& moment : moments) {
      for (int turn = moment.first; turn <= moment.last; ++turn) {
        INFO(row.name << ", cancelled " << moment.name << ", turn " << turn);
        co_await run_scenario(row, moment.scenario, turn);
        CHECK(reports.messages() == Trace());
      }
    }
  }
}

}  // namespace asyncio_test
