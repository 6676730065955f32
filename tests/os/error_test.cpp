#include <asyncio/os/error.hpp>

#include <cerrno>
#include <support/catch.hpp>

namespace error_test {

TEST_CASE("error: names the call and the errno", "[os]") {
  try {
    asyncio::os::throw_system_error(ECONNREFUSED, "connect to 127.0.0.1:80");
  } catch (const std::system_error& error) {
    REQUIRE(std::string(error.what()) == "connect to 127.0.0.1:80: Connection refused");
    REQUIRE(error.code() == std::errc::connection_refused);
  }
}

}  // namespace error_test
