// The calls of a File, as coroutines that keep its state.
// Reference: Python's io module; the semantics of the position are in fs/file.hpp.
#pragma once

#include <asyncio/fs/close_wait.hpp>
#include <asyncio/fs/file_state.hpp>
#include <asyncio/fs/file_status.hpp>
#include <asyncio/net/bytes_view.hpp>
#include <optional>
#include <span>

namespace asyncio::detail {

/// What a line is looked for in, and what is read at a time where nobody says how much.
inline constexpr std::size_t file_chunk = 64 * 1024;

/// The most memory that is made ready at a time for bytes that may not be there.
inline constexpr std::size_t largest_read_ahead = 16 * 1024 * 1024;

/// O_* of Python's mode string. Throws: std::invalid_argument.
[[nodiscard]] inline int open_flags(std::string_view mode) {
  int flags = -1;
  bool is_updating = false;
  for (const char c : mode) {
    const int kind = c == 'r'   ? 0
                     : c == 'w' ? O_CREAT | O_TRUNC
                     : c == 'a' ? O_CREAT | O_APPEND
                     : c == 'x' ? O_CREAT | O_EXCL
                                : -1;
    const bool is_new = kind >= 0 && flags < 0;
    if (is_new)
      flags = kind;
    else if (c == '+' && !is_updating)
      is_updating = true;
    else if (c != 'b')
      throw std::invalid_argument("invalid mode: '" + std::string(mode) + "'");
  }
  if (flags < 0) throw std::invalid_argument("mode must have one of r, w, a and x");
  const int access = is_updating ? O_RDWR : flags == 0 ? O_RDONLY : O_WRONLY;
  return flags | access;
}

template <class OnDemand = void>
Task<Ref<FileState>> open_state(std::string path, int flags, unsigned permissions) {
  const int result = co_await Perform(
      [&](Operation& op) { prepare_open(op, path.c_str(), flags, permissions); }, Attempt::never);
  if (result < 0) os::throw_system_error(-result, "open '" + path + "'");
  os::Fd fd(result);
  co_return Ref<FileState>(new FileState(std::move(fd), std::move(path), flags));
}

template <class OnDemand = void>
Task<std::string> read_exactly(Ref<FileState> file, std::size_t count) {
  const FileState::Turn turn(*file);
  const FileState::InUse in_use(*file);
  std::size_t more = 1;
  while (file->ahead().size() < count && more != 0)
    more = co_await file->read_ahead(std::min(count - file->ahead().size(), largest_read_ahead));
  co_return file->take(std::min(count, file->ahead().size()));
}

template <class OnDemand = void>
Task<std::string> read_to_end(Ref<FileState> file) {
  const FileState::Turn turn(*file);
  const FileState::InUse in_use(*file);
  std::size_t chunk = file_chunk;
  std::size_t more = 1;
  while (more != 0) {
    more = co_await file->read_ahead(chunk);
    chunk = std::clamp(file->ahead().size(), file_chunk, largest_read_ahead);
  }
  co_return file->take(file->ahead().size());
}

template <class OnDemand = void>
Task<std::size_t> read_into(Ref<FileState> file, std::span<std::byte> target) {
  const FileState::Turn turn(*file);
  const FileState::InUse in_use(*file);
  // Safe because any object may be written as bytes.
  char* const bytes = reinterpret_cast<char*>(target.data());
  if (!file->ahead().empty()) co_return file->take_into(bytes, target.size());
  const std::uint64_t offset = file->is_seekable() ? file->position : FileState::current_position;
  const std::size_t count = co_await file->read_some(bytes, target.size(), offset);
  file->position += count;
  co_return count;
}

template <class OnDemand = void>
Task<std::string> read_line(Ref<FileState> file) {
  const FileState::Turn turn(*file);
  const FileState::InUse in_use(*file);
  std::size_t searched = 0;
  for (;;) {
    const std::size_t end = file->ahead().find('\n', searched);
    if (end != std::string_view::npos) co_return file->take(end + 1);
    searched = file->ahead().size();
    const std::size_t more = co_await file->read_ahead(std::max(file_chunk, searched));
    if (more == 0) co_return file->take(searched);
  }
}

template <class OnDemand = void>
Task<std::optional<std::string>> next_line(Ref<FileState> file) {
  std::string line = co_await read_line(std::move(file));
  if (line.empty()) co_return std::nullopt;
  co_return line;
}

template <class OnDemand = void>
Task<> write_all(Ref<FileState> file, BytesView bytes) {
  const FileState::Turn turn(*file);
  const FileState::InUse in_use(*file);
  file->forget_ahead();
  std::size_t done = 0;
  while (done < bytes.size()) {
    const std::size_t count =
        co_await file->write_some(bytes.data() + done, bytes.size() - done, file->write_offset());
    file->wrote(count);
    done += count;
  }
}

template <class OnDemand = void>
Task<std::string> read_at(Ref<FileState> file, std::size_t count, std::uint64_t offset) {
  const FileState::InUse in_use(*file);
  std::string bytes(count, '\0');
  std::size_t done = 0;
  std::size_t more = 1;
  while (done < count && more != 0) {
    more = co_await file->read_some(bytes.data() + done, count - done, offset + done);
    done += more;
  }
  bytes.resize(done);
  co_return bytes;
}

template <class OnDemand = void>
Task<> write_at(Ref<FileState> file, BytesView bytes, std::uint64_t offset) {
  const FileState::InUse in_use(*file);
  file->forget_ahead();
  std::size_t done = 0;
  while (done < bytes.size())
    done += co_await file->write_some(bytes.data() + done, bytes.size() - done, offset + done);
  file->forget_ahead();  // what was read meanwhile
}

template <class OnDemand = void>
Task<> truncate(Ref<FileState> file, std::uint64_t size) {
  if (!file->fd.is_open()) file->fail(EBADF, "truncate ");
  file->check(os::truncate_file(file->fd.get(), size), "truncate ");
  file->forget_ahead();
  co_return;
}

template <class OnDemand = void>
Task<> sync(Ref<FileState> file, unsigned flags) {
  const FileState::InUse in_use(*file);
  const int result =
      co_await file->perform([&](Operation& op) { prepare_fsync(op, file->fd.get(), flags); });
  file->check(result, "fsync of ");
}

template <class OnDemand = void>
Task<FileStatus> status(Ref<FileState> file) {
  const FileState::InUse in_use(*file);
  struct statx status{};
  const int result =
      co_await file->perform([&](Operation& op) { prepare_stat(op, file->fd.get(), &status); });
  file->check(result, "stat of ");
  co_return FileStatus(status);
}

/// Null, closed before, or with calls under way: there is nothing to wait for.
template <class OnDemand = void>
Task<> close_file(Ref<FileState> file) {
  if (!file || !file->fd.is_open()) co_return;
  if (file->is_in_use()) co_return file->fd.close();
  const int result = co_await CloseWait(file->fd.release());
  if (result != -EINTR) file->check(result, "close ");  // closed all the same
}

}  // namespace asyncio::detail
