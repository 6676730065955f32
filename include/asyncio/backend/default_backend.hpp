// Chooses the backend and says why.
// Reference: none in Python; asyncio.new_event_loop() comes close.
#pragma once

#include <asyncio/backend/backend.hpp>
#include <asyncio/backend/backend_kind.hpp>
#include <asyncio/backend/epoll_backend.hpp>
#include <asyncio/backend/uring_backend.hpp>
#include <asyncio/config.hpp>
#include <asyncio/os/kernel.hpp>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace asyncio::detail {
inline namespace ASYNCIO_ABI {

/// A backend and a sentence that says why it is this one.
struct MadeBackend {
  std::unique_ptr<detail::Backend> backend;
  std::string reason;  ///< for people: "epoll, because ASYNCIO_BACKEND asks for it"
};

/// What ASYNCIO_BACKEND asks for; automatic when it is not set.
inline asyncio::Backend backend_from_environment() {
  const char* const value = std::getenv("ASYNCIO_BACKEND");
  if (value == nullptr) return asyncio::Backend::automatic;
  const std::string_view name = value;
  if (name == "io_uring") return asyncio::Backend::io_uring;
  if (name == "epoll") return asyncio::Backend::epoll;
  throw std::invalid_argument("asyncio: ASYNCIO_BACKEND is \"" + std::string(name) +
                              "\"; it may be \"io_uring\" or \"epoll\"");
}

/// What the user can do about an errno of io_uring's set-up.
inline std::string_view uring_refusal_hint(int error) noexcept {
  switch (error) {
    case EPERM:
    case EACCES:
      return " (a seccomp filter, or the sysctl kernel.io_uring_disabled)";
    case ENOSYS:
      return " (a kernel without io_uring, or a seccomp filter)";
    case ENOMEM:
      return " (the limit on locked memory, RLIMIT_MEMLOCK)";
    default:
      return "";
  }
}

#if ASYNCIO_HAS_URING
/// What ASYNCIO_RING_ENTRIES asks for: "64" entries for submissions, or "4:8", also those for
/// completions. Small rings spare locked memory, and let a test fill them.
inline os::RingOptions ring_options_from_environment() {
  os::RingOptions options;
  const char* const value = std::getenv("ASYNCIO_RING_ENTRIES");
  if (value == nullptr) return options;
  char rest = '\0';
  unsigned& completions = options.completion_entries;
  const bool is_right = std::sscanf(value, "%5u%c", &options.entries, &rest) == 1 ||
                        std::sscanf(value, "%5u:%5u%c", &options.entries, &completions, &rest) == 2;
  if (!is_right || options.entries == 0)
    throw std::invalid_argument("asyncio: ASYNCIO_RING_ENTRIES is \"" + std::string(value) +
                                "\"; it may be a number, as \"64\", or two, as \"64:256\"");
  return options;
}
#endif

/// An io_uring backend, or none and what refused it.
/// Throws: std::invalid_argument for a wrong ASYNCIO_RING_ENTRIES.
inline MadeBackend try_uring_backend() {
#if ASYNCIO_HAS_URING
  const os::RingOptions options = ring_options_from_environment();
  try {
    return {std::make_unique<UringBackend>(options), {}};
  } catch (const std::system_error& error) {
    return {nullptr, error.what() + std::string(uring_refusal_hint(error.code().value()))};
  }
#else
  return {nullptr, "the library was built without liburing"};
#endif
}

inline MadeBackend epoll_because(const std::string& reason) {
  return {std::make_unique<EpollBackend>(), "epoll, because " + reason};
}

/// io_uring has what we use since 5.11, but older kernels than 6.1 have bugs that hang or corrupt
/// (close() with ETXTBSY, lost wake-ups at exit): there it is used only when asked for by name.
inline MadeBackend automatic_backend() {
  const os::KernelVersion version = os::kernel_version();
  const std::string kernel =
      "Linux " + std::to_string(version.major_number) + "." + std::to_string(version.minor_number);
  if (version < os::KernelVersion{6, 1})
    return epoll_because(kernel + " is older than 6.1, where io_uring is used only if asked for");
  MadeBackend made = try_uring_backend();
  if (made.backend == nullptr) return epoll_because("io_uring does not work here: " + made.reason);
  made.reason = "io_uring, because it works here (" + kernel + "), and epoll is only for where not";
  return made;
}

/// io_uring or nothing.
inline MadeBackend uring_because(const std::string& reason) {
  MadeBackend made = try_uring_backend();
  if (made.backend == nullptr)
    throw std::runtime_error("asyncio: io_uring does not work here: " + made.reason);
  made.reason = "io_uring, because " + reason;
  return made;
}

/// Makes the backend of a loop.
/// Throws: std::invalid_argument for a wrong ASYNCIO_BACKEND; std::runtime_error with the reason
/// where io_uring was asked for by name and does not work; std::system_error where epoll fails.
inline MadeBackend make_backend(asyncio::Backend choice) {
  const bool may_choose = choice == asyncio::Backend::automatic;
  if (may_choose) choice = backend_from_environment();
  if (choice == asyncio::Backend::automatic) return automatic_backend();
  const char* const reason =
      may_choose ? "ASYNCIO_BACKEND asks for it" : "the program asks for it by name";
  return choice == asyncio::Backend::epoll ? epoll_because(reason) : uring_because(reason);
}

}  // namespace ASYNCIO_ABI
}  // namespace asyncio::detail
