#include <asyncio/net/read_source.hpp>

#include "net_support.hpp"

namespace read_source_test {

using namespace asyncio_test;
using asyncio::detail::ReadSource;
using asyncio::detail::ReadWait;
using asyncio::detail::Ref;

namespace {

/// Gives one byte for each fetch(), at once or only when told.
struct Dripping final : ReadSource {
  Dripping() : ReadSource(100) {}
  bool fetch() noexcept override {
    ++fetches;
    if (left == 0) return false;
    --left;
    buffer_.append("x");
    return true;
  }
  void drip() {
    buffer_.append("x");
    notify_reader();
  }
  int fetches = 0;
  int left = 0;  // bytes that come at once
};

/// Wants three bytes.
struct Three {
  static constexpr const char* name = "three";
  bool is_satisfied(ReadSource& source) const noexcept { return source.buffer().size() >= 3; }
  std::size_t take(ReadSource& source) const noexcept { return source.buffer().size(); }
};

Task<std::size_t> three_of(Ref<ReadSource> source) {
  ReadWait<Three> wait(std::move(source), Three());
  const std::size_t count = co_await wait;
  co_return count;
}

}  // namespace

ASYNC_TEST("read source: fetches until there is enough", "[SRD-03]") {
  const Ref<Dripping> source(new Dripping);
  source->left = 5;
  const std::size_t count = co_await three_of(Ref<ReadSource>(source.get()));
  REQUIRE(count == 3);
  REQUIRE(source->fetches == 3);
}

ASYNC_TEST("read source: a waiting task is woken once, when there is enough", "[SRD-02]") {
  const Ref<Dripping> source(new Dripping);
  auto task = asyncio::create_task(three_of(Ref<ReadSource>(source.get())));
  co_await turns(1);
  for (int i = 0; i < 3; ++i) {
    REQUIRE_FALSE(task.done());
    source->drip();
    source->drip();
  }
  co_await turns(1);
  REQUIRE(task.result() == 6);
  REQUIRE(source->fetches == 3);  // when it began to wait, and after each byte that was not enough
}

ASYNC_TEST("read source: the end ends the wait", "[SRD-09]") {
  const Ref<Dripping> source(new Dripping);
  auto task = asyncio::create_task(three_of(Ref<ReadSource>(source.get())));
  co_await turns(1);
  source->drip();
  source->set_eof();
  co_await turns(1);
  REQUIRE(task.result() == 1);
  REQUIRE(source->has_ended());
  REQUIRE_FALSE(source->at_eof());
}

}  // namespace read_source_test
