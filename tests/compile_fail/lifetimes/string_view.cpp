// expect-error: object whose reference is captured|temporary whose address is used|will be destroyed
#include <asyncio/asyncio.hpp>

#include <string>
#include <string_view>
#include <utility>

using asyncio::Task;

Task<int> length(std::string_view text) { co_return static_cast<int>(text.size()); }

Task<int> caller() {
  Task<int> task = length(std::string("dies at the semicolon"));
  co_return co_await std::move(task);
}
