#include <asyncio/os/kernel.hpp>

#include <support/catch.hpp>

namespace kernel_test {

using asyncio::os::KernelVersion;

TEST_CASE("kernel: reports a version, which orders by major number first", "[os]") {
  REQUIRE(asyncio::os::kernel_version() >= KernelVersion{3, 0});
  REQUIRE(KernelVersion{6, 1} < KernelVersion{6, 12});
  REQUIRE(KernelVersion{5, 19} < KernelVersion{6, 1});
}

}  // namespace kernel_test
