// The main function of every test program. A test without an assertion fails, since a body that was
// never entered must not pass; so does a name that matches no test.
#if __has_include(<catch2/catch_session.hpp>)
#include <catch2/catch_session.hpp>

constexpr auto strict =
    Catch::WarnAbout::NoAssertions;  // version 3 always fails a name without a test
#else
// Catch2 2.13 is header-only; its implementation is compiled here.
#define CATCH_CONFIG_RUNNER
#include <catch2/catch.hpp>

constexpr auto strict =
    static_cast<Catch::WarnAbout::What>(Catch::WarnAbout::NoAssertions | Catch::WarnAbout::NoTests);
#endif

int main(int argc, char** argv) {
  Catch::Session session;
  session.configData().warnings = strict;
  return session.run(argc, argv);
}
