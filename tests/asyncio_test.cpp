#include <asyncio/asyncio.hpp>
#include <support/catch.hpp>

using namespace std::chrono_literals;

TEST_CASE("asyncio: the umbrella header is enough for a program") {
  auto say = [](std::string what) -> asyncio::Task<std::string> {
    co_await asyncio::sleep(0s);
    co_return what;
  };
  auto main = [&say]() -> asyncio::Task<std::string> {
    auto [a, b] = co_await asyncio::gather(say("hello, "), say("world"));
    co_return a + b;
  };
  CHECK(asyncio::run(main) == "hello, world");
}
