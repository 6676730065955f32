#include <asyncio/net/stream_reader.hpp>

#include "net_support.hpp"

#include <random>

namespace stream_reader_test {

using namespace asyncio_test;
using asyncio::StreamReader;

namespace {

Task<> read_to(StreamReader& reader, std::size_t count, std::string& result) {
  result = "waiting";
  result = co_await text_of(reader.read(count));
  if (result.empty()) result = "read";
}

}  // namespace

ASYNC_TEST("stream reader: a limit of zero is refused", "[SRD-01]") {
  REQUIRE_THROWS_AS(StreamReader(0), std::invalid_argument);
  co_return;
}

ASYNC_TEST("stream reader: read(n) gives what is there, at most n bytes", "[SRD-03][SRD-14]") {
  StreamReader reader;
  reader.feed_data("");
  reader.feed_data("hello ");
  reader.feed_data("world");
  const std::string none = co_await reader.read(0);
  const std::string some = co_await reader.read(5);
  const std::string rest = co_await reader.read(100);
  REQUIRE(none.empty());
  REQUIRE(some == "hello");
  REQUIRE(rest == " world");
}

ASYNC_TEST("stream reader: a waiting read resumes one turn after the data", "[SRD-03]") {
  StreamReader reader;
  auto read = asyncio::create_task(reader.read(3));
  co_await turns(2);
  REQUIRE_FALSE(read.done());
  reader.feed_data("abcdef");
  REQUIRE_FALSE(read.done());
  co_await turns(1);
  REQUIRE(read.done());
  REQUIRE(read.result() == "abc");
}

ASYNC_TEST("stream reader: at_eof() once the end has come and all is read", "[SRD-11][SRD-09]") {
  StreamReader reader;
  reader.feed_data("abc\nde");
  reader.feed_eof();
  REQUIRE_FALSE(reader.at_eof());
  const std::string line = co_await reader.readline();
  const std::string rest = co_await reader.read(100);
  REQUIRE(line == "abc\n");
  REQUIRE(rest == "de");
  REQUIRE(reader.at_eof());
  const std::string after = co_await reader.read(100);
  REQUIRE(after.empty());
}

ASYNC_TEST("stream reader: read() waits for the end", "[SRD-03]") {
  StreamReader reader;
  auto read = asyncio::create_task(reader.read());
  for (const char* chunk : {"one", "two", "three"}) {
    co_await turns(2);
    reader.feed_data(chunk);
  }
  co_await turns(2);
  REQUIRE_FALSE(read.done());
  reader.feed_eof();
  const std::string all = co_await read;
  REQUIRE(all == "onetwothree");
}

ASYNC_TEST("stream reader: a cancelled read() to the end loses nothing", "[SRD-12]") {
  StreamReader reader;
  auto read = asyncio::create_task(reader.read());
  co_await turns(2);
  reader.feed_data("kept");
  co_await turns(2);
  read.cancel();
  co_await turns(2);
  REQUIRE(read.cancelled());
  reader.feed_eof();
  const std::string all = co_await reader.read();
  REQUIRE(all == "kept");
}

ASYNC_TEST("stream reader: read_into fills the caller's memory", "[SRD-03]") {
  StreamReader reader;
  reader.feed_data("abcdef");
  std::byte bytes[4];
  const std::size_t first = co_await reader.read_into(bytes);
  const std::size_t second = co_await reader.read_into(bytes);
  reader.feed_eof();
  const std::size_t third = co_await reader.read_into(bytes);
  REQUIRE(first == 4);
  REQUIRE(second == 2);
  REQUIRE(bytes[0] == std::byte{'e'});
  REQUIRE(third == 0);
}

ASYNC_TEST("stream reader: readline and next give lines, the last without its end",
           "[SRD-04][SRD-13]") {
  StreamReader reader;
  reader.feed_data("first\nsecond\r\n\nfour");
  reader.feed_data("th\nrest");
  reader.feed_eof();
  std::vector<std::string> lines;
  while (auto line = co_await reader.next()) lines.push_back(*line);
  REQUIRE(lines == std::vector<std::string>{"first\n", "second\r\n", "\n", "fourth\n", "rest"});
  const std::string end = co_await reader.readline();
  REQUIRE(end.empty());
}

ASYNC_TEST("stream reader: a line in three parts", "[SRD-04]") {
  StreamReader reader;
  auto read = asyncio::create_task(reader.readline());
  for (const char* chunk : {"in ", "three ", "parts\nand more"}) {
    co_await turns(2);
    REQUIRE_FALSE(read.done());
    reader.feed_data(chunk);
  }
  const std::string line = co_await read;
  const std::string left = co_await reader.read(100);
  REQUIRE(line == "in three parts\n");
  REQUIRE(left == "and more");
}

ASYNC_TEST("stream reader: a line over the limit is dropped, whole if its end is there",
           "[SRD-04]") {
  StreamReader reader(4);
  reader.feed_data("1234\n");
  std::string text = co_await reader.readline();
  REQUIRE(text == "1234\n");
  reader.feed_data("12345\nnext\n");
  text = co_await text_of(reader.readline());
  REQUIRE(text == "Separator is found, but chunk is longer than limit");
  text = co_await reader.readline();
  REQUIRE(text == "next\n");
  reader.feed_data("123456");
  text = co_await text_of(reader.readline());
  REQUIRE(text == "Separator is not found, and chunk exceed the limit");
  reader.feed_data("78\n");
  text = co_await reader.readline();
  REQUIRE(text == "78\n");
}

ASYNC_TEST("stream reader: readexactly gives n bytes also beyond the limit", "[SRD-05]") {
  StreamReader reader(4);
  std::string text = co_await reader.readexactly(0);
  REQUIRE(text.empty());
  auto read = asyncio::create_task(reader.readexactly(10));
  for (const char* chunk : {"0123", "4567", "89ab"}) {
    co_await turns(2);
    REQUIRE_FALSE(read.done());
    reader.feed_data(chunk);
  }
  text = co_await read;
  REQUIRE(text == "0123456789");
  text = co_await reader.readexactly(1);
  REQUIRE(text == "a");
}

ASYNC_TEST("stream reader: readexactly at the end raises what there was", "[SRD-05][EXC-05]") {
  StreamReader reader;
  reader.feed_data("b");
  reader.feed_eof();
  std::string partial;
  try {
    static_cast<void>(co_await reader.readexactly(5));
  } catch (const asyncio::IncompleteReadError& error) {
    REQUIRE(std::string(error.what()) == "1 bytes read on a total of 5 expected bytes");
    REQUIRE(error.expected() == 5u);
    partial = error.partial();
  }
  REQUIRE(partial == "b");
  REQUIRE(reader.at_eof());
}

ASYNC_TEST("stream reader: a separator split over chunks is found", "[SRD-06]") {
  StreamReader reader;
  auto read = asyncio::create_task(reader.readuntil("<end>"));
  for (const char* chunk : {"some<en", "no<e", "nd", ">rest"}) {
    co_await turns(2);
    REQUIRE_FALSE(read.done());
    reader.feed_data(chunk);
  }
  const std::string text = co_await read;
  const std::string left = co_await reader.read(100);
  REQUIRE(text == "some<enno<end>");
  REQUIRE(left == "rest");
}

ASYNC_TEST("stream reader: of several separators the earliest end wins", "[SRD-08]") {
  StreamReader reader;
  reader.feed_data("a;b,c;dxxABCDyyE11\r\n22");
  std::vector<std::string> parts;
  parts.push_back(co_await reader.readuntil(",", ";"));
  parts.push_back(co_await reader.readuntil(";", ","));
  parts.push_back(co_await reader.readuntil("zz", "b", "c;d"));
  parts.push_back(co_await reader.readuntil("E", "ABCD"));
  const std::vector<std::string> separators{"\r\n", "\r"};
  parts.push_back(co_await reader.readuntil(separators));
  parts.push_back(co_await reader.readuntil("2"));
  REQUIRE(parts == std::vector<std::string>{"a;", "b,", "c;d", "xxABCD", "yyE11\r", "\n2"});
}

ASYNC_TEST("stream reader: an empty separator is refused", "[SRD-08]") {
  StreamReader reader;
  REQUIRE_THROWS_AS(reader.readuntil(""), std::invalid_argument);
  REQUIRE_THROWS_AS(reader.readuntil("a", ""), std::invalid_argument);
  REQUIRE_THROWS_AS(reader.readuntil(std::vector<std::string>()), std::invalid_argument);
  co_return;
}

namespace {

/// What readuntil gives, or the limit's error as "found 6" or "not found 5".
template <class A>
Task<std::string> with_limit(A awaitable) {
  std::string result;
  try {
    result = co_await std::move(awaitable);
  } catch (const asyncio::LimitOverrunError& error) {
    const bool found = std::string(error.what()).find("is found") != std::string::npos;
    result = (found ? "found " : "not found ") + std::to_string(error.consumed());
  }
  co_return result;
}

}  // namespace

ASYNC_TEST("stream reader: over the limit readuntil consumes nothing", "[SRD-07][EXC-06]") {
  StreamReader reader(4);
  std::vector<std::string> steps;
  reader.feed_data("1234AA567");
  steps.push_back(co_await with_limit(reader.readuntil("AA")));
  steps.push_back(co_await with_limit(reader.readuntil("7")));
  reader.feed_data("123456");
  steps.push_back(co_await with_limit(reader.readuntil("AA")));
  reader.feed_data("AA78");
  steps.push_back(co_await with_limit(reader.readuntil("AA")));
  steps.push_back(co_await with_limit(reader.readuntil("AA")));
  steps.push_back(co_await reader.readexactly(8));
  reader.feed_data("AA");
  steps.push_back(co_await with_limit(reader.readuntil("AA")));
  REQUIRE(steps == std::vector<std::string>{"1234AA", "567", "not found 5", "found 6", "found 6",
                                            "123456AA", "78AA"});
}

ASYNC_TEST("stream reader: the limit with several and with unfinished separators",
           "[SRD-07][SRD-08]") {
  StreamReader reader(3);
  reader.feed_data("some,data;");
  std::string step = co_await with_limit(reader.readuntil("a;", ","));
  REQUIRE(step == "found 4");
  step = co_await reader.read(100);
  REQUIRE(step == "some,data;");
  reader.feed_data("abc,");
  step = co_await with_limit(reader.readuntil(";", ","));
  REQUIRE(step == "abc,");
  StreamReader other(4);
  other.feed_data("123456<e");  // its last four bytes may be the beginning of a separator
  auto waiting = asyncio::create_task(with_limit(other.readuntil("<end>")));
  co_await turns(2);
  REQUIRE_FALSE(waiting.done());
  other.feed_data("n");
  step = co_await waiting;
  REQUIRE(step == "not found 5");
}

ASYNC_TEST("stream reader: readuntil at the end raises what there was", "[SRD-06]") {
  StreamReader reader;
  reader.feed_data("2");
  reader.feed_eof();
  const std::string first = co_await text_of(reader.readuntil("1"));
  const std::string second = co_await text_of(reader.readuntil("1"));
  REQUIRE(first == "1 bytes read on a total of undefined expected bytes");
  REQUIRE(second == "0 bytes read on a total of undefined expected bytes");
}

ASYNC_TEST("stream reader: random chunks give what a reference gives", "[SRD-06][SRD-08]") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string text;
    for (int i = 0; i < 60; ++i) text += "ab;"[random() % 3];
    text += ";b;";
    StreamReader reader;
    auto read = asyncio::create_task(reader.readuntil(";b;", "aab", "bbbb"));
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t count = 1 + random() % 5;
      reader.feed_data(std::string_view(text).substr(at, count));
      at += count;
      co_await turns(static_cast<int>(random() % 2));
    }
    std::size_t end = text.npos;
    for (const std::string separator : {";b;", "aab", "bbbb"})
      end = std::min(end, text.find(separator) == text.npos
                              ? text.npos
                              : text.find(separator) + separator.size());
    const std::string found = co_await read;
    const std::string rest = co_await reader.read(1000);
    REQUIRE(found == text.substr(0, end));
    REQUIRE(found + rest == text);
  }
}

ASYNC_TEST("stream reader: a second read is refused and names itself", "[SRD-02]") {
  StreamReader reader;
  std::string first;
  auto waiting = asyncio::create_task(read_to(reader, 10, first));
  co_await turns(1);
  REQUIRE(first == "waiting");
  const std::string refused = co_await text_of(reader.read(1));
  REQUIRE(refused == "read() called while another coroutine is already waiting for incoming data");
  const std::string line = co_await text_of(reader.readline());
  REQUIRE(line.starts_with("readline() called while another"));
  reader.feed_data("x");
  co_await waiting;
  REQUIRE(first == "read");
}

ASYNC_TEST("stream reader: an exception wakes the reader and stays", "[SRD-10]") {
  StreamReader reader;
  auto waiting = asyncio::create_task(text_of(reader.read(10)));
  co_await turns(1);
  REQUIRE(reader.exception() == nullptr);
  reader.set_exception(std::invalid_argument("broken"));
  std::string text = co_await waiting;
  REQUIRE(text == "broken");
  REQUIRE(reader.exception() != nullptr);
  reader.feed_data("more\n");
  text = co_await text_of(reader.readline());
  REQUIRE(text == "broken");
  text = co_await text_of(reader.readexactly(2));
  REQUIRE(text == "broken");
}

ASYNC_TEST("stream reader: an exception after a cancel leaves the cancellation", "[SRD-10]") {
  StreamReader reader;
  auto waiting = asyncio::create_task(text_of(reader.read(10)));
  co_await turns(1);
  waiting.cancel();
  reader.set_exception(std::invalid_argument("after the cancel"));
  std::string text = co_await waiting;
  REQUIRE(text == "cancelled");
  text = co_await text_of(reader.read(10));
  REQUIRE(text == "after the cancel");
}

ASYNC_TEST("stream reader: a cancel before, with and after the data loses nothing", "[SRD-12]") {
  StreamReader reader;
  for (const int moment : {0, 1, 2, 3}) {
    auto read = asyncio::create_task(reader.readexactly(4));
    if (moment > 0) co_await turns(1);          // it waits
    if (moment == 2) reader.feed_data("ab");    // not enough
    if (moment == 3) reader.feed_data("abcd");  // enough, but it has not run yet
    read.cancel();
    co_await turns(2);
    REQUIRE(read.cancelled());
    if (moment == 2) reader.feed_data("cd");
    if (moment < 2) reader.feed_data("abcd");
    const std::string text = co_await reader.readexactly(4);
    REQUIRE(text == "abcd");
  }
}

ASYNC_TEST("stream reader: wait_for() around a read", "[SRD-12][WFR-04]") {
  StreamReader reader;
  const int code = co_await error_of(asyncio::wait_for(reader.read(10), 1ms));
  REQUIRE(code == ETIMEDOUT);
  reader.feed_data("four");
  const std::string text = co_await asyncio::wait_for(reader.read(10), 1h);
  REQUIRE(text == "four");
}

ASYNC_TEST("stream reader: reads that are satisfied at once take no turn", "[SRD-03]") {
  StreamReader reader;
  reader.feed_data("line\nrest");
  bool other_ran = false;
  asyncio::get_running_loop().call_soon([&other_ran] { other_ran = true; });
  static_cast<void>(co_await reader.readline());
  static_cast<void>(co_await reader.read(0));
  static_cast<void>(co_await reader.readexactly(4));
  REQUIRE_FALSE(other_ran);
  co_await turns(1);
  REQUIRE(other_ran);
}

ASYNC_TEST("stream reader: the handle may go while a read waits", "[STR-08]") {
  auto reader = std::make_unique<StreamReader>();
  auto read = asyncio::create_task(reader->read(1));
  co_await turns(1);
  reader.reset();
  read.cancel();
  co_await turns(2);
  REQUIRE(read.cancelled());
}

ASYNC_TEST("stream reader: to_string tells what applies", "[SRD-15]") {
  StreamReader reader(16);
  CHECK(to_string(StreamReader()) == "<StreamReader>");
  CHECK(to_string(reader) == "<StreamReader limit=16>");
  auto read = asyncio::create_task(reader.readexactly(9));
  co_await turns(1);
  reader.feed_data("hello");
  CHECK(to_string(reader) == "<StreamReader 5 bytes limit=16 waiter>");
  read.cancel();
  co_await turns(2);
  reader.feed_eof();
  CHECK(to_string(reader) == "<StreamReader 5 bytes eof limit=16>");
  reader.set_exception(std::runtime_error("x"));
  CHECK(to_string(reader) == "<StreamReader 5 bytes eof limit=16 exception>");
}

ASYNC_TEST("stream reader: one that belongs to a connection is not fed by hand", "[SRD-14]") {
  Wired wired;
  REQUIRE_THROWS_AS(wired.reader.feed_data("x"), asyncio::RuntimeError);
  REQUIRE_THROWS_AS(wired.reader.feed_eof(), asyncio::RuntimeError);
  co_return;
}

}  // namespace stream_reader_test
