#include <asyncio/os/pipe.hpp>

#include <support/catch.hpp>

namespace pipe_test {

using namespace asyncio::os;

namespace {

bool is_inherited(const Fd& fd) { return (::fcntl(fd.get(), F_GETFD) & FD_CLOEXEC) == 0; }
bool blocks(const Fd& fd) { return (::fcntl(fd.get(), F_GETFL) & O_NONBLOCK) == 0; }

}  // namespace

TEST_CASE("pipe: what is written can be read, and children inherit neither end", "[os]") {
  const Pipe pipe = make_pipe();
  REQUIRE(::write(pipe.writer.get(), "abc", 3) == 3);
  char bytes[4] = {};
  REQUIRE(::read(pipe.reader.get(), bytes, sizeof bytes) == 3);
  CHECK(std::string(bytes) == "abc");
  CHECK_FALSE(is_inherited(pipe.reader));
  CHECK_FALSE(is_inherited(pipe.writer));
}

TEST_CASE("pipe: one end may be non-blocking while the other blocks", "[os]") {
  const Pipe pipe = make_pipe();
  set_nonblocking(pipe.reader.get());
  CHECK_FALSE(blocks(pipe.reader));
  CHECK(blocks(pipe.writer));
  char byte = 0;
  CHECK(::read(pipe.reader.get(), &byte, 1) == -1);
  CHECK(errno == EAGAIN);
}

TEST_CASE("pipe: set_nonblocking throws for what is no descriptor", "[os]") {
  CHECK_THROWS_AS(set_nonblocking(-1), std::system_error);
}

TEST_CASE("pipe: the null device gives nothing and takes everything", "[os]") {
  const Fd null = open_null_device();
  char byte = 0;
  CHECK(::read(null.get(), &byte, 1) == 0);
  CHECK(::write(null.get(), "x", 1) == 1);
  CHECK_FALSE(is_inherited(null));
}

}  // namespace pipe_test
