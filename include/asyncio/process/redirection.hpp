// What a child's standard streams are connected to, and the other options of a subprocess.
// Reference: https://docs.python.org/3/library/subprocess.html#popen-constructor
#pragma once

#include <asyncio/os/spawn.hpp>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>

namespace asyncio {

/// What becomes a standard stream of a child: by default what is ours; PIPE, DEVNULL, or a
/// descriptor, which stays the caller's and must be open when the child is started.
class Redirection {
 public:
  /// The library's own use, like kind() and fd().
  enum class Kind : unsigned char { inherit, pipe, null_device, descriptor, standard_output };

  constexpr Redirection() noexcept = default;
  constexpr Redirection(int fd) noexcept : kind_(Kind::descriptor), fd_(fd) {}
  /// The library's own use.
  constexpr explicit Redirection(Kind kind) noexcept : kind_(kind) {}

  /// What it is.
  [[nodiscard]] constexpr Kind kind() const noexcept { return kind_; }
  /// Which descriptor, if it is one.
  [[nodiscard]] constexpr int fd() const noexcept { return fd_; }

 private:
  Kind kind_ = Kind::inherit;
  int fd_ = -1;
};

/// A pipe: Process::stdin_, stdout_ or stderr_ is its other end.
inline constexpr Redirection PIPE(Redirection::Kind::pipe);
/// /dev/null.
inline constexpr Redirection DEVNULL(Redirection::Kind::null_device);

/// The type of STDOUT.
struct SameAsStdout {};
/// For stderr_ only: what the child's standard output is connected to.
inline constexpr SameAsStdout STDOUT{};

/// What becomes the standard error of a child: a Redirection, or STDOUT.
class ErrorRedirection : public Redirection {
 public:
  constexpr ErrorRedirection() noexcept = default;
  constexpr ErrorRedirection(Redirection where) noexcept : Redirection(where) {}
  constexpr ErrorRedirection(int fd) noexcept : Redirection(fd) {}
  constexpr ErrorRedirection(SameAsStdout) noexcept : Redirection(Kind::standard_output) {}
};

/// How create_subprocess_exec() and create_subprocess_shell() start a program. What it points at
/// must live until the call returns, not until it is awaited.
struct SubprocessOptions {
  Redirection stdin_{};
  Redirection stdout_{};
  ErrorRedirection stderr_{};
  std::size_t limit = 64 * 1024;  ///< of the readers, see StreamReader::readuntil()
  std::string_view cwd{};         ///< the child's working directory; empty: ours
  /// "NAME=value" each; unset: our environment.
  std::optional<std::span<const std::string>> env{};
  /// Descriptors that stay open in the child, with the same numbers; all others are closed.
  std::span<const int> pass_fds{};
  bool start_new_session = false;        ///< setsid(2)
  std::optional<pid_t> process_group{};  ///< setpgid(2); 0: a new group
  /// Every signal has its default action in the child and none is blocked. Otherwise the child
  /// ignores and blocks what we do, SIGPIPE excepted.
  /// Differs from Python: there it concerns three signals, and the mask is always inherited.
  bool restore_signals = true;
};
static_assert(std::is_trivially_destructible_v<SubprocessOptions>);

}  // namespace asyncio
