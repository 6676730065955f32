// expect-error: address of stack memory associated with local variable .text. returned
#include <asyncio/asyncio.hpp>

#include <string>

using asyncio::Task;

Task<int> length(const std::string& text) { co_return static_cast<int>(text.size()); }

ASYNCIO_CORO_WRAPPER Task<int> wrapper() {
  std::string text = "dies at the brace";
  return length(text);
}
