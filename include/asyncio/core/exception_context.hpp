// What an exception handler is told about a failure that nobody could catch.
// Reference: https://docs.python.org/3/library/asyncio-eventloop.html#error-handling-api
#pragma once

#include <asyncio/core/any_task.hpp>
#include <asyncio/core/handle.hpp>
#include <asyncio/detail/function.hpp>
#include <asyncio/fwd.hpp>

namespace asyncio {

/// What an exception handler is told. Members that do not apply are empty.
struct ExceptionContext {
  std::string_view message;
  std::exception_ptr exception;
  AnyTask task;
  AnyFuture future;
  Handle handle;
  std::source_location where;  ///< where the thing concerned was made; line 0: unknown
};

/// Receives the failures that nobody could catch.
using ExceptionHandler = detail::Function<void(EventLoop&, const ExceptionContext&)>;

}  // namespace asyncio
