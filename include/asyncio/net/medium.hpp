// What the bytes of a stream go over: which calls move them, and what the end of each direction is.
// Reference: asyncio/selector_events.py and asyncio/unix_events.py, which have a transport for each.
#pragma once

#include <asyncio/backend/operations.hpp>

namespace asyncio::detail {

/// A kind of descriptor that a Connection works on.
struct Medium {
  const OperationType* input;   ///< reads; null: nothing can be read
  const OperationType* output;  ///< writes; null: nothing can be written
  bool is_one_way;              ///< the end of the stream is the end of the descriptor
};

inline constexpr Medium socket_medium{
    .input = &recv_operation, .output = &send_operation, .is_one_way = false};
/// The reading end of a pipe. It is closed when everything was read.
inline constexpr Medium pipe_reader_medium{
    .input = &read_operation, .output = nullptr, .is_one_way = true};
/// The writing end of a pipe. Needs: SIGPIPE is not at its default, see os::ignore_broken_pipes().
inline constexpr Medium pipe_writer_medium{
    .input = nullptr, .output = &write_operation, .is_one_way = true};

}  // namespace asyncio::detail
