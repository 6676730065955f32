// expect-error: neither a coroutine nor a coroutine wrapper
#include <asyncio/asyncio.hpp>

#include <string>

using asyncio::Task;

Task<int> length(const std::string& text) { co_return static_cast<int>(text.size()); }

Task<int> wrapper(const std::string& text) { return length(text); }
