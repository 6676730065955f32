#include <asyncio/core/frame_entry.hpp>
//
#include <support/catch.hpp>

namespace frame_entry_test {

using asyncio::FrameEntry;
using asyncio::detail::frame_entry;
using asyncio::detail::plain_identifier;

namespace {

std::source_location here() { return std::source_location::current(); }

}  // namespace

TEST_CASE("frame entry: the function is the plain identifier") {
  CHECK(plain_identifier("asyncio::Task<int> app::Server::serve(int, std::string)") == "serve");
  CHECK(plain_identifier("Task<> (anonymous namespace)::work()") == "work");
  CHECK(plain_identifier("main") == "main");
  CHECK(plain_identifier("") == "");
}

TEST_CASE("frame entry: says where, and compares by value") {
  const FrameEntry entry = frame_entry(here());
  CHECK(entry.function == "here");
  CHECK(entry.file.ends_with("frame_entry_test.cpp"));
  CHECK(entry.line == here().line());
  CHECK(to_string(FrameEntry{"work", "main.cpp", 7}) == "work (main.cpp:7)");
  CHECK(FrameEntry{"a", "b", 1} != FrameEntry{"a", "b", 2});
}

}  // namespace frame_entry_test
