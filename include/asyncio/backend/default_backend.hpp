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
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>

namespace asyncio::detail {
inline namespace ASYNCIO_ABI {

/// A backend and, if it is not what was hoped for, a sentence that says why.
struct MadeBackend {
  std::unique_ptr<detail::Backend> backend;
  std::string reason;  ///< why not io_uring, for people; empty where nothing was refused
};

/// What ASYNCIO_BACKEND asks for; automatic when it is not set.
inline asyncio::Backend backend_from_environment() {
  const char* const value = std::getenv("ASYNCIO_BACKEND");
  if (value == nullptr)
    return asyncio::Backend::automatic;
  const std::string_view name = value;
  if (name == "io_uring")
    return asyncio::Backend::io_uring;
  if (name == "epoll")
    return asyncio::Backend::epoll;
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

/// An io_uring backend, or none and the reason.
inline MadeBackend try_uring_backend() {
#if ASYNCIO_HAS_URING
  try {
    return {std::make_unique<UringBackend>(), {}};
  } catch (const std::system_error& error) {
    return {nullptr, error.what() + std::string(uring_refusal_hint(error.code().value()))};
  }
#else
  return {nullptr, "built without liburing"};
#endif
}

/// io_uring has what we use since 5.11, but older kernels than 6.1 have bugs that hang or corrupt
/// (close() with ETXTBSY, lost wake-ups at exit): there it is used only when asked for by name.
inline MadeBackend automatic_backend() {
  const os::KernelVersion version = os::kernel_version();
  MadeBackend made;
  if (version >= os::KernelVersion{6, 1}) {
    made = try_uring_backend();
  } else {
    made.reason = "Linux " + std::to_string(version.major_number) + "." +
                  std::to_string(version.minor_number) + " is older than 6.1";
  }
  if (made.backend == nullptr)
    made.backend = std::make_unique<EpollBackend>();
  return made;
}

/// Makes the backend of a loop.
/// Throws: std::invalid_argument for a wrong ASYNCIO_BACKEND; std::runtime_error with the reason
/// where io_uring was asked for by name and does not work; std::system_error where epoll fails.
inline MadeBackend make_backend(asyncio::Backend choice) {
  if (choice == asyncio::Backend::automatic)
    choice = backend_from_environment();
  if (choice == asyncio::Backend::automatic)
    return automatic_backend();
  if (choice == asyncio::Backend::epoll)
    return {std::make_unique<EpollBackend>(), {}};
  MadeBackend made = try_uring_backend();
  if (made.backend == nullptr) {
    throw std::runtime_error("asyncio: io_uring does not work here: " + made.reason);
  }
  return made;
}

}  // namespace ASYNCIO_ABI
}  // namespace asyncio::detail
