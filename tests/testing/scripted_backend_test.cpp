#include <asyncio/testing/scripted_backend.hpp>
//
#include <asyncio/core/perform.hpp>
#include <asyncio/tasks/wait_for.hpp>
#include <asyncio/testing/run.hpp>

#include <support/catch.hpp>

namespace scripted_backend_test {

using namespace asyncio;
using namespace std::chrono_literals;
using testing::Script;

namespace {

constexpr int fd = Script::first_invented_descriptor;

Task<std::string> recv_some(int descriptor, std::size_t size) {
  std::string buffer(size, '?');
  const int result = co_await detail::Perform([&](detail::Operation& operation) {
    detail::prepare_recv(operation, descriptor, buffer.data(), buffer.size());
  });
  if (result < 0) throw std::system_error(-result, std::generic_category(), "recv");
  buffer.resize(static_cast<std::size_t>(result));
  co_return buffer;
}

Task<int> send_some(std::string bytes) {
  const int result = co_await detail::Perform([&](detail::Operation& operation) {
    detail::prepare_send(operation, fd, bytes.data(), bytes.size());
  });
  co_return result;
}

Task<std::string> twice(std::size_t size) {
  std::string text = co_await recv_some(fd, size);
  text += co_await recv_some(fd, size);
  co_return text;
}

template <class T>
Task<std::pair<T, EventLoop::duration>> timed(Task<T> task) {
  const auto start = get_running_loop().time();
  T value = co_await std::move(task);
  co_return std::pair(std::move(value), EventLoop::duration(get_running_loop().time() - start));
}

}  // namespace

TEST_CASE("scripted kernel: an answer arrives at once, or after its delay") {
  Script script;
  script.on("recv").reply("hello");
  CHECK(testing::run(timed(recv_some(fd, 10)), script) ==
        std::pair(std::string("hello"), EventLoop::duration(0)));
  script.on("recv").reply("late").delay(1h);
  CHECK(testing::run(timed(recv_some(fd, 10)), script) ==
        std::pair(std::string("late"), EventLoop::duration(1h)));
  CHECK(script.log() ==
        std::vector<Script::Entry>{{"recv", fd, "hello", 5}, {"recv", fd, "late", 4}});
  CHECK(script.unused() == 0);
}

TEST_CASE("scripted kernel: what does not fit stays for the next operation") {
  Script script;
  script.on("recv").reply("abcd").delay(1ms);
  CHECK(testing::run(twice(2), script) == "abcd");
  script.on("recv").reply("abcd").short_reply(1);
  CHECK(testing::run(twice(4), script) == "abcd");
}

TEST_CASE("scripted kernel: failures and short sends") {
  Script script;
  script.on("recv").reply_error(ECONNRESET);
  CHECK_THROWS_AS(testing::run(recv_some(fd, 1), script), std::system_error);
  script.on("send").short_reply(2).times(2);
  CHECK(testing::run(send_some("hello"), script) == 2);
  CHECK(testing::run(send_some("world"), script) == 2);
  script.on("send").delay(1ms);
  CHECK(testing::run(send_some("rest"), script) == 4);
  CHECK(script.sent(fd) == "heworest");
}

TEST_CASE("scripted kernel: an operation that never answers is cancelled by a timeout") {
  Script script;
  script.on("recv").never();
  CHECK_THROWS_AS(testing::run(wait_for(recv_some(fd, 1), 1h), script), TimeoutError);
  CHECK(script.log() == std::vector<Script::Entry>{{"recv", fd, "", -ECANCELED}});
}

TEST_CASE("scripted kernel: answers with different delays overtake each other") {
  Script script;
  script.on("recv", fd).reply("first").delay(2s);
  script.on("recv", fd + 1).reply("second").delay(1s);
  auto amain = []() -> Task<> {
    auto first = create_task(recv_some(fd, 10));
    auto second = create_task(recv_some(fd + 1, 10));
    const std::string& b = co_await second;
    CHECK(b == "second");
    CHECK(!first.done());
    const std::string& a = co_await first;
    CHECK(a == "first");
  };
  testing::run(amain(), script);
}

TEST_CASE("scripted kernel: an operation without an answer is a deadlock that names it") {
  Script script;
  std::string message;
  try {
    testing::run(recv_some(fd, 1), script);
  } catch (const testing::Deadlock& deadlock) {
    message = deadlock.what();
  }
  CHECK_THAT(message, Catch::Matchers::ContainsSubstring(
                          "the script has no answer for recv on descriptor 1000000"));
  CHECK_THAT(message, Catch::Matchers::ContainsSubstring("recv_some"));
}

TEST_CASE("scripted kernel: a loop that closes takes its operations back") {
  Script script;
  script.on("recv").reply("too late").delay(1h);
  {
    auto loop = testing::new_event_loop(script);
    loop->set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    auto task = loop->create_task(recv_some(fd, 10));
    loop->run_once();
  }
  CHECK(script.log().size() == 1);
}

}  // namespace scripted_backend_test
