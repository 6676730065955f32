// What to_string() of a synchronisation primitive prints.
// Reference: asyncio/locks.py, the __repr__ of each.
#pragma once

#include <string>

namespace asyncio::detail {

/// "<Lock [locked, waiters:2]>"; without waiters they are not mentioned.
[[nodiscard]] inline std::string state_text(const char* type, std::string state,
                                            std::size_t waiters) {
  if (waiters != 0) state += ", waiters:" + std::to_string(waiters);
  return '<' + std::string(type) + " [" + state + "]>";
}

}  // namespace asyncio::detail
