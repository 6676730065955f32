#include <support/uring.hpp>

#include <asyncio/config.hpp>

#include <cerrno>

#include <sys/syscall.h>
#include <unistd.h>

namespace asyncio_test {

int uring_refusal() {
#if ASYNCIO_HAS_URING
  alignas(8) unsigned char params[120] = {};  // struct io_uring_params
  const long fd = ::syscall(SYS_io_uring_setup, 1U, params);
  const int error = errno;
  if (fd < 0) {
    return error;
  }
  ::close(static_cast<int>(fd));
  return 0;
#else
  return ENOSYS;
#endif
}

}  // namespace asyncio_test
