// The safe forms of docs/gcc12.md, compiled and run; the page's blocks are cut from here.

#include <asyncio/asyncio.hpp>

#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include <support/async_test.hpp>

using namespace std::chrono_literals;
using asyncio::Task;

namespace {

std::string log_;  // what the pieces below have done

Task<bool> is_open() { co_return true; }
Task<int> number(int value) { co_return value; }

// clang-format off
Task<> greet(std::string name) {
  auto body = [name]() -> Task<> {  // a lambda with a name
    log_ += "hello " + name;
    co_return;
  };
  co_await asyncio::wait_for(body, 1s);
}

Task<> count() {
  int total = 0;
  co_await asyncio::async_with(asyncio::TaskGroup{}, [&](asyncio::TaskGroup& tg) -> Task<> {
    tg.create_task(asyncio::sleep(1ms));
    total += 1;
    co_return;
  });
  log_ += std::to_string(total);
}

Task<> pass_beside(std::string name) {
  // Captures nothing; what it needs comes as a parameter of a coroutine.
  auto send = [](std::string text) -> Task<> {
    log_ += text;
    co_return;
  };
  auto task = asyncio::create_task(send(name));
  co_await task;
}

Task<> wait_in_a_condition() {
  const bool open = co_await is_open();
  if (open) log_ += "open";
}

struct Request {
  explicit Request(std::string p) : path(std::move(p)) {}
  std::string path;
};
Task<> send(Request request) {
  log_ += request.path;
  co_return;
}
Task<> send_one() { co_await send(Request("/index")); }

Task<> gather_many() {
  std::vector<Task<int>> tasks;
  tasks.push_back(number(1));
  tasks.push_back(number(2));
  auto results = co_await asyncio::gather(std::move(tasks));
  log_ += std::to_string(results[0] + results[1]);
}

Task<> throw_what_came() {
  const int code = co_await number(7);
  throw std::runtime_error(std::to_string(code));
}
// clang-format on

}  // namespace

ASYNC_TEST("gcc12: the safe forms do what they say", "[gcc12]") {
  log_.clear();
  co_await greet("you");
  co_await count();
  co_await pass_beside(",");
  co_await wait_in_a_condition();
  co_await send_one();
  co_await gather_many();
  std::string message;
  try {
    co_await throw_what_came();
  } catch (const std::runtime_error& error) {
    message = error.what();
  }
  CHECK(log_ == "hello you1,open/index3");
  CHECK(message == "7");
}
