// A table indexed by file descriptor whose entries never move, for objects that others point at.
// Reference: none in Python; selectors' dict of keys comes close.
#pragma once

#include <array>
#include <asyncio/detail/assert.hpp>
#include <cstddef>
#include <memory>
#include <vector>

namespace asyncio::detail {

/// Maps small integers to a T that is made when it is first asked for and stays where it is.
/// Cost: a page of 64 entries is allocated when the first of them is used.
template <class T>
class DescriptorTable {
 public:
  T& operator[](int fd) {
    ASYNCIO_ASSERT(fd >= 0, "a negative number is no descriptor");
    const auto index = static_cast<std::size_t>(fd);
    const std::size_t page = index / page_size;
    if (page >= pages_.size() || pages_[page] == nullptr) add_page(page);
    return (*pages_[page])[index % page_size];
  }

  template <class Visit>
  void for_each(Visit visit) {
    for (auto& page : pages_) {
      if (page == nullptr) continue;
      for (T& entry : *page) visit(entry);
    }
  }

 private:
  static constexpr std::size_t page_size = 64;
  using Page = std::array<T, page_size>;

  void add_page(std::size_t page) {
    if (page >= pages_.size()) pages_.resize(page + 1);
    pages_[page] = std::make_unique<Page>();
  }

  std::vector<std::unique_ptr<Page>> pages_;  ///< null where no entry was asked for
};

}  // namespace asyncio::detail
