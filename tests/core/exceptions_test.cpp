#include <asyncio/core/exceptions.hpp>
//
#include <asyncio/os/error.hpp>
#include <cerrno>
#include <type_traits>

#include <support/catch.hpp>

namespace exceptions_test {

using namespace asyncio;

namespace {

template <class E>
constexpr bool is_standard = std::is_base_of_v<std::exception, E>;

static_assert(!is_standard<CancelledError> && !is_standard<KeyboardInterrupt> &&
              !is_standard<SystemExit>);
static_assert(is_standard<TimeoutError> && is_standard<InvalidStateError> &&
              is_standard<IncompleteReadError> && is_standard<LimitOverrunError> &&
              is_standard<QueueEmpty> && is_standard<QueueFull> && is_standard<QueueShutDown> &&
              is_standard<BrokenBarrierError> && is_standard<SendfileNotAvailableError> &&
              is_standard<RuntimeError>);
static_assert(std::is_base_of_v<std::runtime_error, RuntimeError>);
static_assert(std::is_base_of_v<std::system_error, TimeoutError>);
static_assert(std::is_base_of_v<std::out_of_range, LookupError>);

}  // namespace

TEST_CASE("exceptions: a cancellation is not caught as a std::exception", "[EXC-01]") {
  bool swallowed = false;
  std::string message;
  try {
    try {
      throw CancelledError("stop");
    } catch (const std::exception&) {
      swallowed = true;
    }
  } catch (const CancelledError& error) {
    message = error.message();
  }
  CHECK_FALSE(swallowed);
  CHECK(message == "stop");
  CHECK(CancelledError().message().empty());
}

TEST_CASE("exceptions: TimeoutError is the system's ETIMEDOUT", "[EXC-02]") {
  CHECK(TimeoutError().code() == std::errc::timed_out);
  CHECK_THAT(std::string(TimeoutError("connect").what()),
             Catch::Matchers::ContainsSubstring("connect"));
}

TEST_CASE("exceptions: InvalidStateError is a misuse", "[EXC-03]") {
  CHECK(std::is_base_of_v<std::logic_error, InvalidStateError>);
  CHECK(std::string(InvalidStateError("not yet").what()) == "not yet");
}

TEST_CASE("exceptions: SendfileNotAvailableError is a RuntimeError", "[EXC-04]") {
  CHECK(std::is_base_of_v<RuntimeError, SendfileNotAvailableError>);
}

TEST_CASE("exceptions: IncompleteReadError says how much is there and how much was wanted",
          "[EXC-05]") {
  const IncompleteReadError error("abc", 10);
  CHECK(std::string(error.what()) == "3 bytes read on a total of 10 expected bytes");
  CHECK(error.partial() == "abc");
  CHECK(error.expected() == 10u);
  const IncompleteReadError unknown("", std::nullopt);
  CHECK(std::string(unknown.what()) == "0 bytes read on a total of undefined expected bytes");
  const IncompleteReadError copy = error;
  CHECK(copy.partial() == "abc");
}

TEST_CASE("exceptions: LimitOverrunError says how much has no separator", "[EXC-06]") {
  const LimitOverrunError error("too long", 7);
  CHECK(std::string(error.what()) == "too long");
  CHECK(error.consumed() == 7);
}

TEST_CASE("exceptions: those of queues have messages", "[EXC-07]") {
  CHECK(std::string(QueueEmpty().what()) == "the queue is empty");
  CHECK(std::string(QueueFull().what()) == "the queue is full");
  CHECK(std::string(QueueShutDown().what()) == "the queue was shut down");
}

TEST_CASE("exceptions: BrokenBarrierError is a RuntimeError", "[EXC-08]") {
  CHECK(std::is_base_of_v<RuntimeError, BrokenBarrierError>);
}

TEST_CASE("exceptions: errors of the system are told apart by their code", "[EXC-10]") {
  for (const int error : {ECONNREFUSED, ECONNRESET, EPIPE, EACCES, ENOENT, ESRCH}) {
    bool caught = false;
    try {
      os::throw_system_error(error, "connect to 127.0.0.1:80");
    } catch (const std::system_error& e) {
      caught = e.code() == std::error_code(error, std::generic_category());
      CHECK_THAT(std::string(e.what()), Catch::Matchers::ContainsSubstring("127.0.0.1:80: "));
    }
    CHECK(caught);
  }
}

TEST_CASE("exceptions: what stops the loop is told from everything else", "[EXC-11]") {
  using detail::stops_the_loop;
  CHECK(stops_the_loop(std::make_exception_ptr(KeyboardInterrupt())));
  CHECK(stops_the_loop(std::make_exception_ptr(SystemExit(3))));
  CHECK_FALSE(stops_the_loop(std::make_exception_ptr(CancelledError())));
  CHECK_FALSE(stops_the_loop(std::make_exception_ptr(std::runtime_error("x"))));
  CHECK_FALSE(stops_the_loop(nullptr));
  CHECK(SystemExit(3).code() == 3);
}

TEST_CASE("exceptions: holds() tells the type without throwing") {
  CHECK(detail::holds<CancelledError>(std::make_exception_ptr(CancelledError("x"))));
  CHECK_FALSE(detail::holds<CancelledError>(std::make_exception_ptr(1)));
  CHECK_FALSE(detail::holds<CancelledError>(nullptr));
}

TEST_CASE("exceptions: a cancel reason is made only for a message") {
  CHECK_FALSE(detail::cancel_reason(""));
  CHECK(detail::holds<CancelledError>(detail::cancel_reason("why")));
  CHECK_THROWS_AS(detail::throw_cancelled(nullptr), CancelledError);
  CHECK_THROWS_AS(detail::throw_cancelled(detail::cancel_reason("why")), CancelledError);
}

}  // namespace exceptions_test
