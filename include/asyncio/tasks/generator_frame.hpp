// The frame of a generator: who owns it, how it takes a step in the awaiting task, how it is closed.
// Reference: Objects/genobject.c, async_gen_asend_send; asyncio/base_events.py, shutdown_asyncgens.
#pragma once

#include <asyncio/core/running_loop.hpp>
#include <string>

namespace asyncio {
namespace detail {

class GeneratorFrame;

/// The part of a generator's promise that does not depend on its types. Like the promise of a Task,
/// it gives control back to the awaiting frame; it may do so several times.
class GeneratorPromiseBase : public AwaitTransforms, public ListHook {
 public:
  GeneratorPromiseBase() noexcept = default;
  inline ~GeneratorPromiseBase();

  std::suspend_always initial_suspend() const noexcept { return {}; }
  FinalAwait final_suspend() const noexcept { return {}; }
  void return_void() const noexcept {}
  void unhandled_exception() noexcept { error_ = std::current_exception(); }

  void return_to_awaiting() noexcept { task_->continue_with(parent_); }
  void throw_injected() {
    if (error_) [[unlikely]]
      std::rethrow_exception(std::exchange(error_, nullptr));
  }

  GeneratorFrame* owner_ = nullptr;  // null: the object is gone, the step under way owns the frame
  std::exception_ptr error_;         // for the body while it runs; afterwards, what ended it
  bool is_started_ = false;
  bool is_running_ = false;  // a step is under way
};

/// Owns the frame, until it has ended.
class GeneratorFrame {
 public:
  GeneratorFrame() noexcept = default;
  explicit GeneratorFrame(GeneratorPromiseBase& promise) noexcept { take(&promise); }
  GeneratorFrame(GeneratorFrame&& other) noexcept { take(std::exchange(other.promise_, nullptr)); }
  GeneratorFrame& operator=(GeneratorFrame&& other) noexcept {
    GeneratorPromiseBase* const taken = std::exchange(other.promise_, nullptr);
    close();
    take(taken);
    return *this;
  }
  ~GeneratorFrame() { close(); }

  [[nodiscard]] GeneratorPromiseBase* get() const noexcept { return promise_; }

  /// Ends the generator now, or at the end of the step that is under way.
  void close() noexcept {
    GeneratorPromiseBase* const promise = std::exchange(promise_, nullptr);
    if (!promise) return;
    promise->owner_ = nullptr;
    if (!promise->is_running_) promise->frame().destroy();
  }
  /// The frame is gone.
  void forget() noexcept { promise_ = nullptr; }

 private:
  void take(GeneratorPromiseBase* promise) noexcept {
    promise_ = promise;
    if (promise) promise->owner_ = this;
  }

  GeneratorPromiseBase* promise_ = nullptr;
};

inline GeneratorPromiseBase::~GeneratorPromiseBase() {
  if (owner_) owner_->forget();
}

/// The generators of a loop that have been iterated and have not ended.
class LiveGenerators final : public LoopService {
 public:
  explicit LiveGenerators(EventLoop& loop) noexcept
      : LoopService(ShutdownPhase::generators), loop_(loop) {}
  /// A loop that is closed without run() closes them all the same; its tasks are gone by now.
  ~LiveGenerators() override {
    while (GeneratorPromiseBase* generator = live_.pop_front())
      if (!generator->is_running_) generator->frame().destroy();
  }

  void add(GeneratorPromiseBase& generator) {
    if (is_shut_down_ && loop_.get_debug())
      report("asynchronous generator was scheduled after loop.shutdown_asyncgens() call",
             generator);
    live_.push_back(generator);
  }

  Task<> shutdown() override {
    close_all();
    return {};
  }
  /// Oldest first, so that who uses another one goes before it.
  void close_all() {
    is_shut_down_ = true;
    List<GeneratorPromiseBase> running;
    while (GeneratorPromiseBase* generator = live_.pop_front()) {
      if (generator->is_running_)
        running.push_back(*generator);
      else
        generator->frame().destroy();
    }
    while (GeneratorPromiseBase* generator = running.pop_front()) {
      live_.push_back(*generator);
      report("an error occurred during closing of asynchronous generator", *generator,
             std::make_exception_ptr(
                 RuntimeError("aclose(): asynchronous generator is already running")));
    }
  }

 private:
  void report(const char* what, const GeneratorPromiseBase& generator,
              std::exception_ptr error = nullptr) {
    std::string message(what);
    message.append(": ").append(generator.where_.function_name());
    loop_.call_exception_handler({.message = message,
                                  .exception = std::move(error),
                                  .task = {},
                                  .future = {},
                                  .handle = {},
                                  .where = generator.where_});
  }

  EventLoop& loop_;
  List<GeneratorPromiseBase> live_;
  bool is_shut_down_ = false;
};

[[noreturn]] __attribute__((noinline)) inline void throw_already_running(const char* name) {
  throw RuntimeError(std::string(name) + "(): asynchronous generator is already running");
}

/// A step of a generator, linked as a call is: the awaiting frame stops until the next yield.
class GeneratorStepBase : public CallBase {
 public:
  GeneratorStepBase(GeneratorFrame& generator, const char* name) noexcept
      : CallBase(nullptr), generator_(generator), name_(name) {}

  void suspend(PromiseBase& awaiting) noexcept {
    awaiting.call_ = this;
    child_->parent_ = &awaiting;
    child_->task_ = awaiting.task_;
    awaiting.task_->continue_with(child_);
  }

 protected:
  ~GeneratorStepBase() = default;

  /// False: the generator has ended. `injected` is thrown by the yield at which it stands.
  bool begin(bool sends, std::exception_ptr& injected) {
    GeneratorPromiseBase* const promise = generator_.get();
    if (!promise) return false;
    if (promise->is_running_) [[unlikely]]
      throw_already_running(name_);
    if (!promise->is_started_) start(*promise, sends, injected);
    promise->error_ = std::move(injected);
    promise->is_running_ = true;
    child_ = promise;
    return true;
  }

  /// Destroys the frame if it has ended, or nobody owns it; throws what left the body.
  void end() {
    auto* const promise = static_cast<GeneratorPromiseBase*>(std::exchange(child_, nullptr));
    promise->is_running_ = false;
    if (promise->owner_ && !promise->frame().done()) [[likely]]
      return;
    const std::exception_ptr error = std::move(promise->error_);
    promise->frame().destroy();
    if (error) std::rethrow_exception(error);
  }

 private:
  void start(GeneratorPromiseBase& promise, bool sends, const std::exception_ptr& injected) {
    if (sends) throw RuntimeError("can't send non-None value to a just-started async generator");
    if (injected) {
      generator_.close();
      std::rethrow_exception(injected);
    }
    get_running_loop().service<LiveGenerators>().add(promise);
    promise.is_started_ = true;
  }

  GeneratorFrame& generator_;
  const char* name_;
};

/// `co_await generator.aclose()`.
class GeneratorClose {
 public:
  explicit GeneratorClose(GeneratorFrame& generator) noexcept : generator_(&generator) {}

  bool await_ready() const noexcept { return true; }
  void suspend(PromiseBase&) const noexcept {}
  void await_resume() {
    const GeneratorPromiseBase* const promise = generator_->get();
    if (promise && promise->is_running_) throw_already_running("aclose");
    generator_->close();
  }

 private:
  GeneratorFrame* generator_;
};

}  // namespace detail

template <class OnDemand>
Task<> EventLoop::shutdown_asyncgens() {
  service<detail::LiveGenerators>().close_all();
  co_return;
}

}  // namespace asyncio
