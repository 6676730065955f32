#include <asyncio/fwd.hpp>

namespace {

// A header of a program that only mentions our types needs nothing else.
struct Mentions {
  asyncio::Task<> (*make)(asyncio::EventLoop&);
  asyncio::TaskHandle<>* handle;
  asyncio::Future<int>* future;
  asyncio::Outcome<int>* outcome;
  asyncio::ContextVar<int>* variable;
  const asyncio::CancelledError* error;
};

}  // namespace

#include <asyncio/asyncio.hpp>
#include <support/catch.hpp>

TEST_CASE("fwd: its declarations are those of the definitions") {
  const Mentions mentions{};
  CHECK(mentions.make == nullptr);
  CHECK(std::same_as<asyncio::Task<>, asyncio::Task<void>>);
  CHECK(std::same_as<asyncio::Future<>, asyncio::Future<void>>);
}
