// Runs a function when a scope is left, by whichever way.
#pragma once

#include <utility>

namespace asyncio::detail {

/// Calls `function` in its destructor, which must not throw.
template <class F>
class [[nodiscard("a ScopeExit acts when it dies; give it a name")]] ScopeExit {
 public:
  explicit ScopeExit(F function) noexcept : function_(std::move(function)) {}
  ScopeExit(const ScopeExit&) = delete;  // the function runs once
  ScopeExit& operator=(const ScopeExit&) = delete;
  ~ScopeExit() { function_(); }

 private:
  F function_;
};

}  // namespace asyncio::detail
