// Destruction of what is nested deeply, without recursion: CPython's trashcan.
#pragma once

#include <utility>
#include <vector>

namespace asyncio::detail {

/// Destroys `value`, whose destructor may lead to further calls, one after the other instead of one
/// inside the other. Where memory runs out it recurses. Threads: each for itself.
template <class T>
void destroy_flat(T value) noexcept {
  static thread_local std::vector<T>* waiting = nullptr;
  if (waiting) {
    try {
      waiting->push_back(std::move(value));
    } catch (...) {  // `value` is destroyed here
    }
    return;
  }
  std::vector<T> queue;
  waiting = &queue;
  for (;;) {
    value = T();
    if (queue.empty()) break;
    value = std::move(queue.back());
    queue.pop_back();
  }
  waiting = nullptr;
}

}  // namespace asyncio::detail
