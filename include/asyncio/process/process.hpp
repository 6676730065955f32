// Process: a running program and its pipes.
// Reference: https://docs.python.org/3/library/asyncio-subprocess.html#interacting-with-subprocesses
#pragma once

#include <asyncio/core/task_handle.hpp>
#include <asyncio/net/stream_writer.hpp>
#include <asyncio/process/child.hpp>

namespace asyncio {
namespace detail {

/// Takes nothing, so that a cancellation loses nothing.
template <class OnDemand = void>
Task<> wait_for_end(Ref<ReadSource> source) {
  co_await ReadWait<ReadNothing>(std::move(source), ReadNothing());
}

/// Reads a stream to its end, if there is one, for as long as it lives: in a task that refers to
/// nothing but the stream, so that it may end a little later.
template <class OnDemand = void>
class ReadingToEnd {
 public:
  explicit ReadingToEnd(const std::optional<StreamReader>& reader) {
    if (reader) task_ = create_task(wait_for_end(reader->shared_source()));
  }
  ReadingToEnd(const ReadingToEnd&) = delete;  // cancels once
  ReadingToEnd& operator=(const ReadingToEnd&) = delete;
  ~ReadingToEnd() {
    if (task_) task_->cancel();
  }
  Task<> wait() {
    if (task_) co_await *task_;
  }

 private:
  std::optional<TaskHandle<>> task_;
};

[[nodiscard]] inline std::optional<std::string> take_all(std::optional<StreamReader>& reader) {
  if (!reader) return std::nullopt;
  ByteBuffer& buffer = reader->shared_source()->buffer();
  return buffer.take(buffer.size());
}

/// A child that does not want its input is no failure.
[[nodiscard]] inline bool is_broken_pipe(const std::system_error& error) noexcept {
  return error.code().value() == EPIPE || error.code().value() == ECONNRESET;
}

/// Writes all and closes, also when there is nothing to write.
template <class OnDemand = void>
Task<> feed_to_end(std::optional<StreamWriter>& writer, BytesView input) {
  if (!writer) co_return;
  try {
    if (!input.empty()) co_await writer->write_all(input);
  } catch (const std::system_error& error) {
    if (!is_broken_pipe(error)) throw;
  }
  writer->close();
}

}  // namespace detail

/// A program that was started, of create_subprocess_exec() or create_subprocess_shell(). A movable
/// handle; dropping it while the program runs kills the program (SIGKILL), see detach(). It is
/// reaped in any case, by the loop that started it.
/// Threads: of the loop that started it.
class [[nodiscard("dropping the Process kills the program")]] Process {
 public:
  /// The library's own use.
  explicit Process(detail::Ref<detail::Child> child) noexcept : child_(std::move(child)) {}
  Process(Process&&) noexcept = default;
  Process& operator=(Process&& other) noexcept {
    drop();
    child_ = std::move(other.child_);
    stdin_ = std::move(other.stdin_);
    stdout_ = std::move(other.stdout_);
    stderr_ = std::move(other.stderr_);
    return *this;
  }
  ~Process() { drop(); }

  /// Its standard input, if PIPE was asked for. Close it, or drop it, to let the program see the
  /// end of its input.
  std::optional<StreamWriter> stdin_;
  /// Its standard output, if PIPE was asked for. What the program has written can still be read
  /// after it has exited.
  std::optional<StreamReader> stdout_;
  /// Its standard error, if PIPE was asked for.
  std::optional<StreamReader> stderr_;

  /// Waits until the program has exited and gives its returncode(). Any number of tasks may wait,
  /// at any time. A pipe that fills up while nobody reads keeps the program from ending: read it,
  /// or use communicate().
  [[nodiscard]] auto wait() {
    return detail::Deferred<detail::ExitWait, detail::Ref<detail::Child>>(child_);
  }

  /// Writes `input` and closes stdin_, reads stdout_ and stderr_ to their ends, all at the same
  /// time so that no pipe fills up, and waits for the exit. Gives what was read; nullopt where
  /// there is no pipe. A program that does not read its input is no error.
  /// Throws: std::system_error when reading or writing fails otherwise.
  /// Cancellation: the program runs on; what was read stays in the readers, an unknown part of the
  /// input was written.
  /// Lifetime: the Process and the bytes until the await returns.
  template <class OnDemand = void>
  [[nodiscard]] Task<std::pair<std::optional<std::string>, std::optional<std::string>>> communicate(
      BytesView input = {}) {
    detail::ReadingToEnd output(stdout_);
    detail::ReadingToEnd errors(stderr_);
    co_await detail::feed_to_end(stdin_, input);
    co_await output.wait();
    co_await errors.wait();
    co_await wait();
    co_return std::pair(detail::take_all(stdout_), detail::take_all(stderr_));
  }

  /// The exit status; minus the number of the signal that ended it; nullopt while it runs. 255 if
  /// somebody else has waited for it.
  [[nodiscard]] std::optional<int> returncode() const noexcept { return child_->returncode(); }
  /// Its number; means nothing once returncode() is known.
  [[nodiscard]] int pid() const noexcept { return child_->pid(); }

  /// Sends a signal; does nothing once the program has exited, and never hits another one.
  /// Throws: std::system_error for a number that is no signal, or if the program is not ours any
  /// more to signal (EPERM).
  void send_signal(int signal) { child_->send_signal(signal); }
  /// Asks it to end: SIGTERM.
  void terminate() { send_signal(SIGTERM); }
  /// Ends it: SIGKILL.
  void kill() { send_signal(SIGKILL); }

  /// From now on the program is left alone when this object or the loop goes. The loop reaps it as
  /// long as it runs; after that the program is nobody's until this process ends.
  void detach() noexcept { child_->set_fate(detail::ChildFate::left_alone); }

 private:
  void drop() noexcept {
    if (auto child = std::exchange(child_, {})) child->drop_owner();
  }

  detail::Ref<detail::Child> child_;  // null after a move
};

}  // namespace asyncio
