#include <asyncio/fs/close_wait.hpp>

#include <fs/temporary.hpp>

namespace close_wait_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

Task<int> close_null() {
  co_return co_await detail::CloseWait(os::Fd(os::open_file("/dev/null", O_RDONLY, 0)));
}

ASYNC_TEST("close: closes") {
  const std::size_t before = open_descriptors();
  const int result = co_await close_null();
  CHECK(result == 0);
  CHECK(open_descriptors() == before);
}

ASYNC_TEST("close: a cancellation comes afterwards") {
  const std::size_t before = open_descriptors();
  auto body = []() -> Task<std::string> {
    const int result = co_await close_null();
    const std::string how = co_await ending(sleep(0s));
    co_return std::to_string(result) + " " + how;
  };
  auto task = create_task(body());
  co_await turns(1);
  task.cancel();
  const std::string how = co_await task;
  CHECK(how == "0 CancelledError");
  CHECK(open_descriptors() == before);
}

TEST_CASE("close: is done when the loop closes first") {
  const std::size_t before = open_descriptors();
  for (asyncio::Backend backend : {asyncio::Backend::automatic, asyncio::Backend::epoll}) {
    for (int rounds = 1; rounds < 6; ++rounds) {
      EventLoop loop(backend);
      loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
      loop.create_task(close_null());
      for (int i = 0; i < rounds; ++i) loop.run_once();
    }
  }
  CHECK(open_descriptors() == before);
}

}  // namespace

}  // namespace close_wait_test
