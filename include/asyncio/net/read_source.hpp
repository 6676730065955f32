// Where a StreamReader gets its bytes from, and how a task waits for enough of them.
// Reference: asyncio/streams.py, StreamReader._wait_for_data.
#pragma once

#include <asyncio/core/wait.hpp>
#include <asyncio/detail/assert.hpp>
#include <asyncio/net/byte_buffer.hpp>

namespace asyncio::detail {

class ReadWaitBase;

/// The unread bytes of a stream and how it ended. Counted: readers and operations refer to it.
/// One read at a time: `reader_` from its suspension until it was resumed.
class ReadSource : public Pooled {
 public:
  static constexpr std::size_t default_limit = 64 * 1024;

  /// Throws: std::invalid_argument for a limit of zero.
  explicit ReadSource(std::size_t limit) : limit_(limit) {
    if (limit == 0) throw std::invalid_argument("Limit cannot be <= 0");
  }
  ReadSource(const ReadSource&) = delete;  // operations point at it
  ReadSource& operator=(const ReadSource&) = delete;
  virtual ~ReadSource() = default;

  void add_ref() noexcept { ++refs_; }
  void drop_ref() noexcept {
    if (--refs_ == 0) delete this;
  }

  /// Asks for more bytes. True: something came at once, or the stream has ended; false: the
  /// waiting reader will be told.
  virtual bool fetch() noexcept = 0;
  /// The same for a caller with memory of its own, which may be filled at once. Returns: how many
  /// bytes were put there; 0: none, fetch() knows more. Needs: fills_directly().
  virtual std::size_t fetch_into(std::span<std::byte>) noexcept { return 0; }
  /// So much comes that fetch_into() is worth a try.
  [[nodiscard]] bool fills_directly() const noexcept { return last_read_was_full_; }
  /// The StreamReader is gone.
  virtual void reader_dropped() noexcept {}
  /// Bytes may come from elsewhere than the feed_ functions.
  [[nodiscard]] virtual bool feeds_itself() const noexcept { return false; }

  [[nodiscard]] ByteBuffer& buffer() noexcept { return buffer_; }
  [[nodiscard]] std::size_t limit() const noexcept { return limit_; }
  [[nodiscard]] bool at_eof() const noexcept { return eof_ && buffer_.empty(); }
  /// Nothing will come any more.
  [[nodiscard]] bool has_ended() const noexcept { return eof_ || loss_ || given_error_; }
  [[nodiscard]] bool has_failed() const noexcept { return loss_ || given_error_; }
  [[nodiscard]] bool has_eof() const noexcept { return eof_; }
  [[nodiscard]] bool has_reader() const noexcept { return reader_ != nullptr; }
  [[nodiscard]] const std::exception_ptr& loss() const noexcept { return loss_; }
  [[nodiscard]] std::exception_ptr exception() const noexcept {
    return given_error_ ? given_error_ : loss_;
  }

  void feed(std::string_view bytes);
  void set_eof() noexcept;
  /// Every read raises it from now on; what is buffered is not served (as in Python).
  void set_exception(std::exception_ptr error) noexcept;
  /// Reads raise it once what is buffered was read.
  void set_loss(std::exception_ptr error) noexcept;

  /// Throws what set_exception() was given.
  void throw_given_error() const {
    if (given_error_) [[unlikely]]
      std::rethrow_exception(given_error_);
  }

 protected:
  /// Bytes came, or the end: resumes the reader if it has what it wants, else fetches more.
  void notify_reader() noexcept;

  ByteBuffer buffer_;
  bool last_read_was_full_ = false;  // it filled all the space it had

 private:
  friend class ReadWaitBase;

  std::size_t limit_;
  std::exception_ptr given_error_;  // of set_exception()
  std::exception_ptr loss_;         // of the connection
  ReadWaitBase* reader_ = nullptr;
  std::uint32_t refs_ = 0;
  bool eof_ = false;
};

/// A read under way. Suspends once, however many times bytes must come; they leave the buffer only
/// when the task resumes, so that a cancelled read has had no effect.
class ReadWaitBase : public Wait {
 public:
  void suspend(PromiseBase& frame) noexcept {
    begin(frame);
    source_->reader_ = this;
  }
  /// Bytes came, or the end.
  void bytes_came() noexcept {
    if (is_satisfied() || fetch_and_advance()) wake_up();
  }

 protected:
  explicit ReadWaitBase(Ref<ReadSource> source) noexcept : source_(std::move(source)) {}
  ~ReadWaitBase() { leave_source(); }

  /// The bytes in the buffer are what was asked for, or show that it cannot be had.
  [[nodiscard]] virtual bool is_satisfied() noexcept = 0;

  /// Throws: RuntimeError if another read waits; the source's exception.
  void enter(const char* function) {
    source_->throw_given_error();
    if (source_->reader_) [[unlikely]]
      throw_busy(function);
  }
  /// Fetches while that gives something at once. True: nothing is left to wait for.
  /// Needs: is not satisfied.
  [[nodiscard]] bool fetch_and_advance() noexcept {
    do {
      if (source_->has_ended()) return true;
      if (!source_->fetch()) return false;
    } while (!is_satisfied());
    return true;
  }
  /// Throws: CancelledError; the bytes then stay in the buffer.
  void finish() {
    leave_source();
    resume();
  }

  Ref<ReadSource> source_;

 private:
  void leave() noexcept override { leave_source(); }
  void leave_source() noexcept {
    if (source_ && source_->reader_ == this) source_->reader_ = nullptr;
  }
  [[noreturn]] __attribute__((noinline)) static void throw_busy(const char* function) {
    throw RuntimeError(std::string(function) +
                       "() called while another coroutine is already waiting for incoming data");
  }
};

inline void ReadSource::notify_reader() noexcept {
  if (reader_) reader_->bytes_came();
}
inline void ReadSource::feed(std::string_view bytes) {
  ASYNCIO_ASSERT(!eof_, "feed_data after feed_eof");
  if (bytes.empty()) return;
  buffer_.append(bytes);
  notify_reader();
}
inline void ReadSource::set_eof() noexcept {
  eof_ = true;
  notify_reader();
}
inline void ReadSource::set_exception(std::exception_ptr error) noexcept {
  given_error_ = std::move(error);
  notify_reader();
}
inline void ReadSource::set_loss(std::exception_ptr error) noexcept {
  if (!loss_) loss_ = std::move(error);
  notify_reader();
}

/// A reader made by hand: whatever it reads was fed.
class FedSource final : public ReadSource {
 public:
  using ReadSource::ReadSource;
  bool fetch() noexcept override { return false; }
};

/// The leaf of a read. `Goal` says what is wanted: `name`, `is_satisfied(source)`, and `take(source)`
/// for when it is satisfied or the stream has ended.
template <class Goal>
class ReadWait final : public ReadWaitBase {
 public:
  ReadWait(Ref<ReadSource> source, Goal goal) noexcept
      : ReadWaitBase(std::move(source)), goal_(std::move(goal)) {}

  bool await_ready() {
    enter(Goal::name);
    if (goal_.is_satisfied(*source_)) return true;
    if constexpr (requires { goal_.take_direct(*source_); })
      if (source_->fills_directly() && goal_.take_direct(*source_)) return true;
    return fetch_and_advance();
  }
  decltype(auto) await_resume() {
    finish();
    if (source_->has_failed() && !goal_.is_satisfied(*source_)) source_->throw_given_error();
    return goal_.take(*source_);
  }

 private:
  bool is_satisfied() noexcept override { return goal_.is_satisfied(*source_); }

  Goal goal_;
};

}  // namespace asyncio::detail
