// results(): what finished tasks gave, in the order of their handles.
// Reference: none in Python: [task.result() for task in tasks].
#pragma once

#include <asyncio/core/task_handle.hpp>
#include <ranges>
#include <tuple>

namespace asyncio {
namespace detail {

template <class H>
stored_result_t<typename H::result_type> result_value(const H& handle) {
  using T = typename H::result_type;
  if constexpr (std::is_void_v<T>) {
    handle.result();
    return None();
  } else if constexpr (std::is_reference_v<T>) {
    return {&handle.result()};
  } else {
    return handle.result();
  }
}

}  // namespace detail

/// The results of finished tasks or futures, copied, in the order of `handles`: a std::vector. For the
/// tasks of a group, after its scope. Throws: what the first that failed ended by; InvalidStateError
/// if one is not done.
template <std::ranges::input_range R>
  requires FutureLike<std::ranges::range_value_t<R>>
[[nodiscard]] auto results(const R& handles) {
  using T = typename std::ranges::range_value_t<R>::result_type;
  std::vector<detail::stored_result_t<T>> values;
  for (const auto& handle : handles) values.push_back(detail::result_value(handle));
  return values;
}
/// The same as a std::tuple, with None for one that gives nothing.
template <FutureLike... H>
[[nodiscard]] auto results(const H&... handles) {
  return std::tuple<detail::stored_result_t<typename H::result_type>...>(
      detail::result_value(handles)...);
}

}  // namespace asyncio
