// The choice of a backend that users make.
// Reference: none in Python; asyncio.Runner's loop_factory comes close.
#pragma once

namespace asyncio {

/// How the event loop asks the kernel.
enum class Backend {
  automatic,  ///< io_uring where it works, else epoll; the environment variable ASYNCIO_BACKEND
              ///< ("io_uring" or "epoll") decides instead if it is set
  io_uring,   ///< or an exception that says why not
  epoll
};

}  // namespace asyncio
