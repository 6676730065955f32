#include <asyncio/tasks/async_generator.hpp>

#include <tasks/steps.hpp>

namespace generator_frame_test {

namespace {

using namespace asyncio;
using namespace asyncio_test;

/// Notes its end.
class Noted {
 public:
  Noted(Trace& trace, std::string name) : trace_(trace), name_(std::move(name)) {}
  Noted(const Noted&) = delete;
  Noted& operator=(const Noted&) = delete;
  ~Noted() { trace_.push_back(name_); }

 private:
  Trace& trace_;
  std::string name_;
};

AsyncGenerator<int> noted(Trace& trace, std::string name, int turns_between = 0) {
  const Noted end(trace, name);
  for (int i = 0;; ++i) {
    co_await turns(turns_between);
    co_yield i;
  }
}

AsyncGenerator<int> around(Trace& trace, AsyncGenerator<int> inner) {
  const Noted end(trace, "outer");
  while (auto value = co_await inner.next()) {
    co_yield *value;
  }
}

}  // namespace

ASYNC_TEST("shutdown_asyncgens: closes those that were iterated, oldest first", "[AGN-03]") {
  Trace trace;
  auto unstarted = noted(trace, "unstarted");
  auto second = noted(trace, "second");
  auto first = noted(trace, "first");
  co_await first.next();
  co_await second.next();
  co_await get_running_loop().shutdown_asyncgens();
  CHECK(trace == Trace{"first", "second"});
  CHECK_FALSE(first);
  CHECK(unstarted);
  const std::optional<int> value = co_await second.next();
  CHECK(value == std::nullopt);
}

ASYNC_TEST("shutdown_asyncgens: one inside another is closed with it", "[AGN-03]") {
  Trace trace;
  auto generator = around(trace, noted(trace, "inner"));
  co_await generator.next();
  co_await get_running_loop().shutdown_asyncgens();
  CHECK(trace == Trace{"outer", "inner"});
}

ASYNC_TEST("shutdown_asyncgens: one under way is reported and left alone", "[AGN-03]") {
  Trace trace;
  Reports reports;
  auto generator = noted(trace, "it", 5);
  auto step = create_task(generator.next());
  co_await turns(1);
  co_await get_running_loop().shutdown_asyncgens();
  CHECK(reports.messages().size() == 1);
  CHECK(reports.messages()[0].find("asynchronous generator") != std::string::npos);
  CHECK(reports.messages()[0].find("noted") != std::string::npos);
  CHECK(reports.messages()[0].find("already running") != std::string::npos);
  const std::optional<int> value = co_await step;
  CHECK(value == 0);
}

ASYNC_TEST("shutdown_asyncgens: debug mode tells of one that is iterated afterwards", "[AGN-03]") {
  Trace trace;
  Reports reports;
  EventLoop& loop = get_running_loop();
  co_await loop.shutdown_asyncgens();
  auto quiet = noted(trace, "quiet");
  co_await quiet.next();
  CHECK(reports.messages().size() == 0);
  loop.set_debug(true);
  auto told = noted(trace, "told");
  co_await told.next();
  CHECK(reports.messages().size() == 1);
  loop.set_debug(false);
}

TEST_CASE("run: closes the generators that are left, after the tasks", "[AGN-03][RUN-08]") {
  Trace trace;
  AsyncGenerator<int> left = noted(trace, "generator");
  auto task = [&trace]() -> Task<> {
    const Noted end(trace, "task");
    co_await endless();
  };
  auto main = [&]() -> Task<> {
    co_await left.next();
    create_task(task());
    co_await turns(1);
  };
  asyncio::run(main());
  CHECK(trace == Trace{"task", "generator"});
  CHECK_FALSE(left);
}

TEST_CASE("a loop that is closed without run() closes its generators", "[AGN-03]") {
  Trace trace;
  AsyncGenerator<int> left = noted(trace, "generator");
  {
    EventLoop loop;
    auto main = [&]() -> Task<> { co_await left.next(); };
    loop.run_until_complete(main());
    CHECK(trace.empty());
  }
  CHECK(trace == Trace{"generator"});
  CHECK_FALSE(left);
}

}  // namespace generator_frame_test
