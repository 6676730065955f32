#include <asyncio/config.hpp>
#include <support/catch.hpp>

TEST_CASE("config: has a version and says what the build can use") {
  CHECK(ASYNCIO_VERSION_MAJOR >= 0);
  CHECK(ASYNCIO_VERSION_MINOR >= 0);
  CHECK(ASYNCIO_VERSION_PATCH >= 0);
  CHECK((ASYNCIO_HAS_URING == 0 || ASYNCIO_HAS_URING == 1));
}

TEST_CASE("config: knows the compilers that destroy closures twice") {
#if defined(__clang__) || __GNUC__ >= 13
  CHECK(ASYNCIO_CLOSURE_TEMPORARIES_BROKEN == 0);
#else
  CHECK(ASYNCIO_CLOSURE_TEMPORARIES_BROKEN == 1);
#endif
}
