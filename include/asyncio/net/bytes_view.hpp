// Bytes that somebody else owns, as the functions that send take them.
// Reference: Python's bytes-like objects.
#pragma once

#include <concepts>
#include <cstddef>
#include <span>
#include <string_view>
#include <type_traits>

namespace asyncio {

/// Text or raw bytes: converts from what converts to std::string_view or to
/// std::span<const std::byte>. Trivially copyable; owns nothing.
class BytesView {
 public:
  constexpr BytesView() noexcept = default;
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  constexpr BytesView(const T& text) noexcept : bytes_(std::string_view(text)) {}
  template <class T>
    requires(!std::convertible_to<const T&, std::string_view> &&
             std::convertible_to<const T&, std::span<const std::byte>>)
  BytesView(const T& bytes) noexcept : BytesView(std::span<const std::byte>(bytes)) {}
  BytesView(std::span<const std::byte> bytes) noexcept
      // Safe because any object may be looked at as characters.
      : bytes_(reinterpret_cast<const char*>(bytes.data()), bytes.size()) {}

  /// The first byte; null for a view of nothing.
  [[nodiscard]] constexpr const char* data() const noexcept { return bytes_.data(); }
  /// How many bytes there are.
  [[nodiscard]] constexpr std::size_t size() const noexcept { return bytes_.size(); }
  /// There are no bytes.
  [[nodiscard]] constexpr bool empty() const noexcept { return bytes_.empty(); }
  /// The bytes as characters.
  [[nodiscard]] constexpr std::string_view view() const noexcept { return bytes_; }

 private:
  std::string_view bytes_;
};

static_assert(std::is_trivially_copyable_v<BytesView>);

}  // namespace asyncio
