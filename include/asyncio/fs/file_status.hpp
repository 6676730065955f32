// What the file system knows of a file.
// Reference: statx(2); Python's os.stat_result.
#pragma once

#include <asyncio/os/file.hpp>
#include <chrono>
#include <cstdint>

namespace asyncio {

/// The answer of File::stat().
class FileStatus {
 public:
  using time_point = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

  explicit FileStatus(const struct statx& status) noexcept : status_(status) {}

  /// In bytes.
  [[nodiscard]] std::uint64_t size() const noexcept { return status_.stx_size; }
  /// What the file takes on the disk, in bytes; less than size() if it has holes.
  [[nodiscard]] std::uint64_t allocated() const noexcept { return status_.stx_blocks * 512; }
  /// The kind of file and the permissions, as S_ISREG() and its like take them.
  [[nodiscard]] unsigned mode() const noexcept { return status_.stx_mode; }
  /// As chmod(2) takes them.
  [[nodiscard]] unsigned permissions() const noexcept { return status_.stx_mode & 07777u; }
  /// Not a directory, device, pipe or socket.
  [[nodiscard]] bool is_regular_file() const noexcept { return S_ISREG(status_.stx_mode); }
  /// A folder, which can be opened and asked, not read.
  [[nodiscard]] bool is_directory() const noexcept { return S_ISDIR(status_.stx_mode); }
  /// When the content was last changed.
  [[nodiscard]] time_point modified() const noexcept {
    return time_point(std::chrono::seconds(status_.stx_mtime.tv_sec) +
                      std::chrono::nanoseconds(status_.stx_mtime.tv_nsec));
  }
  /// Everything else, as the kernel gave it.
  [[nodiscard]] const struct statx& raw() const noexcept { return status_; }

 private:
  struct statx status_;
};

}  // namespace asyncio
