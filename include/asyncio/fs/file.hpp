// File: reading and writing files without blocking the loop.
// Reference: Python's open() and io.FileIO; there is nothing like it in its asyncio.
#pragma once

#include <asyncio/fs/file_calls.hpp>

namespace asyncio {

/// How a file is opened. Trivially destructible.
struct OpenFileOptions {
  int flags = 0;                ///< O_* besides those of the mode, for instance O_DIRECTORY
  unsigned permissions = 0666;  ///< of a new file, less the process's umask
};
static_assert(std::is_trivially_destructible_v<OpenFileOptions>);

/// A regular file, a directory's descriptor or a device that never makes one wait for long; pipes and
/// terminals are for streams. On io_uring the kernel does the work; on epoll threads of the backend do.
/// What the kernel has in memory is read at once.
///
/// The position is the File's own, and starts at 0: it moves by what was read or written, also when a
/// call is cancelled or fails half-way. One task at a time may use it; any number may pread() and pwrite().
/// Errors are std::system_error and name the path.
/// Threads: of one loop. Lifetime: buffers given to a call must outlive its await, the File need not.
/// Cancellation: the kernel is asked to stop; if the call had its effect all the same, that is given
/// and the CancelledError comes at the next suspension.
class File {
 public:
  /// Owns nothing; only assignment and is_open() are allowed.
  File() noexcept = default;
  File(File&&) noexcept = default;
  File& operator=(File&& other) noexcept {
    abandon();
    state_ = std::move(other.state_);
    return *this;
  }
  /// Closes at once, and ignores what close(2) says; calls under way are stopped.
  ~File() { abandon(); }

  /// Opens a file. `mode` is Python's: "r" reads, "w" empties or makes, "a" appends, "x" makes a new
  /// one; with "+" both reads and writes; "b" changes nothing.
  /// Throws: std::invalid_argument for another mode; std::system_error.
  template <class OnDemand = void>
  [[nodiscard]] static Task<File> open(std::string_view path, std::string_view mode = "r",
                                       const OpenFileOptions& options = {}) {
    return opened(std::string(path), detail::open_flags(mode) | options.flags, options.permissions);
  }

  /// Gives the next `count` bytes, fewer only at the end of the file.
  template <class OnDemand = void>
  [[nodiscard]] Task<std::string> read(std::size_t count) {
    return detail::read_exactly(state(), count);
  }
  /// Gives everything from the position to the end.
  template <class OnDemand = void>
  [[nodiscard]] Task<std::string> read() {
    return detail::read_to_end(state());
  }
  /// One read into `target`. Returns: how many bytes, perhaps fewer than there are; 0 at the end.
  template <class OnDemand = void>
  [[nodiscard]] Task<std::size_t> read_into(std::span<std::byte> target) {
    return detail::read_into(state(), target);
  }
  /// Gives the next line with its '\n'; without one at the end of the file, where it is empty.
  template <class OnDemand = void>
  [[nodiscard]] Task<std::string> readline() {
    return detail::read_line(state());
  }
  /// `while (auto line = co_await file.next())`: the lines, one after the other.
  template <class OnDemand = void>
  [[nodiscard]] Task<std::optional<std::string>> next() {
    return detail::next_line(state());
  }

  /// Writes all of `bytes` at the position. After an error or a cancellation, tell() says how much.
  template <class OnDemand = void>
  [[nodiscard]] Task<> write(BytesView bytes) {
    return detail::write_all(state(), bytes);
  }

  /// Gives `count` bytes from `offset` on, fewer only at the end of the file. The position stays.
  template <class OnDemand = void>
  [[nodiscard]] Task<std::string> pread(std::size_t count, std::uint64_t offset) {
    return detail::read_at(state(), count, offset);
  }
  /// Writes all of `bytes` at `offset`. The position stays. In mode "a" they go to the end.
  template <class OnDemand = void>
  [[nodiscard]] Task<> pwrite(BytesView bytes, std::uint64_t offset) {
    return detail::write_at(state(), bytes, offset);
  }

  /// Moves the position, counted from the beginning; beyond the end is allowed.
  /// Throws: std::system_error ESPIPE for what has no position; RuntimeError while another task uses it.
  void seek(std::uint64_t position) {
    detail::FileState& file = *state();
    const detail::FileState::Turn turn(file);
    if (!file.is_seekable()) file.fail(ESPIPE, "seek in ");
    file.forget_ahead();
    file.position = position;
  }
  /// The position.
  [[nodiscard]] std::uint64_t tell() const { return state()->position; }

  /// Cuts the file, or lengthens it with zeros, to `size` bytes. The position stays.
  /// Cost: done by the calling thread, as it concerns no content.
  template <class OnDemand = void>
  [[nodiscard]] Task<> truncate(std::uint64_t size) {
    return detail::truncate(state(), size);
  }
  /// Returns when the disk has everything.
  template <class OnDemand = void>
  [[nodiscard]] Task<> fsync() {
    return detail::sync(state(), 0);
  }
  /// The same for the content and what is needed to read it.
  template <class OnDemand = void>
  [[nodiscard]] Task<> fdatasync() {
    return detail::sync(state(), 1);
  }
  /// Size, permissions and times.
  template <class OnDemand = void>
  [[nodiscard]] Task<FileStatus> stat() {
    return detail::status(state());
  }

  /// Closes, and reports what could not be written. Idempotent. A call that is awaited elsewhere fails
  /// with EBADF. Cancellation: the file is closed, and the CancelledError comes at the next suspension.
  template <class OnDemand = void>
  [[nodiscard]] Task<> close() {
    return detail::close_file(state_);
  }

  /// Neither closed nor moved from.
  [[nodiscard]] bool is_open() const noexcept { return state_ && state_->fd.is_open(); }
  /// The descriptor; -1 once closed.
  [[nodiscard]] int fileno() const noexcept { return state_ ? state_->fd.get() : -1; }
  /// As it was given to open().
  [[nodiscard]] const std::string& path() const { return state()->path; }

 private:
  using StateRef = detail::Ref<detail::FileState>;

  explicit File(StateRef state) noexcept : state_(std::move(state)) {}

  template <class OnDemand = void>
  static Task<File> opened(std::string path, int flags, unsigned permissions) {
    StateRef state = co_await detail::open_state(std::move(path), flags, permissions);
    co_return File(std::move(state));
  }
  const StateRef& state() const {
    if (!state_) throw RuntimeError("asyncio: this File owns nothing: it was moved from");
    return state_;
  }
  void abandon() noexcept {
    if (state_) state_->fd.close();
  }

  StateRef state_;
};

}  // namespace asyncio
