// What each method of StreamReader waits for, and what it takes out of the buffer.
// Reference: asyncio/streams.py, StreamReader.readuntil and its neighbours.
#pragma once

#include <array>
#include <asyncio/net/read_source.hpp>
#include <optional>
#include <vector>

namespace asyncio::detail {

inline void throw_loss_of(const ReadSource& source) {
  if (source.loss()) std::rethrow_exception(source.loss());
}

/// read(n): whatever is there, at most n bytes.
class ReadSome {
 public:
  static constexpr const char* name = "read";
  explicit ReadSome(std::size_t limit) noexcept : limit_(limit) {}

  [[nodiscard]] bool is_satisfied(ReadSource& source) const noexcept {
    return limit_ == 0 || !source.buffer().empty();
  }
  [[nodiscard]] std::string take(ReadSource& source) const {
    ByteBuffer& buffer = source.buffer();
    if (buffer.empty() && limit_ != 0) throw_loss_of(source);
    return buffer.take(std::min(limit_, buffer.size()));
  }

 private:
  std::size_t limit_;
};

/// read_into(span).
class ReadInto {
 public:
  static constexpr const char* name = "read_into";
  explicit ReadInto(std::span<std::byte> target) noexcept : target_(target) {}

  /// Where the connection gives bytes at once they need not go through its buffer. Needs: not
  /// satisfied.
  [[nodiscard]] bool take_direct(ReadSource& source) noexcept {
    direct_ = source.fetch_into(target_);
    return direct_ != 0;
  }
  [[nodiscard]] bool is_satisfied(ReadSource& source) const noexcept {
    return target_.empty() || direct_ != 0 || !source.buffer().empty();
  }
  [[nodiscard]] std::size_t take(ReadSource& source) const {
    if (direct_ != 0) return direct_;
    if (source.buffer().empty() && !target_.empty()) throw_loss_of(source);
    return source.buffer().take_into(target_);
  }

 private:
  std::span<std::byte> target_;
  std::size_t direct_ = 0;  // bytes that are in target_ already
};

/// read(): everything until the end of the stream.
class ReadAll {
 public:
  static constexpr const char* name = "read";

  [[nodiscard]] bool is_satisfied(ReadSource& source) const noexcept { return source.has_eof(); }
  [[nodiscard]] std::string take(ReadSource& source) const {
    throw_loss_of(source);
    return source.buffer().take(source.buffer().size());
  }
};

/// The end of the stream. Everything before it stays in the buffer.
class ReadNothing {
 public:
  static constexpr const char* name = "read";

  [[nodiscard]] bool is_satisfied(ReadSource& source) const noexcept { return source.has_eof(); }
  void take(ReadSource& source) const { throw_loss_of(source); }
};

/// readexactly(n).
class ReadExactly {
 public:
  static constexpr const char* name = "readexactly";
  explicit ReadExactly(std::size_t count) noexcept : count_(count) {}

  [[nodiscard]] bool is_satisfied(ReadSource& source) const noexcept {
    return source.buffer().size() >= count_;
  }
  [[nodiscard]] std::string take(ReadSource& source) const {
    ByteBuffer& buffer = source.buffer();
    if (buffer.size() >= count_) return buffer.take(count_);
    throw_loss_of(source);
    throw IncompleteReadError(buffer.take(buffer.size()), count_);
  }

 private:
  std::size_t count_;
};

inline constexpr const char* found_over_limit =
    "Separator is found, but chunk is longer than limit";
inline constexpr const char* not_found_over_limit =
    "Separator is not found, and chunk exceed the limit";

/// readline(): through '\n', or what there is at the end of the stream.
class ReadLine {
 public:
  static constexpr const char* name = "readline";

  [[nodiscard]] bool is_satisfied(ReadSource& source) noexcept {
    const std::string_view bytes = source.buffer().view();
    position_ = bytes.find('\n', std::min(searched_, bytes.size()));
    searched_ = std::min(position_, bytes.size());
    return position_ != bytes.npos || bytes.size() > source.limit();
  }
  [[nodiscard]] std::string take(ReadSource& source) const {
    ByteBuffer& buffer = source.buffer();
    if (position_ == std::string_view::npos) return take_without_end(source);
    if (position_ <= source.limit()) return buffer.take(position_ + 1);
    buffer.consume(position_ + 1);
    throw std::invalid_argument(found_over_limit);
  }

 private:
  static std::string take_without_end(ReadSource& source) {
    ByteBuffer& buffer = source.buffer();
    if (buffer.size() > source.limit()) {
      buffer.clear();
      throw std::invalid_argument(not_found_over_limit);
    }
    throw_loss_of(source);
    return buffer.take(buffer.size());
  }

  std::size_t searched_ = 0;  // bytes that hold no line's end
  std::size_t position_ = std::string_view::npos;
};

/// next(): a line, or nothing at the end.
class ReadNext {
 public:
  static constexpr const char* name = "next";

  [[nodiscard]] bool is_satisfied(ReadSource& source) noexcept {
    return line_.is_satisfied(source);
  }
  [[nodiscard]] std::optional<std::string> take(ReadSource& source) const {
    std::string line = line_.take(source);
    if (line.empty()) return std::nullopt;
    return line;
  }

 private:
  ReadLine line_;
};

/// readuntil(separators…): through the match that ends first.
template <class Separators>
class ReadUntil {
 public:
  static constexpr const char* name = "readuntil";

  /// Throws: std::invalid_argument.
  explicit ReadUntil(Separators separators) : separators_(std::move(separators)) {
    if (separators_.empty())
      throw std::invalid_argument("Separator should contain at least one element");
    for (const std::string& separator : separators_) {
      shortest_ = std::min(shortest_, separator.size());
      longest_ = std::max(longest_, separator.size());
    }
    if (shortest_ == 0) throw std::invalid_argument("Separator should be at least one-byte string");
  }

  /// Searches what came since the last call.
  [[nodiscard]] bool is_satisfied(ReadSource& source) noexcept {
    const std::string_view bytes = source.buffer().view();
    if (match_end_ != 0 || is_overrun_) return true;
    if (bytes.size() < searched_ + shortest_) return false;
    for (const std::string& separator : separators_) search(bytes, separator);
    if (match_end_ != 0) return true;
    // A separator that is split over two chunks begins in the last bytes of the first.
    searched_ = bytes.size() + 1 > longest_ ? bytes.size() + 1 - longest_ : 0;
    is_overrun_ = searched_ > source.limit();
    return is_overrun_;
  }
  [[nodiscard]] std::string take(ReadSource& source) const {
    ByteBuffer& buffer = source.buffer();
    if (is_overrun_) throw LimitOverrunError(not_found_over_limit, searched_);
    if (match_end_ == 0) {
      throw_loss_of(source);
      throw IncompleteReadError(buffer.take(buffer.size()), std::nullopt);
    }
    if (match_start_ > source.limit()) throw LimitOverrunError(found_over_limit, match_start_);
    return buffer.take(match_end_);
  }

 private:
  /// Of two matches with the same end, the shorter separator counts.
  void search(std::string_view bytes, std::string_view separator) noexcept {
    const std::size_t start = bytes.find(separator, searched_);
    if (start == bytes.npos) return;
    const std::size_t end = start + separator.size();
    if (match_end_ != 0 && end > match_end_) return;
    match_start_ = match_end_ == end ? std::max(match_start_, start) : start;
    match_end_ = end;
  }

  Separators separators_;
  std::size_t shortest_ = ~std::size_t{0};
  std::size_t longest_ = 0;
  std::size_t searched_ = 0;  // no separator begins before
  std::size_t match_start_ = 0;
  std::size_t match_end_ = 0;  // 0: none found
  bool is_overrun_ = false;
};

}  // namespace asyncio::detail
