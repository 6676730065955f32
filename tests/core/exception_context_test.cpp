#include <asyncio/core/exception_context.hpp>
//
#include <asyncio/core/run.hpp>

#include <tasks/steps.hpp>

namespace exception_context_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

TEST_CASE("exception context: what does not apply is empty", "[EXH-02]") {
  const ExceptionContext context{};
  CHECK(context.message.empty());
  CHECK(context.exception == nullptr);
  CHECK_FALSE(context.task);
  CHECK_FALSE(context.future);
  CHECK_FALSE(context.handle);
  CHECK(context.where.line() == 0);
}

/// The context of the only report that `cause` leads to.
template <class F>
ExceptionContext report_of(EventLoop& loop, F&& cause) {
  ExceptionContext seen{};
  int reports = 0;
  loop.set_exception_handler([&](EventLoop&, const ExceptionContext& context) {
    seen = context;
    seen.message = {};  // a view that ends with the call
    ++reports;
  });
  cause();
  loop.run_once();
  loop.set_exception_handler(nullptr);
  CHECK(reports == 1);
  return seen;
}

TEST_CASE("exception context: a lost failure of a task has the task and its place",
          "[EXH-02][TASK-12]") {
  auto loop = testing::new_event_loop();
  unsigned line = 0;
  const ExceptionContext context = report_of(*loop, [&] {
    line = __LINE__ + 1;
    loop->create_task(fails("unseen"), {.name = "culprit"});
  });
  CHECK(context.task.get_name() == "culprit");
  CHECK(context.future == context.task);
  CHECK_FALSE(context.handle);
  CHECK(context.where.line() == line);
  CHECK(describe(context.exception) == "invalid_argument(unseen)");
}

TEST_CASE("exception context: a lost failure of a future has the future and its place",
          "[EXH-02][FUT-11]") {
  auto loop = testing::new_event_loop();
  unsigned line = 0;
  const ExceptionContext context = report_of(*loop, [&] {
    line = __LINE__ + 1;
    auto future = loop->create_future<int>();
    future.set_exception(std::invalid_argument("unseen"));
  });
  CHECK(context.future);
  CHECK_FALSE(context.task);
  CHECK(context.where.line() == line);
}

TEST_CASE("exception context: a failing callback has its handle", "[EXH-02][CBK-11]") {
  auto loop = testing::new_event_loop();
  Handle handle;
  const ExceptionContext context = report_of(
      *loop, [&] { handle = loop->call_soon([] { throw std::invalid_argument("broken"); }); });
  CHECK(context.handle == handle);
  CHECK_FALSE(context.future);
}

TEST_CASE("exception context: a failing done callback has its future", "[EXH-02][FUT-10]") {
  auto loop = testing::new_event_loop();
  auto future = loop->create_future<int>();
  const ExceptionContext context = report_of(*loop, [&] {
    future.add_done_callback([](Future<int>) { throw std::invalid_argument("broken"); });
    future.set_result(1);
  });
  CHECK(context.future == future);
}

}  // namespace

}  // namespace exception_context_test
