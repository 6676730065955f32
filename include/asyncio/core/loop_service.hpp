// What upper layers attach to a loop, so that it lives as long as the loop does.
// Reference: none in Python; its loops own their default executor in this way.
#pragma once

#include <asyncio/core/task.hpp>
#include <memory>
#include <utility>
#include <vector>

namespace asyncio {
namespace detail {
class ServiceTable;
}

/// When a service's shutdown() is awaited, in this order: after the tasks, before the loop closes.
enum class ShutdownPhase : unsigned char {
  none,        ///< it only ends with the loop
  generators,  ///< may still use threads
  threads
};

/// Something of an upper layer that lives as long as a loop: a pool of threads, a cache.
class LoopService {
 public:
  explicit LoopService(ShutdownPhase phase = ShutdownPhase::none) noexcept : phase_(phase) {}
  LoopService(const LoopService&) = delete;  // owned by one loop
  LoopService& operator=(const LoopService&) = delete;
  virtual ~LoopService() = default;

  /// Awaited on the loop before it closes, by run() and Runner; for what needs the loop to end. An
  /// empty Task: nothing does.
  virtual Task<> shutdown() { return {}; }

 private:
  friend class detail::ServiceTable;
  const void* key_ = nullptr;
  ShutdownPhase phase_;
  std::unique_ptr<LoopService> next_;
};

namespace detail {

/// The services of one loop, each of its type.
class ServiceTable {
 public:
  /// The S; made with a reference to `loop` at the first call.
  template <class S, class Loop>
  [[nodiscard]] S& get(Loop& loop) {
    static constexpr char key = 0;
    for (LoopService* service = first_.get(); service; service = service->next_.get())
      if (service->key_ == &key) return static_cast<S&>(*service);
    auto made = std::make_unique<S>(loop);
    made->key_ = &key;
    made->next_ = std::move(first_);
    S& result = *made;
    first_ = std::move(made);
    return result;
  }
  /// The services of a phase, oldest first.
  [[nodiscard]] std::vector<LoopService*> of(ShutdownPhase phase) {
    std::vector<LoopService*> found;
    for (LoopService* service = first_.get(); service; service = service->next_.get())
      if (service->phase_ == phase) found.insert(found.begin(), service);
    return found;
  }
  void clear() noexcept { first_.reset(); }
  /// In a forked child: leaves them as they are, for they are copies of what the parent uses.
  void abandon() noexcept { static_cast<void>(first_.release()); }

 private:
  std::unique_ptr<LoopService> first_;  // newest first
};

}  // namespace detail

}  // namespace asyncio
