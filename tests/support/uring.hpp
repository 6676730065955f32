// Whether tests of the io_uring backend can run here.
#pragma once

namespace asyncio_test {

/// Asks the kernel itself, not the library: 0, or the errno with which it refuses io_uring.
int uring_refusal();

}  // namespace asyncio_test
