// How the programs that compare with CPython end.
#pragma once

#include <asyncio/core/running_loop.hpp>

#include <cstdio>
#include <cstdlib>
#include <exception>

namespace conformance {

/// Exit codes: CTest takes 77 as "skipped".
enum ExitCode { passed = 0, failed = 1, misused = 2, skipped = 77 };

/// Whether tests on io_uring can run here.
inline ExitCode check_io_uring() {
  try {
    static_cast<void>(asyncio::new_event_loop(asyncio::Backend::io_uring));
    return passed;
  } catch (const std::exception& e) {
    std::printf("this kernel refuses io_uring: %s; ASYNCIO_ALLOW_NO_URING=1 skips its tests\n",
                e.what());
    return std::getenv("ASYNCIO_ALLOW_NO_URING") ? skipped : failed;
  }
}

}  // namespace conformance
