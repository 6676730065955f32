// expect-error: temporary whose address is used as value of local variable .task. will be destroyed
#include <asyncio/asyncio.hpp>

#include <string>
#include <utility>

using asyncio::Task;

Task<int> length(const std::string& text) { co_return static_cast<int>(text.size()); }

Task<int> caller() {
  Task<int> task = length(std::string("dies at the semicolon"));
  co_return co_await std::move(task);
}
