// Compiled with ASYNCIO_HAS_URING=0 and =1 by mixed.cmake. A result type is no part of a function's
// mangled name, so the task goes in as a parameter.
#include <asyncio/core/task.hpp>

#include <utility>

asyncio::Task<int> pass_on(asyncio::Task<int> task) { return std::move(task); }
