// run() on a virtual clock: an hour's timeout takes no time, and a hang is an error that says why.
// Reference: trio.testing.MockClock; CPython's test_utils.TestLoop.
#pragma once

#include <asyncio/core/run.hpp>
#include <asyncio/testing/fault_backend.hpp>
#include <asyncio/testing/scripted_backend.hpp>
#include <asyncio/testing/virtual_time_backend.hpp>
#include <cstdlib>

namespace asyncio::testing {

/// How a test runs. Trivially destructible.
struct Options {
  /// Not 0: permutes what the contract leaves unordered, the same way for the same seed.
  /// 0: the environment's ASYNCIO_SEED, and where that is not set nothing is permuted.
  std::uint64_t seed = 0;
  Backend backend = Backend::automatic;  ///< of the real operations
  std::optional<bool> debug{};           ///< unset: the environment's ASYNCIO_DEBUG
  FaultPlan* faults = nullptr;           ///< what goes wrong, if anything
  /// How long the kernel must be silent before time jumps over operations in flight. Real time.
  std::chrono::nanoseconds grace = std::chrono::milliseconds(20);
  /// How long all must be silent before Deadlock is thrown. Real time.
  std::chrono::nanoseconds patience = std::chrono::seconds(1);
};
static_assert(std::is_trivially_destructible_v<Options>);

/// The seed that a test runs with.
[[nodiscard]] inline std::uint64_t effective_seed(const Options& options) noexcept {
  const char* const text = options.seed == 0 ? std::getenv("ASYNCIO_SEED") : nullptr;
  return text ? std::strtoull(text, nullptr, 0) : options.seed;
}

/// A loop on a virtual clock, for tests that drive it themselves.
[[nodiscard]] inline std::unique_ptr<EventLoop> new_event_loop(const Options& options = {}) {
  detail::MadeBackend made = detail::make_backend(options.backend);
  FaultBackend* faults = nullptr;
  if (options.faults) {
    auto decorator = std::make_unique<FaultBackend>(std::move(made.backend), *options.faults);
    faults = decorator.get();
    made.backend = std::move(decorator);
  }
  auto decorator = std::make_unique<detail::VirtualTimeBackend>(
      std::move(made.backend),
      detail::VirtualTimeOptions{
          .seed = effective_seed(options), .grace = options.grace, .patience = options.patience});
  detail::VirtualTimeBackend& clock = *decorator;
  made.backend = std::move(decorator);
  auto loop = std::make_unique<EventLoop>(std::move(made));
  clock.watch(*loop);
  if (faults) faults->watch(*loop);
  if (options.debug) loop->set_debug(*options.debug);
  return loop;
}

/// A loop whose kernel plays `script`, on a virtual clock.
[[nodiscard]] inline std::unique_ptr<EventLoop> new_event_loop(Script& script) {
  auto backend = std::make_unique<ScriptedBackend>(script);
  ScriptedBackend& kernel = *backend;
  auto loop = std::make_unique<EventLoop>(
      detail::MadeBackend{std::move(backend), "scripted, because a test plays the kernel"});
  kernel.watch(*loop);
  return loop;
}

/// Says with which seed a test failed, when a failure leaves the scope.
class SeedReport {
 public:
  explicit SeedReport(std::uint64_t seed) noexcept : seed_(seed) {}
  SeedReport(const SeedReport&) = delete;  // reports once
  SeedReport& operator=(const SeedReport&) = delete;
  ~SeedReport() {
    if (seed_ == 0 || std::uncaught_exceptions() == exceptions_) return;
    std::fprintf(stderr, "asyncio::testing: failed with ASYNCIO_SEED=%llu\n",
                 static_cast<unsigned long long>(seed_));
  }

 private:
  std::uint64_t seed_;
  int exceptions_ = std::uncaught_exceptions();
};

/// Like asyncio::run(), on a virtual clock: when nothing is ready, the clock jumps to the next
/// deadline. Operations are real; see Options::grace for how they and the clock get along.
/// Throws: what `main` threw; Deadlock when nothing can happen any more, with the waiting tasks.
template <class A>
auto run(A&& main, const Options& options = {}) {
  if (detail::thread_state.running_loop)
    throw RuntimeError("asyncio::testing::run() cannot be called from a running event loop");
  const SeedReport report(effective_seed(options));
  const FaultPlan::Scope faults(options.faults);
  Runner runner(new_event_loop(options));
  return runner.run(std::forward<A>(main));
}

/// The same against a scripted kernel: no descriptor is real, unless the program makes one.
template <class A>
auto run(A&& main, Script& script, std::optional<bool> debug = {}) {
  if (detail::thread_state.running_loop)
    throw RuntimeError("asyncio::testing::run() cannot be called from a running event loop");
  Runner runner(new_event_loop(script), RunOptions{.debug = debug});
  return runner.run(std::forward<A>(main));
}

}  // namespace asyncio::testing
