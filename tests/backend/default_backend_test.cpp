#include <asyncio/backend/default_backend.hpp>

#include <algorithm>
#include <backend/each_backend.hpp>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <string>
#include <support/child.hpp>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace default_backend_test {

using namespace asyncio_test;
using asyncio::detail::MadeBackend;
using asyncio::detail::make_backend;

namespace {

/// Makes `number` fail with `error` from now on, in this process and for good.
bool refuse_call(int number, int error) {
  sock_filter program[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(number), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | static_cast<std::uint32_t>(error)),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{static_cast<unsigned short>(std::size(program)), program};
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
         ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// What a child did; no Catch2 in there, where a failure would run the parent's tests on.
enum Outcome { works = 0, refused_filter, wrong_backend, wrong_reason, no_bytes };

/// Moves bytes through `backend`.
Outcome exercise(Backend& backend) {
  auto [ours, theirs] = os::socket_pair();
  char buffer[4];
  Op op;
  asyncio::detail::prepare_recv(op, ours.get(), buffer, sizeof buffer);
  backend.submit(op);
  if (::write(theirs.get(), "abc", 3) != 3) return no_bytes;
  drive(backend, [&] { return op.is_complete(); });
  return op.result == 3 ? works : no_bytes;
}

/// A variable of the environment for a scope; null: it is not set.
struct Environment {
  explicit Environment(const char* value, const char* variable = "ASYNCIO_BACKEND")
      : name(variable), before(::getenv(variable) != nullptr ? ::getenv(variable) : "(unset)") {
    set(value);
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment() { set(before == "(unset)" ? nullptr : before.c_str()); }
  void set(const char* value) const {
    if (value != nullptr)
      ::setenv(name, value, 1);
    else
      ::unsetenv(name);
  }
  const char* name;
  std::string before;
};

/// What make_backend() throws; "" where it throws nothing.
std::string refusal_of(asyncio::Backend choice) {
  try {
    make_backend(choice);
  } catch (const std::exception& error) {
    return error.what();
  }
  return "";
}

bool has_uring() {
  static const bool result = kinds().size() > 1;
  return result;
}

/// The memory of rings that were closed a moment ago counts against RLIMIT_MEMLOCK, so that the
/// next one may be refused although the first worked.
bool is_short_of_memory(const std::string& reason) {
  return reason.find("RLIMIT_MEMLOCK") != std::string::npos;
}

void require_uring_if_it_works() {
  try {
    const MadeBackend made = make_backend(asyncio::Backend::io_uring);
    REQUIRE(made.backend->name() == "io_uring");
    REQUIRE(made.reason == "io_uring, because the program asks for it by name");
  } catch (const std::runtime_error& error) {
    INFO(error.what());
    REQUIRE((!has_uring() || is_short_of_memory(error.what())));
  }
}

}  // namespace

TEST_CASE("default backend: automatic takes io_uring where it works", "[backend][default]") {
  const Environment nothing(nullptr);
  const MadeBackend made = make_backend(asyncio::Backend::automatic);
  if (made.backend->name() == "io_uring") {
    REQUIRE(made.reason.find("io_uring, because it works here (Linux ") == 0);
  } else {
    REQUIRE(made.backend->name() == "epoll");
    const bool is_new = os::kernel_version() >= os::KernelVersion{6, 1};
    REQUIRE((!has_uring() || !is_new || is_short_of_memory(made.reason)));
    REQUIRE(made.reason.find("epoll, because ") == 0);
  }
  REQUIRE(exercise(*made.backend) == works);
}

TEST_CASE("default backend: hundreds of loops one after another", "[backend][default]") {
  // The kernel counts the memory of a closed ring for a while, so that some of them may get epoll.
  for (int i = 0; i < 200; ++i) {
    const MadeBackend made = make_backend(asyncio::Backend::automatic);
    REQUIRE(made.reason.find(std::string(made.backend->name()) + ", because ") == 0);
  }
}

TEST_CASE("default backend: epoll can be asked for", "[backend][default]") {
  const MadeBackend made = make_backend(asyncio::Backend::epoll);
  REQUIRE(made.backend->name() == "epoll");
  REQUIRE(made.reason == "epoll, because the program asks for it by name");
}

TEST_CASE("default backend: io_uring can be asked for", "[backend][default]") {
  require_uring_if_it_works();
}

TEST_CASE("default backend: the environment decides what automatic is, and nothing else",
          "[backend][default]") {
  const Environment environment("epoll");
  const MadeBackend made = make_backend(asyncio::Backend::automatic);
  REQUIRE(made.backend->name() == "epoll");
  REQUIRE(made.reason == "epoll, because ASYNCIO_BACKEND asks for it");
  require_uring_if_it_works();
}

TEST_CASE("default backend: a wrong value in the environment is an error", "[backend][default]") {
  const Environment environment("kqueue");
  REQUIRE_THROWS_AS(make_backend(asyncio::Backend::automatic), std::invalid_argument);
  REQUIRE(refusal_of(asyncio::Backend::automatic) ==
          "asyncio: ASYNCIO_BACKEND is \"kqueue\"; it may be \"io_uring\" or \"epoll\"");
}

#if ASYNCIO_HAS_URING

namespace {
Outcome expect_fallback(std::string_view call) {
  const MadeBackend made = make_backend(asyncio::Backend::automatic);
  if (made.backend->name() != "epoll") return wrong_backend;
  if (made.reason.find("epoll, because io_uring does not work here: " + std::string(call)) != 0)
    return wrong_reason;
  return exercise(*made.backend);
}
}  // namespace

TEST_CASE("default backend: a sandbox that refuses io_uring gives epoll and the reason",
          "[backend][default]") {
  struct Call {
    int number;
    const char* name;
  };
  const auto call = GENERATE(Call{SYS_io_uring_setup, "io_uring_setup: "},
                             Call{SYS_io_uring_enter, "io_uring_enter: "},
                             Call{SYS_io_uring_register, "io_uring_register: "});
  const int error = GENERATE(EPERM, ENOSYS, EACCES);
  INFO(call.name << std::strerror(error));
  if (!has_uring()) return;  // refused already, by somebody else's filter
  REQUIRE(in_child([&] {
            const Environment nothing(nullptr);
            if (!refuse_call(call.number, error)) return refused_filter;
            return expect_fallback(call.name + std::string(std::strerror(error)));
          }) == works);
}

TEST_CASE("default backend: the environment decides on the size of the ring",
          "[backend][default]") {
  const Environment small("4:8", "ASYNCIO_RING_ENTRIES");
  const os::RingOptions options = asyncio::detail::ring_options_from_environment();
  REQUIRE(options.entries == 4);
  REQUIRE(options.completion_entries == 8);
  const Environment one("32", "ASYNCIO_RING_ENTRIES");
  REQUIRE(asyncio::detail::ring_options_from_environment().entries == 32);
  REQUIRE(asyncio::detail::ring_options_from_environment().completion_entries == 0);
  require_uring_if_it_works();
}

TEST_CASE("default backend: a wrong size of the ring is an error", "[backend][default]") {
  const char* const value = GENERATE("", "0", "four", "4:", "4:8:", "4 8", ":8");
  const Environment environment(value, "ASYNCIO_RING_ENTRIES");
  REQUIRE_THROWS_AS(make_backend(asyncio::Backend::io_uring), std::invalid_argument);
  REQUIRE(refusal_of(asyncio::Backend::io_uring) ==
          "asyncio: ASYNCIO_RING_ENTRIES is \"" + std::string(value) +
              "\"; it may be a number, as \"64\", or two, as \"64:256\"");
}

TEST_CASE("default backend: io_uring asked for by name and refused says why",
          "[backend][default]") {
  REQUIRE(in_child([] {
            if (!refuse_call(SYS_io_uring_setup, EPERM)) return refused_filter;
            try {
              make_backend(asyncio::Backend::io_uring);
            } catch (const std::runtime_error& error) {
              const std::string expected =
                  "asyncio: io_uring does not work here: io_uring_setup: Operation not permitted"
                  " (a seccomp filter, or the sysctl kernel.io_uring_disabled)";
              return error.what() == expected ? works : wrong_reason;
            }
            return wrong_backend;
          }) == works);
}

TEST_CASE("default backend: no locked memory for an ordinary user", "[backend][default]") {
  const rlim_t limit = GENERATE(0u, 16u * 1024, 64u * 1024);
  INFO(limit << " bytes");
  const Environment nothing(nullptr);
  REQUIRE(in_child([&] {
            rlimit memory{};
            ::getrlimit(RLIMIT_MEMLOCK, &memory);
            memory.rlim_cur = memory.rlim_max = std::min(memory.rlim_max, limit);
            if (::setrlimit(RLIMIT_MEMLOCK, &memory) != 0) return refused_filter;
            if (::getuid() == 0 && (::setgid(65534) != 0 || ::setuid(65534) != 0)) {
              return refused_filter;
            }
            const MadeBackend made = make_backend(asyncio::Backend::automatic);
            if (made.reason.find(std::string(made.backend->name()) + ", because ") != 0)
              return wrong_reason;
            return exercise(*made.backend);
          }) == works);
}

#else

TEST_CASE("default backend: without liburing it says so", "[backend][default]") {
  REQUIRE(make_backend(asyncio::Backend::automatic).reason ==
          "epoll, because io_uring does not work here: the library was built without liburing");
  REQUIRE(refusal_of(asyncio::Backend::io_uring) ==
          "asyncio: io_uring does not work here: the library was built without liburing");
}

#endif  // ASYNCIO_HAS_URING

TEST_CASE("default backend: epoll works where epoll_pwait2 is refused", "[backend][default]") {
#if defined(SYS_epoll_pwait2)
  const int error = GENERATE(EPERM, ENOSYS);
  REQUIRE(in_child([&] {
            if (!refuse_call(SYS_epoll_pwait2, error)) return refused_filter;
            const MadeBackend made = make_backend(asyncio::Backend::epoll);
            if (!waits_for(*made.backend, std::chrono::microseconds(1500))) return no_bytes;
            return exercise(*made.backend);
          }) == works);
#endif
}

}  // namespace default_backend_test
