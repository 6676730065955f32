// A move-only std::function: <functional> costs 28,000 lines, and std::function wants copies.
#pragma once

#include <asyncio/detail/frame_pool.hpp>
#include <concepts>
#include <type_traits>
#include <utility>

namespace asyncio::detail {

template <class Signature>
class Function;

/// Owns any callable with that signature, in pooled memory. Empty by default.
template <class R, class... Args>
class Function<R(Args...)> {
 public:
  Function() noexcept = default;
  Function(std::nullptr_t) noexcept {}

  template <class F>
    requires(!std::same_as<std::remove_cvref_t<F>, Function> &&
             std::is_invocable_r_v<R, std::decay_t<F>&, Args...>)
  Function(F&& callable) : target_(new Holder<std::decay_t<F>>(std::forward<F>(callable))) {}

  Function(Function&& other) noexcept : target_(std::exchange(other.target_, nullptr)) {}
  Function& operator=(Function&& other) noexcept {
    std::swap(target_, other.target_);
    return *this;
  }
  ~Function() { delete target_; }

  explicit operator bool() const noexcept { return target_ != nullptr; }
  R operator()(Args... args) const { return target_->call(std::forward<Args>(args)...); }

 private:
  struct Target : Pooled {
    Target() = default;
    Target(const Target&) = delete;  // owned by one Function
    Target& operator=(const Target&) = delete;
    virtual ~Target() = default;
    virtual R call(Args... args) = 0;
  };

  template <class F>
  struct Holder final : Target {
    template <class G>
    explicit Holder(G&& callable) : callable_(std::forward<G>(callable)) {}
    R call(Args... args) override { return callable_(std::forward<Args>(args)...); }
    F callable_;
  };

  Target* target_ = nullptr;
};

}  // namespace asyncio::detail
