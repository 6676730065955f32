// An awaitable that can be moved until it is awaited: what the functions of net/ return.
// Reference: none in Python; there a coroutine object is the same thing.
#pragma once

#include <asyncio/core/awaitable.hpp>
#include <tuple>

namespace asyncio::detail {

/// Keeps the arguments of a leaf and makes the leaf where it is awaited: a leaf never moves once
/// the kernel or a queue points at it, but `wait_for(reader.readline(), 1s)` must hand it on.
template <class L, class... Args>
class [[nodiscard("nothing happens until this is awaited: co_await it")]] Deferred {
 public:
  explicit Deferred(Args... args) : args_(std::move(args)...) {}

  L operator co_await() && { return std::make_from_tuple<L>(std::move(args_)); }

 private:
  std::tuple<Args...> args_;
};

}  // namespace asyncio::detail
