// expect-success
// A check that holds costs nothing and says nothing.
#include <asyncio/detail/assert.hpp>

int main(int argc, char**) {
  ASYNCIO_ASSERT(argc >= 1, "every program has a name");
  return 0;
}
