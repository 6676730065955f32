// Which thread this is, as the kernel counts. Reference: gettid(2).
#pragma once

#include <unistd.h>

namespace asyncio::os {

/// The kernel's number of the calling thread. Used again only after the numbers have gone round.
[[nodiscard]] inline int thread_id() noexcept { return ::gettid(); }

}  // namespace asyncio::os
