// One line of a task's stack: the place where a coroutine stands.
// Reference: https://docs.python.org/3/library/asyncio-graph.html#asyncio.FrameCallGraphEntry
#pragma once

#include <source_location>
#include <string>
#include <string_view>

namespace asyncio {

/// A coroutine of a suspended task, and the line of the co_await on which it stands.
struct FrameEntry {
  std::string function;  ///< the plain identifier, without namespaces and parameters
  std::string file;      ///< as the compiler was given it
  unsigned line = 0;     ///< counted from 1

  friend bool operator==(const FrameEntry&, const FrameEntry&) = default;
};

/// "function (file:line)".
[[nodiscard]] inline std::string to_string(const FrameEntry& entry) {
  return entry.function + " (" + entry.file + ':' + std::to_string(entry.line) + ')';
}

namespace detail {

/// The plain identifier in what source_location calls a function.
[[nodiscard]] inline std::string_view plain_identifier(std::string_view function) noexcept {
  constexpr std::string_view unnamed = "(anonymous namespace)::";  // as clang spells it
  if (const std::size_t at = function.find(unnamed); at != function.npos)
    function.remove_prefix(at + unnamed.size());
  function = function.substr(0, function.find('('));
  function.remove_prefix(function.find_last_of(" :") + 1);  // npos + 1 is 0
  return function;
}

[[nodiscard]] inline FrameEntry frame_entry(const std::source_location& place) {
  return {std::string(plain_identifier(place.function_name())), place.file_name(), place.line()};
}

}  // namespace detail
}  // namespace asyncio
