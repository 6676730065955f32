// Kernel failures as exceptions: std::system_error that names the call.
// Reference: Python's OSError.
#pragma once

#include <string>
#include <string_view>
#include <system_error>

namespace asyncio::os {

/// Throws what Python calls an OSError: `error` is an errno, `what` the call and its object, like
/// "connect to 127.0.0.1:80". The message reads "connect to 127.0.0.1:80: Connection refused".
[[noreturn]] inline void throw_system_error(int error, std::string_view what) {
  throw std::system_error(error, std::generic_category(), std::string(what));
}

}  // namespace asyncio::os
