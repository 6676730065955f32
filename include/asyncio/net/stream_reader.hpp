// StreamReader: the incoming half of a connection, with a buffer.
// Reference: https://docs.python.org/3/library/asyncio-stream.html#streamreader
#pragma once

#include <asyncio/net/bytes_view.hpp>
#include <asyncio/net/deferred.hpp>
#include <asyncio/net/read_goals.hpp>

namespace asyncio {

/// Reads bytes, lines and records. A movable handle; dropping it and its StreamWriter closes the
/// connection. One read at a time: a second one gets a RuntimeError that names it.
///
/// Reading happens on demand: nothing is taken from the kernel before somebody asks for it, so a
/// slow reader slows its peer. What is read fits together: no byte is lost or given twice, also
/// when a read is cancelled at whatever point; the bytes stay for the next one.
/// A connection that fails raises its error once what came before was read; an exception of
/// set_exception() is raised at once.
class [[nodiscard("dropping the reader and the writer closes the connection")]] StreamReader {
  template <class Goal>
  using Read = detail::Deferred<detail::ReadWait<Goal>, detail::Ref<detail::ReadSource>, Goal>;

 public:
  /// A reader of its own, to be fed. `limit`: see readuntil().
  /// Throws: std::invalid_argument if it is 0.
  explicit StreamReader(std::size_t limit = detail::ReadSource::default_limit)
      : source_(new detail::FedSource(limit)) {}
  /// The library's own use.
  explicit StreamReader(detail::Ref<detail::ReadSource> source) noexcept
      : source_(std::move(source)) {}
  StreamReader(StreamReader&&) noexcept = default;
  StreamReader& operator=(StreamReader&& other) noexcept {
    drop();
    source_ = std::move(other.source_);
    return *this;
  }
  ~StreamReader() { drop(); }

  /// Gives what has come: at least one byte, at most `count`; none at the end of the stream, or
  /// when `count` is 0. Cost: the string.
  [[nodiscard]] auto read(std::size_t count) { return start(detail::ReadSome(count)); }
  /// Gives everything up to the end of the stream.
  [[nodiscard]] auto read() { return start(detail::ReadAll()); }
  /// The same as read(count) without a string. Returns: how many bytes; 0 at the end of the stream.
  /// Lifetime: `target` until the await returns. Cost: no allocation.
  [[nodiscard]] auto read_into(std::span<std::byte> target) {
    return start(detail::ReadInto(target));
  }

  /// Gives a line with its '\n'; at the end of the stream what is left, perhaps nothing.
  /// Throws: std::invalid_argument if the line is longer than the limit; the line is then dropped
  /// if its end has come, and all that is buffered otherwise.
  [[nodiscard]] auto readline() { return start(detail::ReadLine()); }

  /// Gives exactly `count` bytes, however large. Throws: IncompleteReadError with what came before
  /// the end of the stream.
  [[nodiscard]] auto readexactly(std::size_t count) { return start(detail::ReadExactly(count)); }

  /// Gives the bytes through the separator; of several separators the match that ends first counts.
  /// Throws: IncompleteReadError at the end of the stream; LimitOverrunError if the separator does
  /// not begin within the limit, and then nothing was consumed; std::invalid_argument for an empty
  /// separator.
  template <std::convertible_to<std::string_view>... S>
    requires(sizeof...(S) > 0)
  [[nodiscard]] auto readuntil(const S&... separators) {
    using Separators = std::array<std::string, sizeof...(S)>;
    return start(
        detail::ReadUntil<Separators>(Separators{std::string(std::string_view(separators))...}));
  }
  [[nodiscard]] auto readuntil() { return readuntil(std::string_view("\n")); }
  [[nodiscard]] auto readuntil(std::vector<std::string> separators) {
    return start(detail::ReadUntil<std::vector<std::string>>(std::move(separators)));
  }

  /// Gives the next line, or nothing at the end of the stream:
  /// `while (auto line = co_await reader.next()) …`. Python's `async for line in reader`.
  /// Throws: as readline().
  [[nodiscard]] auto next() { return start(detail::ReadNext()); }

  /// The end of the stream has come, and everything before it was read.
  [[nodiscard]] bool at_eof() const noexcept { return source_->at_eof(); }

  /// Adds bytes to a reader made by hand. Throws: RuntimeError if a connection feeds it.
  void feed_data(BytesView bytes) {
    check_feedable();
    source_->feed(bytes.view());
  }
  /// Nothing will be fed any more.
  void feed_eof() {
    check_feedable();
    source_->set_eof();
  }
  /// "<StreamReader 5 bytes eof limit=1024 waiter exception>": what applies.
  friend std::string to_string(const StreamReader& reader) {
    detail::ReadSource& source = *reader.source_;
    std::string text = "<StreamReader";
    if (!source.buffer().empty()) text += ' ' + std::to_string(source.buffer().size()) + " bytes";
    if (source.has_eof()) text += " eof";
    if (source.limit() != detail::ReadSource::default_limit)
      text += " limit=" + std::to_string(source.limit());
    if (source.has_reader()) text += " waiter";
    if (source.exception()) text += " exception";
    return text + '>';
  }
  /// The library's own use.
  [[nodiscard]] const detail::Ref<detail::ReadSource>& shared_source() const noexcept {
    return source_;
  }
  /// What reads raise, or null.
  [[nodiscard]] std::exception_ptr exception() const noexcept { return source_->exception(); }
  /// Every read raises `error` from now on, also one that waits.
  void set_exception(std::exception_ptr error) { source_->set_exception(std::move(error)); }
  template <class E>
    requires(!std::same_as<std::remove_cvref_t<E>, std::exception_ptr>)
  void set_exception(E&& error) {
    set_exception(std::make_exception_ptr(std::forward<E>(error)));
  }

 private:
  template <class Goal>
  Read<Goal> start(Goal goal) {
    return Read<Goal>(source_, std::move(goal));
  }
  void check_feedable() const {
    if (source_->feeds_itself())
      throw RuntimeError("asyncio: this StreamReader is fed by its connection");
  }
  void drop() noexcept {
    if (auto source = std::exchange(source_, {})) source->reader_dropped();
  }

  detail::Ref<detail::ReadSource> source_;  // null after a move
};

}  // namespace asyncio
