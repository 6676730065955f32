// expect-abort: asyncio: a program has no name
#include <asyncio/detail/assert.hpp>

int main(int argc, char**) {
  ASYNCIO_ASSERT(argc < 1, "a program has no name");
  return 0;
}
