// What belongs to a loop without belonging to a task: descriptors, connections, listeners.
// Reference: none in Python, where the garbage collector finds them.
#pragma once

#include <asyncio/core/event_loop.hpp>
#include <asyncio/core/running_loop.hpp>
#include <asyncio/os/fd.hpp>

namespace asyncio::detail {

/// Owns a descriptor that a loop's backend may know. Closed through the backend, which first stops
/// what is in flight on it, as long as that loop exists.
class LoopFd {
 public:
  LoopFd() noexcept = default;
  explicit LoopFd(os::Fd fd) noexcept : fd_(fd.release()) {}
  LoopFd(const LoopFd&) = delete;  // one owner
  LoopFd& operator=(const LoopFd&) = delete;
  ~LoopFd() { close(); }

  [[nodiscard]] int get() const noexcept { return fd_; }
  [[nodiscard]] bool is_open() const noexcept { return fd_ >= 0; }

  /// Closes what it owns and owns `fd` from now on.
  void take(os::Fd fd) noexcept {
    close();
    fd_ = fd.release();
  }
  /// Operations of `loop` work on it from now on.
  void use_in(Scheduler& loop) noexcept { loop_ = &loop; }

  void close() noexcept {
    if (fd_ < 0) return;
    const int fd = std::exchange(fd_, -1);
    if (loop_ && Scheduler::is_alive(loop_))
      loop_->backend_interface().close(fd);
    else
      os::close_fd(fd);
  }
  /// Gives the descriptor away. Needs: nothing in flight on it.
  [[nodiscard]] os::Fd release() noexcept { return os::Fd(std::exchange(fd_, -1)); }

 private:
  int fd_ = -1;
  Scheduler* loop_ = nullptr;  // null: no operation was ever made
};

/// Something with operations in flight that no task waits for. The loop ends it when it closes.
class LoopResource : public ListHook {
 public:
  LoopResource() noexcept = default;

  /// Has bytes that were accepted and are still on their way out of a closing connection.
  [[nodiscard]] virtual bool is_flushing() const noexcept { return false; }
  /// The loop is closing and no task is left: stop every operation and forget the loop.
  virtual void end() noexcept = 0;

 protected:
  ~LoopResource() = default;
};

/// All resources of a loop.
class LoopResources final : public LoopService {
 public:
  explicit LoopResources(EventLoop& loop) noexcept : loop_(loop) {}
  /// What closing connections still hold is sent, for at most a second; then everything ends.
  ~LoopResources() override {
    end_if([](const LoopResource& resource) { return !resource.is_flushing(); });
    flush(std::chrono::seconds(1));
    end_if([](const LoopResource&) { return true; });
  }

  void add(LoopResource& resource) noexcept { resources_.push_back(resource); }

 private:
  template <class Condition>
  void end_if(Condition condition) noexcept {
    List<LoopResource> kept;  // end() may destroy others, so the list is taken from the front
    while (LoopResource* resource = resources_.pop_front()) {
      if (condition(*resource))
        resource->end();
      else
        kept.push_back(*resource);
    }
    while (LoopResource* resource = kept.pop_front()) resources_.push_back(*resource);
  }

  void flush(Backend::Duration limit) noexcept {
    Backend& backend = loop_.backend_interface();
    const auto deadline = backend.now() + limit;
    while (is_flushing()) {
      const auto left = deadline - backend.now();
      if (left <= Backend::Duration::zero()) return;
      backend.poll(left);
    }
  }

  [[nodiscard]] bool is_flushing() noexcept {
    for (LoopResource* resource = resources_.first(); resource;
         resource = resources_.next(*resource))
      if (resource->is_flushing()) return true;
    return false;
  }

  EventLoop& loop_;
  List<LoopResource> resources_;
};

}  // namespace asyncio::detail
