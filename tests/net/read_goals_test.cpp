#include <asyncio/net/read_goals.hpp>

#include <support/catch.hpp>

#include <random>

namespace read_goals_test {

using namespace asyncio::detail;

namespace {

struct Source {
  explicit Source(std::size_t limit = 1000) : reference(new FedSource(limit)) {}
  FedSource& operator*() const { return *reference; }
  FedSource* operator->() const { return reference.get(); }
  Ref<FedSource> reference;
};

using Until = ReadUntil<std::vector<std::string>>;

}  // namespace

TEST_CASE("read goals: what each is satisfied by", "[SRD-03][SRD-05]") {
  const Source source;
  REQUIRE(ReadSome(0).is_satisfied(*source));
  REQUIRE_FALSE(ReadSome(1).is_satisfied(*source));
  REQUIRE(ReadExactly(0).is_satisfied(*source));
  source->feed("abc");
  REQUIRE(ReadSome(1).is_satisfied(*source));
  REQUIRE(ReadExactly(3).is_satisfied(*source));
  REQUIRE_FALSE(ReadExactly(4).is_satisfied(*source));
  REQUIRE_FALSE(ReadAll().is_satisfied(*source));
  source->set_eof();
  REQUIRE(ReadAll().is_satisfied(*source));
  REQUIRE(ReadAll().take(*source) == "abc");
}

TEST_CASE("read goals: a line is searched for once, however it comes", "[SRD-04]") {
  const Source source;
  ReadLine line;
  for (const char byte : std::string("a line")) {
    source->feed(std::string_view(&byte, 1));
    REQUIRE_FALSE(line.is_satisfied(*source));
  }
  source->feed("\nrest");
  REQUIRE(line.is_satisfied(*source));
  REQUIRE(line.take(*source) == "a line\n");
  REQUIRE(source->buffer().view() == "rest");
}

TEST_CASE("read goals: an error of the connection leaves what is buffered", "[STR-09]") {
  const Source source;
  source->feed("partial");
  source->set_loss(std::make_exception_ptr(std::runtime_error("lost")));
  REQUIRE_THROWS_WITH(ReadAll().take(*source), "lost");
  REQUIRE_THROWS_WITH(ReadExactly(100).take(*source), "lost");
  REQUIRE(ReadSome(100).take(*source) == "partial");
  REQUIRE_THROWS_WITH(ReadSome(100).take(*source), "lost");
}

TEST_CASE("read goals: separators in random chunks agree with a search in the whole",
          "[SRD-06][SRD-08]") {
  std::mt19937 random(11);
  for (int round = 0; round < 3000; ++round) {
    std::string text;
    for (std::size_t i = 0; i < 40; ++i) text += "ab"[random() % 2];
    std::vector<std::string> separators;
    for (std::size_t i = 0; i <= random() % 3; ++i) {
      std::string separator;
      for (std::size_t j = 0; j <= random() % 5; ++j) separator += "ab"[random() % 2];
      separators.push_back(separator);
    }
    std::size_t end = text.npos;
    for (const std::string& separator : separators)
      if (const std::size_t at = text.find(separator); at != text.npos)
        end = std::min(end, at + separator.size());
    const Source source;
    Until goal(separators);
    std::size_t fed = 0;
    while (fed < text.size() && !goal.is_satisfied(*source)) {
      const std::size_t count = std::min<std::size_t>(1 + random() % 6, text.size() - fed);
      source->feed(std::string_view(text).substr(fed, count));
      fed += count;
    }
    const bool is_found = goal.is_satisfied(*source);
    if (is_found != (end != text.npos)) FAIL(text);
    if (is_found && goal.take(*source) != text.substr(0, end)) FAIL(text);
  }
  SUCCEED();
}

}  // namespace read_goals_test
