#include <asyncio/fs/file_calls.hpp>

#include <support/catch.hpp>

namespace file_calls_test {

using asyncio::detail::open_flags;

TEST_CASE("file calls: the flags of Python's modes") {
  CHECK(open_flags("r") == O_RDONLY);
  CHECK(open_flags("rb") == O_RDONLY);
  CHECK(open_flags("r+") == O_RDWR);
  CHECK(open_flags("+br") == O_RDWR);
  CHECK(open_flags("w") == (O_WRONLY | O_CREAT | O_TRUNC));
  CHECK(open_flags("w+") == (O_RDWR | O_CREAT | O_TRUNC));
  CHECK(open_flags("a") == (O_WRONLY | O_CREAT | O_APPEND));
  CHECK(open_flags("a+") == (O_RDWR | O_CREAT | O_APPEND));
  CHECK(open_flags("x") == (O_WRONLY | O_CREAT | O_EXCL));
  CHECK_THROWS_AS(open_flags("r w"), std::invalid_argument);
  CHECK_THROWS_AS(open_flags("b"), std::invalid_argument);
}

}  // namespace file_calls_test
