#include <asyncio/sync/loop_bound.hpp>

#include <asyncio/core/run.hpp>

#include <support/catch.hpp>

namespace loop_bound_test {

using namespace asyncio;

namespace {

Task<> binds(detail::LoopBound& bound) {
  bound.bind("Thing");
  co_return;
}

TEST_CASE("loop bound: belongs to the first loop that binds it", "[SYN-01]") {
  detail::LoopBound bound;
  auto first = new_event_loop();
  auto second = new_event_loop();
  first->run_until_complete(binds(bound));
  first->run_until_complete(binds(bound));
  std::string text;
  try {
    second->run_until_complete(binds(bound));
  } catch (const RuntimeError& error) {
    text = error.what();
  }
  CHECK(text == "Thing is bound to a different event loop");
}

}  // namespace

}  // namespace loop_bound_test
