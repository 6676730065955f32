// expect-abort: operations were in flight when the loop was gone
// A loop that is gone while an operation is in flight: whoever submitted it had to take it back.
#include <asyncio/testing.hpp>

int main() {
  asyncio::testing::Script script;
  asyncio::detail::Operation operation;
  char byte = 0;
  asyncio::detail::prepare_recv(operation, asyncio::testing::Script::first_invented_descriptor,
                                &byte, 1);
  const auto loop = asyncio::testing::new_event_loop(script);
  loop->backend_interface().submit(operation);
  return 0;
}
