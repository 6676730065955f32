// The file of a unix socket: a stale one is in the way of bind(2), and nobody removes it by itself.
// Reference: Python's create_unix_server(cleanup_socket=...); unix(7).
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace asyncio::os {

/// Remembers which file a socket was bound to, and removes it if it is still that one.
class SocketFile {
 public:
  /// Nothing to remove.
  SocketFile() noexcept = default;
  /// The file that `path` names now. Abstract names have none.
  explicit SocketFile(std::string_view path) : path_(path) {
    struct stat status{};
    if (is_abstract(path_) || ::stat(path_.c_str(), &status) != 0) {
      path_.clear();
      return;
    }
    device_ = status.st_dev;
    inode_ = status.st_ino;
  }
  SocketFile(SocketFile&& other) noexcept
      : path_(std::exchange(other.path_, {})), device_(other.device_), inode_(other.inode_) {}
  SocketFile& operator=(SocketFile&& other) noexcept {
    remove();
    path_ = std::exchange(other.path_, {});
    device_ = other.device_;
    inode_ = other.inode_;
    return *this;
  }
  ~SocketFile() { remove(); }

  /// Removes the file unless somebody else has replaced it.
  void remove() noexcept {
    struct stat status{};
    if (!path_.empty() && ::stat(path_.c_str(), &status) == 0 && status.st_dev == device_ &&
        status.st_ino == inode_)
      ::unlink(path_.c_str());
    path_.clear();
  }

  /// Removes what an earlier server has left at `path`. Other files stay, and bind(2) will fail.
  static void remove_stale(const std::string& path) noexcept {
    struct stat status{};
    if (!is_abstract(path) && ::stat(path.c_str(), &status) == 0 && S_ISSOCK(status.st_mode))
      ::unlink(path.c_str());
  }

 private:
  static bool is_abstract(std::string_view path) noexcept {
    return path.empty() || path.front() == '\0';
  }

  std::string path_;  // empty: nothing to remove
  dev_t device_ = 0;
  ino_t inode_ = 0;
};

}  // namespace asyncio::os
