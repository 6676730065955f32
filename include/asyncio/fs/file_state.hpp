// What a File and its operations share: the descriptor, the position, and what was read ahead.
// Reference: Python's io.BufferedRandom.
#pragma once

#include <asyncio/backend/file_operations.hpp>
#include <asyncio/core/perform.hpp>
#include <asyncio/core/task.hpp>
#include <asyncio/detail/scope_exit.hpp>
#include <asyncio/net/loop_resource.hpp>
#include <asyncio/net/read_pace.hpp>
#include <string>
#include <string_view>

namespace asyncio::detail {

/// Counted by the File and by the calls under way.
///
/// Invariant: the file's bytes from `position` on begin with `ahead` from `taken` on. Without seeking,
/// `position` counts what was given, and only `ahead` knows what was read.
class FileState : public Pooled {
 public:
  FileState(os::Fd descriptor, std::string p, int flags)
      : fd(std::move(descriptor)),
        path(std::move(p)),
        is_seekable_(os::file_position(fd.get()) >= 0),
        appends_((flags & O_APPEND) != 0) {
    fd.use_in(get_running_loop());
    if (is_seekable_ && appends_) position = static_cast<std::uint64_t>(os::file_end(fd.get()));
  }
  FileState(const FileState&) = delete;  // operations refer to it
  FileState& operator=(const FileState&) = delete;

  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }

  LoopFd fd;
  const std::string path;
  std::uint64_t position = 0;

  [[nodiscard]] bool is_seekable() const noexcept { return is_seekable_; }

  /// The bytes that were read ahead.
  [[nodiscard]] std::string_view ahead() const noexcept {
    return std::string_view(ahead_).substr(taken_);
  }
  /// Takes the first `count` of them.
  [[nodiscard]] std::string take(std::size_t count) {
    position += count;
    if (taken_ == 0 && count == ahead_.size()) return std::exchange(ahead_, {});
    std::string bytes = ahead_.substr(taken_, count);
    taken_ += count;
    if (taken_ == ahead_.size()) drop_ahead();
    return bytes;
  }
  std::size_t take_into(char* target, std::size_t limit) noexcept {
    const std::size_t count = ahead().copy(target, limit);
    position += count;
    taken_ += count;
    if (taken_ == ahead_.size()) drop_ahead();
    return count;
  }
  /// The content changes, or the position: where it can be read again, what was read ahead is stale.
  void forget_ahead() noexcept {
    is_stale_ = is_busy_;  // a read may be under way: the end of its turn will do it
    if (is_seekable_ && !is_busy_) drop_ahead();
  }

  /// Reads up to `count` more bytes ahead. Returns: how many; 0 at the end of the file.
  template <class OnDemand = void>
  Task<std::size_t> read_ahead(std::size_t count) {
    ahead_.erase(0, std::exchange(taken_, 0));
    const std::size_t size = ahead_.size();
    ahead_.resize(size + count);
    std::size_t more = 0;
    auto trim = [&] { ahead_.resize(size + more); };
    ScopeExit trimmed(trim);
    more = co_await read_some(ahead_.data() + size, count, offset_behind(size));
    co_return more;
  }

  /// One read; an `offset` of all ones is the current position.
  template <class OnDemand = void>
  Task<std::size_t> read_some(void* target, std::size_t count, std::uint64_t offset) {
    const int result = co_await perform(
        [&](Operation& op) { prepare_read_file(op, fd.get(), target, count, offset); },
        next_attempt());
    co_return static_cast<std::size_t>(check(result, "read from "));
  }
  /// One write.
  template <class OnDemand = void>
  Task<std::size_t> write_some(const void* bytes, std::size_t count, std::uint64_t offset) {
    const int result = co_await perform(
        [&](Operation& op) { prepare_write_file(op, fd.get(), bytes, count, offset); },
        next_attempt());
    co_return static_cast<std::size_t>(check(result, "write to "));
  }

  /// An operation on the open file. Throws: std::system_error once it is closed.
  template <class Prepare>
  Perform perform(Prepare prepare, Attempt attempt = Attempt::never) {
    if (!fd.is_open()) fail(EBADF, "use of the closed file ");
    return Perform(prepare, attempt);
  }

  /// The result. Throws: std::system_error with the path.
  int check(int result, const char* what) const {
    // Stopped, and not by a cancellation: the file was closed under the operation.
    if (result == -ECANCELED) fail(EBADF, what);
    if (result < 0) fail(-result, what);
    return result;
  }
  [[noreturn]] void fail(int error, const char* what) const {
    os::throw_system_error(error, what + ("'" + path + "'"));
  }

  /// Where the next write goes.
  [[nodiscard]] std::uint64_t write_offset() const noexcept {
    return is_seekable_ && !appends_ ? position : current_position;
  }
  /// `count` bytes were written there.
  void wrote(std::size_t count) noexcept {
    if (is_seekable_ && appends_)
      position = static_cast<std::uint64_t>(os::file_position(fd.get()));
    else
      position += count;
  }

  /// One task at a time uses the position. Throws: RuntimeError.
  class Turn {
   public:
    explicit Turn(FileState& file) : file_(file) {
      if (file.is_busy_)
        throw RuntimeError(
            "asyncio: another task is already reading or writing this file at its "
            "position; pread() and pwrite() may be used at the same time");
      file.is_busy_ = true;
    }
    Turn(const Turn&) = delete;  // ends once
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
      file_.is_busy_ = false;
      if (file_.is_stale_) file_.forget_ahead();
    }

   private:
    FileState& file_;
  };
  /// An operation is in flight for as long as one of these lives.
  class InUse {
   public:
    explicit InUse(FileState& file) noexcept : file_(file) { ++file.users_; }
    InUse(const InUse&) = delete;  // counted
    InUse& operator=(const InUse&) = delete;
    ~InUse() { --file_.users_; }

   private:
    FileState& file_;
  };
  [[nodiscard]] bool is_in_use() const noexcept { return users_ != 0; }

  static constexpr std::uint64_t current_position = ~0ull;

 private:
  ~FileState() = default;

  void drop_ahead() noexcept {
    ahead_.clear();
    taken_ = 0;
  }
  [[nodiscard]] std::uint64_t offset_behind(std::size_t count) const noexcept {
    return is_seekable_ ? position + count : current_position;
  }
  /// What is in memory is given at once, but not so often that others starve.
  [[nodiscard]] Attempt next_attempt() noexcept {
    if (pace_.may_try_at_once()) return Attempt::first;
    pace_.waited();
    return Attempt::never;
  }

  std::string ahead_;      // read and not all given yet
  std::size_t taken_ = 0;  // of ahead_, at its beginning
  ReadPace pace_;
  const bool is_seekable_;
  const bool appends_;
  bool is_busy_ = false;   // a Turn is under way
  bool is_stale_ = false;  // and `ahead_` is to be forgotten after it
  std::uint32_t refs_ = 0;
  std::uint32_t users_ = 0;  // calls under way
};

}  // namespace asyncio::detail
