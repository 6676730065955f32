#include <asyncio/tasks/async_with.hpp>

#include <memory>
#include <tasks/steps.hpp>

namespace async_with_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

/// Writes down what is done to it, across suspensions.
class Recorder {
 public:
  explicit Recorder(Trace& trace) : trace_(&trace) {}

  Task<int> aenter() {
    co_await turns(1);
    trace_->push_back("enter");
    co_return 42;
  }
  Task<> aexit(std::exception_ptr error) {
    co_await turns(1);
    trace_->push_back(error ? "leave: " + describe(error) : "leave");
  }

 private:
  Trace* trace_;
};

/// Swallows std::invalid_argument, at once.
struct Swallows {
  void aenter() {}
  bool aexit(const std::exception_ptr& error) {
    return error && describe(error).starts_with("invalid_argument");
  }
};

ASYNC_VIRTUAL_TEST("async_with: enters, runs the body with what aenter gave, and leaves",
                   "[tasks]") {
  Trace trace;
  const int result = co_await async_with(Recorder(trace), [&](int entered) -> Task<int> {
    co_await turns(1);
    trace.push_back("body " + std::to_string(entered));
    co_return entered + 1;
  });
  CHECK(result == 43);
  CHECK(trace == Trace{"enter", "body 42", "leave"});
}

ASYNC_VIRTUAL_TEST("async_with: the body may take nothing, and give any awaitable", "[tasks]") {
  Trace trace;
  co_await async_with(Recorder(trace), [] { return turns(1); });
  const int slept = co_await async_with(Recorder(trace), [] { return sleep(1s, 5); });
  CHECK(slept == 5);
  CHECK(trace == Trace{"enter", "leave", "enter", "leave"});
}

ASYNC_VIRTUAL_TEST("async_with: aexit gets the body's exception and lets it pass", "[tasks]") {
  Trace trace;
  const std::string how = co_await ending(async_with(Recorder(trace), [] { return fails("no"); }));
  CHECK(how == "invalid_argument(no)");
  CHECK(trace == Trace{"enter", "leave: invalid_argument(no)"});
}

ASYNC_VIRTUAL_TEST("async_with: a body that throws before it gives an awaitable", "[tasks]") {
  Trace trace;
  const std::string how = co_await ending(async_with(Recorder(trace), [](int) -> Task<> {
    throw std::invalid_argument("early");  // no coroutine: thrown by the call
  }));
  CHECK(how == "invalid_argument(early)");
  CHECK(trace == Trace{"enter", "leave: invalid_argument(early)"});
}

ASYNC_VIRTUAL_TEST("async_with: aexit that gives true swallows the exception", "[tasks]") {
  const std::optional<int> swallowed =
      co_await async_with(Swallows(), [] { return fails<int>("no", 1); });
  CHECK(swallowed == std::nullopt);
  const std::optional<int> result = co_await async_with(Swallows(), [] { return gives(3, 1); });
  CHECK(result == 3);
  co_await async_with(Swallows(), [] { return fails("nothing to give"); });
  const std::string other = co_await ending(async_with(Swallows(), []() -> Task<> {
    throw RuntimeError("not mine");
    co_return;
  }));
  CHECK(other == "RuntimeError(not mine)");
}

struct FailsToEnter {
  Trace* trace;
  void aenter() { throw RuntimeError("closed"); }
  void aexit(const std::exception_ptr&) { trace->push_back("leave"); }
};

ASYNC_VIRTUAL_TEST("async_with: what was not entered is not left", "[tasks]") {
  Trace trace;
  FailsToEnter manager{&trace};
  const std::string how = co_await ending(async_with(manager, [&]() -> Task<> {
    trace.push_back("body");
    co_return;
  }));
  CHECK(how == "RuntimeError(closed)");
  CHECK(trace.empty());
}

struct FailsToLeave {
  void aenter() {}
  Task<> aexit(std::exception_ptr) {
    co_await turns(1);
    throw RuntimeError("not closed");
  }
};

ASYNC_VIRTUAL_TEST("async_with: what aexit throws replaces the result and the exception",
                   "[tasks]") {
  const std::string after_result =
      co_await ending(async_with(FailsToLeave(), [] { return gives(1); }));
  CHECK(after_result == "RuntimeError(not closed)");
  const std::string after_error =
      co_await ending(async_with(FailsToLeave(), [] { return fails("displaced"); }));
  CHECK(after_error == "RuntimeError(not closed)");
}

ASYNC_VIRTUAL_TEST("async_with: a cancelled body is left, with awaits, before it ends", "[tasks]") {
  Trace trace;
  auto scope = [&]() -> Task<> { co_await async_with(Recorder(trace), &endless); };
  auto task = create_task(scope());
  co_await turns(3);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(trace == Trace{"enter", "leave: CancelledError"});
}

ASYNC_VIRTUAL_TEST("async_with: cancelled while entering, the body does not run", "[tasks]") {
  Trace trace;
  auto scope = [&]() -> Task<> { co_await async_with(Recorder(trace), &endless); };
  auto task = create_task(scope());
  co_await turns(1);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(trace.empty());
}

ASYNC_VIRTUAL_TEST("async_with: a second cancellation reaches aexit", "[tasks]") {
  Trace trace;
  auto scope = [&]() -> Task<> { co_await async_with(Recorder(trace), &endless); };
  auto task = create_task(scope());
  co_await turns(3);
  task.cancel("first");
  co_await turns(1);  // aexit is at its await
  task.cancel("second");
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError(second)");
  CHECK(trace == Trace{"enter"});
}

ASYNC_VIRTUAL_TEST("async_with: leaves, too, when the cancellation comes after the body's future",
                   "[tasks]") {
  Trace trace;
  auto future = get_running_loop().create_future<int>();
  auto scope = [&]() -> Task<> { co_await async_with(Recorder(trace), [&] { return future; }); };
  auto task = create_task(scope());
  co_await turns(3);
  future.set_result(1);
  task.cancel();
  const std::string how = co_await ending(task);
  CHECK(how == "CancelledError");
  CHECK(trace == Trace{"enter", "leave: CancelledError"});
}

struct Tag;
using Value = Counted<Tag>;

/// Gives the body a reference to what it owns.
class Owner {
 public:
  Value& aenter() { return value_; }
  void aexit(const std::exception_ptr&) { value_ = Value(2); }
  const Value& value() const { return value_; }

 private:
  Value value_{1};
};

ASYNC_VIRTUAL_TEST("async_with: an rvalue manager is owned, an lvalue borrowed", "[tasks]") {
  Value::count.reset();
  const int owned = co_await async_with(Owner(), [](Value& value) -> Task<int> {
    co_await turns(1);
    co_return value.value();
  });
  CHECK(owned == 1);
  CHECK(Value::count.alive() == 0);

  Owner borrowed;
  co_await async_with(borrowed, [](Value&) -> Task<> { co_await turns(1); });
  CHECK(borrowed.value().value() == 2);
}

ASYNC_VIRTUAL_TEST("async_with: a reference result stays a reference", "[tasks]") {
  Owner owner;
  const Value& result = co_await async_with(owner, [](Value& value) -> Task<Value&> {
    co_await turns(1);
    co_return value;
  });
  CHECK(&result == &owner.value());
}

ASYNC_VIRTUAL_TEST("async_with: a named body with captures is copied, a move-only one borrowed",
                   "[tasks]") {
  Trace trace;
  auto text = std::string("a text too long to be kept in place");
  auto copied = [text]() -> Task<std::size_t> {
    co_await turns(1);
    co_return text.size();
  };
  const std::size_t size = co_await async_with(Recorder(trace), copied);
  CHECK(size == text.size());

  auto move_only = [number = std::make_unique<int>(9)]() -> Task<int> {
    co_await turns(1);
    co_return *number;
  };
  const int number = co_await async_with(Recorder(trace), move_only);
  CHECK(number == 9);
}

ASYNC_VIRTUAL_TEST("async_with: one that is dropped is neither entered nor leaked", "[tasks]") {
  Value::count.reset();
  static_cast<void>(async_with(Owner(), [](Value&) -> Task<> { co_return; }));
  CHECK(Value::count.constructed > 0);
  CHECK(Value::count.alive() == 0);
  co_return;
}

static_assert(AsyncContextManager<Recorder> && AsyncContextManager<Swallows>);
static_assert(!AsyncContextManager<int>);

}  // namespace

}  // namespace async_with_test
