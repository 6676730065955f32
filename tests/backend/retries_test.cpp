#include <asyncio/backend/retries.hpp>

#include <backend/each_backend.hpp>
#include <cerrno>

#include <sys/socket.h>
#include <sys/un.h>

namespace retries_test {

using namespace asyncio_test;
using asyncio::detail::Retries;
using asyncio::os::Address;

namespace {

/// A unix listener whose backlog is full: the next connection would have to wait.
struct FullListener {
  os::Fd fd = os::make_socket(AF_UNIX, SOCK_STREAM);
  Address address;
  std::vector<os::Fd> clients;

  FullListener() {
    static int count = 0;
    const std::string name = std::string("\0asyncio-retries-", 17) + std::to_string(::getpid()) +
                             "-" + std::to_string(++count);
    address = Address::from_unix_path(name);
    os::bind(fd.get(), address);
    os::listen(fd.get(), 1);
    for (os::Fd client = connect(); client; client = connect())
      clients.push_back(std::move(client));
    REQUIRE(errno == EAGAIN);
  }
  /// A connection in the backlog, or none with errno.
  [[nodiscard]] os::Fd connect() const {
    os::Fd client = os::make_socket(AF_UNIX, SOCK_STREAM);
    if (::connect(client.get(), address.data(), address.size()) != 0) client.reset();
    return client;
  }
  void make_room() const {
    const os::Fd accepted(::accept(fd.get(), nullptr, nullptr));
    REQUIRE(accepted);
  }
};

/// connect() to such a listener, submitted.
struct Waiting {
  explicit Waiting(Backend& backend, const FullListener& listener) {
    asyncio::detail::prepare_connect(op, socket.get(), listener.address.data(),
                                     listener.address.size());
    backend.submit(op);
    for (int i = 0; i < 4; ++i) backend.poll(0ns);
    REQUIRE(op.completions == 0);
  }
  os::Fd socket = os::make_socket(AF_UNIX, SOCK_STREAM);
  Op op;
};

/// A test on every backend that works here.
template <class Test>
void on_each_backend(Test test) {
  for (const Kind kind : kinds()) {
    INFO("on " << name_of(kind));
    const auto backend = make_or_throw(kind);
    test(*backend);
  }
}

}  // namespace

TEST_CASE("retries: a connect() waits for a full backlog without spinning", "[backend][SOK-07]") {
  on_each_backend([](Backend& backend) {
    const FullListener listener;
    const Waiting waiting(backend, listener);
    int polls = 0;
    for (const auto end = backend.now() + 40ms; backend.now() < end; ++polls) backend.poll(20ms);
    CHECK(polls < 200);  // a spin makes thousands
    REQUIRE(waiting.op.completions == 0);
    listener.make_room();
    REQUIRE(result_of(backend, waiting.op) == 0);
  });
}

TEST_CASE("retries: a connect() that waits for a full backlog can be cancelled",
          "[backend][SOK-07]") {
  on_each_backend([](Backend& backend) {
    const FullListener listener;
    Waiting waiting(backend, listener);
    backend.cancel(waiting.op);
    REQUIRE(result_of(backend, waiting.op) == -ECANCELED);
    REQUIRE(backend.in_flight() == 0);
  });
}

TEST_CASE("retries: closing the socket ends the wait for a full backlog", "[backend][SOK-07]") {
  on_each_backend([](Backend& backend) {
    const FullListener listener;
    Waiting waiting(backend, listener);
    backend.close(waiting.socket.release());
    REQUIRE(result_of(backend, waiting.op) == -ECANCELED);
  });
}

TEST_CASE("retries: a backend may end while a connect() waits", "[backend][SOK-07]") {
  for (const Kind kind : kinds()) {
    auto backend = make_or_throw(kind);
    const FullListener listener;
    const Waiting waiting(*backend, listener);
    backend.reset();
    CHECK(waiting.op.completions == 0);
    CHECK_FALSE(waiting.op.is_linked());
  }
}

TEST_CASE("retries: a listener that goes ends the wait with an error", "[backend][SOK-07]") {
  on_each_backend([](Backend& backend) {
    FullListener listener;
    const Waiting waiting(backend, listener);
    listener.fd.reset();
    REQUIRE(result_of(backend, waiting.op) == -ECONNREFUSED);
  });
}

TEST_CASE("retries: each pause is twice as long as the last one, up to a limit", "[backend]") {
  using asyncio::detail::OperationType;
  static constexpr OperationType never{.name = "never",
                                       .uring = nullptr,
                                       .readiness = asyncio::detail::Readiness::writable,
                                       .attempt = [](Operation& op) noexcept {
                                         ++static_cast<Op&>(op).completions;
                                         return -EAGAIN;
                                       }};
  Op op;
  asyncio::detail::prepare(op, never, 0);
  Retries retries;
  const auto finish = [](Operation&, int) { FAIL("nothing is done"); };
  auto now = Backend::TimePoint{} + 1h;
  retries.add(op, now);
  for (auto pause = Retries::shortest; pause <= Retries::longest; pause *= 2) {
    CHECK(retries.limit(Backend::forever, now) == pause);
    CHECK(retries.limit(1ns, now) == 1ns);
    op.completions = 0;
    retries.attempt(now + pause - 1ns, finish);
    CHECK(op.completions == 0);
    now += pause;
    CHECK(retries.limit(Backend::forever, now) == 0ns);
    retries.attempt(now, finish);
    CHECK(op.completions == 1);
  }
  CHECK(retries.limit(Backend::forever, now) == Retries::longest);
}

}  // namespace retries_test
