#include <asyncio/net/resolve.hpp>

#include "net_support.hpp"

#include <condition_variable>
#include <mutex>
#include <thread>

namespace resolve_test {

using namespace asyncio_test;
using asyncio::Address;
using asyncio::AddressInfo;
using asyncio::detail::AddressLookup;

namespace {

/// A name server that does not answer until it is told to.
struct Stuck {
  Stuck() {
    stuck = this;
    AddressLookup::function = &lookup;
  }
  Stuck(const Stuck&) = delete;
  Stuck& operator=(const Stuck&) = delete;
  ~Stuck() {
    release();
    for (;;) {  // the threads refer to it
      const std::lock_guard lock(mutex);
      if (inside == 0) break;
    }
    AddressLookup::function = &::getaddrinfo;
  }
  void release() {
    const std::lock_guard lock(mutex);
    is_released = true;
    released.notify_all();
  }
  int threads_inside() {
    const std::lock_guard lock(mutex);
    return inside;
  }
  static int lookup(const char* host, const char* service, const addrinfo* hints,
                    addrinfo** found) {
    if (std::string_view(host) != "stuck.invalid")
      return ::getaddrinfo(host, service, hints, found);
    std::unique_lock lock(stuck->mutex);
    ++stuck->inside;
    stuck->released.wait(lock, [] { return stuck->is_released; });
    --stuck->inside;
    return EAI_AGAIN;
  }

  static inline Stuck* stuck = nullptr;
  std::mutex mutex;
  std::condition_variable released;
  bool is_released = false;
  int inside = 0;
};

Task<std::error_code> code_of(Task<std::vector<AddressInfo>> lookup) {
  std::error_code code;
  try {
    static_cast<void>(co_await std::move(lookup));
  } catch (const std::system_error& error) {
    code = error.code();
  }
  co_return code;
}

}  // namespace

ASYNC_TEST("resolve: a numeric host takes neither a thread nor a turn", "[EXE-05]") {
  bool other_ran = false;
  asyncio::get_running_loop().call_soon([&other_ran] { other_ran = true; });
  const std::vector<AddressInfo> v4 =
      co_await asyncio::getaddrinfo("127.0.0.1", 80, {.type = SOCK_STREAM});
  const std::vector<AddressInfo> v6 =
      co_await asyncio::getaddrinfo("::1", "443", {.type = SOCK_DGRAM});
  REQUIRE_FALSE(other_ran);
  co_await turns(1);
  REQUIRE(other_ran);
  REQUIRE(v4.size() == 1);
  REQUIRE(v4[0].address == *Address::from_numeric("127.0.0.1", 80));
  REQUIRE(v4[0].protocol == IPPROTO_TCP);
  REQUIRE(v6[0].address == *Address::from_numeric("::1", 443));
  REQUIRE(v6[0].type == SOCK_DGRAM);
}

ASYNC_TEST("resolve: a numeric host of the wrong family is an error", "[EXE-05]") {
  const std::error_code code =
      co_await code_of(asyncio::getaddrinfo("127.0.0.1", 80, {.family = AF_INET6}));
  REQUIRE(code.category() == asyncio::gai_category());
}

ASYNC_TEST("resolve: names and services", "[EXE-05]") {
  const std::vector<AddressInfo> found =
      co_await asyncio::getaddrinfo("localhost", 80, {.family = AF_INET, .type = SOCK_STREAM});
  REQUIRE(found.size() >= 1);
  REQUIRE(found[0].address.host() == "127.0.0.1");
  const std::vector<AddressInfo> canonical =
      co_await asyncio::getaddrinfo("localhost", 80, {.type = SOCK_STREAM, .flags = AI_CANONNAME});
  REQUIRE_FALSE(canonical[0].canonical_name.empty());
}

ASYNC_TEST("resolve: an empty host", "[SVR-01]") {
  const std::vector<AddressInfo> passive = co_await asyncio::getaddrinfo(
      "", 80, {.family = AF_INET, .type = SOCK_STREAM, .flags = AI_PASSIVE});
  const std::vector<AddressInfo> active =
      co_await asyncio::getaddrinfo("", 80, {.family = AF_INET, .type = SOCK_STREAM});
  REQUIRE(passive[0].address.host() == "0.0.0.0");
  REQUIRE(active[0].address.host() == "127.0.0.1");
}

ASYNC_TEST("resolve: an unknown name is an error of gai_category()", "[EXE-05]") {
  std::string text;
  std::error_code code;
  try {
    static_cast<void>(co_await asyncio::getaddrinfo("unknown.invalid", 80));
  } catch (const std::system_error& error) {
    code = error.code();
    text = error.what();
  }
  REQUIRE(code.category() == asyncio::gai_category());
  REQUIRE(text.starts_with("getaddrinfo of unknown.invalid: "));
  REQUIRE(std::string(asyncio::gai_category().name()) == "getaddrinfo");
}

ASYNC_TEST("resolve: getnameinfo", "[EXE-05]") {
  const Address address = *Address::from_numeric("127.0.0.1", 80);
  const asyncio::NameInfo numeric =
      co_await asyncio::getnameinfo(address, NI_NUMERICHOST | NI_NUMERICSERV);
  REQUIRE(numeric.host == "127.0.0.1");
  REQUIRE(numeric.service == "80");
  const asyncio::NameInfo named = co_await asyncio::getnameinfo(address, NI_NUMERICSERV);
  REQUIRE_FALSE(named.host.empty());
}

ASYNC_TEST("resolve: a stuck lookup is cancelled at once and stops no other",
           "[EXE-05][W-13][N9]") {
  Stuck server;
  auto lookup = asyncio::create_task(asyncio::getaddrinfo("stuck.invalid", 1));
  co_await until([&] { return server.threads_inside() == 1; });
  const std::vector<AddressInfo> found = co_await asyncio::getaddrinfo("localhost", 1);
  REQUIRE_FALSE(found.empty());
  lookup.cancel();
  co_await turns(2);
  REQUIRE(lookup.cancelled());
  REQUIRE(server.threads_inside() == 1);
}

TEST_CASE("resolve: a stuck lookup does not hold up the end of the loop", "[W-13][N9]") {
  for (const auto backend : {asyncio::Backend::epoll, asyncio::Backend::io_uring}) {
    Stuck server;
    auto body = [&]() -> Task<> {
      auto lookup = asyncio::create_task(asyncio::getaddrinfo("stuck.invalid", 1));
      co_await until([&] { return server.threads_inside() == 1; });
    };
    asyncio::run(body, asyncio::RunOptions{.backend = backend});
    REQUIRE(server.threads_inside() == 1);
  }
}

TEST_CASE("resolve: a lookup that ends while the loop closes is dropped", "[N9]") {
  for (int round = 0; round < 20; ++round) {
    Stuck server;
    auto body = [&]() -> Task<> {
      auto lookup = asyncio::create_task(asyncio::getaddrinfo("stuck.invalid", 1));
      co_await until([&] { return server.threads_inside() == 1; });
      server.release();
    };
    asyncio::run(body);
    REQUIRE(server.is_released);
  }
}

TEST_CASE("resolve: ports by number and by name", "[EXE-05]") {
  REQUIRE(asyncio::Port(80).to_string() == "80");
  REQUIRE(asyncio::Port("http").to_string() == "http");
  REQUIRE(asyncio::Port(std::uint16_t{65535}).to_string() == "65535");
  REQUIRE_THROWS_AS(asyncio::Port(70000), std::invalid_argument);
}

}  // namespace resolve_test
