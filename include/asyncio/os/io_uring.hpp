// The two queues shared with the kernel. The only file that knows liburing, of which it uses the
// set-up and the system calls; nothing newer than 2.3. Reference: io_uring(7).
#pragma once

#include <asyncio/config.hpp>

#if ASYNCIO_HAS_URING

#include <algorithm>
#include <array>
#include <asyncio/os/error.hpp>
#include <asyncio/os/fd.hpp>
#include <asyncio/os/process_mark.hpp>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>

#include <liburing.h>

namespace asyncio::os {

/// How a Ring is made; tests make tiny ones and hide what newer kernels have.
struct RingOptions {
  unsigned entries = 256;            ///< of the submission queue; halved while memory is short
  unsigned completion_entries = 0;   ///< 0: four for each submission
  std::size_t first_setup = 0;       ///< index in Ring::setups of the best one to try
  std::uint32_t feature_mask = ~0u;  ///< IORING_FEAT_* that may be used
  std::span<const std::uint8_t> opcodes = {};  ///< that the kernel must know
};

/// One entry of the submission queue, as io_uring_enter(2) describes it.
struct Submission {
  std::uint8_t opcode;
  int fd = -1;
  std::uint64_t address = 0;
  std::uint32_t length = 0;
  std::uint64_t offset = 0;
  std::uint32_t flags = 0;
  std::uint64_t user_data = 0;
  bool skip_success = false;  ///< no completion unless it fails, where the kernel can do that
};

/// Owns an io_uring. Used by the thread that made it and by no other. A forked child does not have
/// the queues: what it pushes goes nowhere, and nothing comes.
/// Invariant: entries in [kernel's head, tail_) of the submission queue wait for enter().
class Ring {
 public:
  using Duration = std::chrono::nanoseconds;

  /// Flags of io_uring_setup(2), best first. DEFER_TASKRUN: Linux 6.1; COOP_TASKRUN: 5.19.
  static constexpr std::array<unsigned, 3> setups = {
      IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN | IORING_SETUP_TASKRUN_FLAG |
          IORING_SETUP_SUBMIT_ALL,
      IORING_SETUP_COOP_TASKRUN | IORING_SETUP_TASKRUN_FLAG | IORING_SETUP_SUBMIT_ALL,
      0,
  };

  /// Throws: std::system_error that says which call or feature is missing.
  explicit Ring(const RingOptions& options = {}) {
    set_up(options);
    require_features();
    require_opcodes(options.opcodes);
    require_round_trip();
  }
  Ring(const Ring&) = delete;  // the kernel knows it by its mapping
  Ring& operator=(const Ring&) = delete;

  /// Readable when there are completions.
  [[nodiscard]] int fd() const noexcept { return mapping_.ring.ring_fd; }

  /// Queues `entry`; false when the queue is full and enter() must empty it.
  bool push(const Submission& entry) noexcept {
    if (is_inherited()) [[unlikely]]
      return true;
    if (unsubmitted() == entries_) return false;
    io_uring_sqe& slot = mapping_.ring.sq.sqes[tail_ & (entries_ - 1)];
    slot = io_uring_sqe{};
    slot.opcode = entry.opcode;
    slot.flags = entry.skip_success ? skip_success_flag_ : std::uint8_t{0};
    slot.fd = entry.fd;
    slot.off = entry.offset;
    slot.addr = entry.address;
    slot.len = entry.length;
    slot.rw_flags = static_cast<__kernel_rwf_t>(entry.flags);
    slot.user_data = entry.user_data;
    ++tail_;
    return true;
  }

  /// This process is a forked child, and the ring its parent's.
  [[nodiscard]] bool is_inherited() const noexcept { return mapping_.process.is_inherited(); }

  [[nodiscard]] unsigned unsubmitted() const noexcept {
    return tail_ - load_acquire(mapping_.ring.sq.khead);
  }
  [[nodiscard]] bool has_completions() const noexcept {
    return load_acquire(mapping_.ring.cq.ktail) != *mapping_.ring.cq.khead;
  }
  /// The kernel keeps completions back until enter().
  [[nodiscard]] bool needs_enter() const noexcept {
    return (load_acquire(mapping_.ring.sq.kflags) & (sq_taskrun | IORING_SQ_CQ_OVERFLOW)) != 0;
  }

  /// Submits what is queued, lets the kernel finish its work, and waits until `wanted`
  /// completions are there or `timeout` (Duration::max(): without end) is over.
  /// Returns: 0 or -errno, -ETIME not among them. What was not taken stays queued.
  int enter(unsigned wanted, Duration timeout) noexcept {
    store_release(mapping_.ring.sq.ktail, tail_);
    __kernel_timespec limit{};
    io_uring_getevents_arg argument{};
    if (wanted != 0 && timeout != Duration::max()) {
      const auto count = std::max(timeout, Duration::zero()).count();
      limit = {count / 1'000'000'000, count % 1'000'000'000};
      argument.ts = to_word(&limit);
    }
    // Safe because with EXT_ARG the kernel reads the structure, whose size says so.
    const int result = ::io_uring_enter2(static_cast<unsigned>(fd()), unsubmitted(), wanted,
                                         IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG,
                                         reinterpret_cast<sigset_t*>(&argument), sizeof argument);
    return result >= 0 || result == -ETIME ? 0 : result;
  }

  /// Calls `take(user_data, result)` for each completion that is there. `take` must not reap.
  template <class Take>
  void reap(Take take) noexcept {
    const io_uring_cq& queue = mapping_.ring.cq;
    unsigned head = *queue.khead;
    const unsigned tail = load_acquire(queue.ktail);
    for (; head != tail; ++head) {
      const io_uring_cqe& entry = queue.cqes[head & (completion_entries_ - 1)];
      take(std::uint64_t{entry.user_data}, int{entry.res});
    }
    store_release(queue.khead, head);
  }

 private:
  struct Mapping {
    io_uring ring{};
    bool is_open = false;
    ProcessMark process;
    Mapping() = default;
    Mapping(const Mapping&) = delete;
    Mapping& operator=(const Mapping&) = delete;
    ~Mapping() {
      if (!is_open) return;
      if (process.is_inherited())
        close_fd(ring.ring_fd);  // a child has nothing to unmap, or something else at that place
      else
        unmap();
    }
    /// The kernel may give the place to another thread's ring, and orders that itself; liburing's
    /// system calls are its own, so ThreadSanitizer has to be told.
    void unmap() noexcept {
      __atomic_fetch_add(&places_left, 1u, __ATOMIC_RELEASE);
      ::io_uring_queue_exit(&ring);
    }
    static void take_place() noexcept { __atomic_load_n(&places_left, __ATOMIC_ACQUIRE); }
    static constinit inline unsigned places_left = 0;  // by rings that are gone
  };

  /// struct io_uring_probe of linux/io_uring.h, whose flexible array is no C++.
  struct Probe {
    struct Entry {
      std::uint8_t opcode;
      std::uint8_t reserved;
      std::uint16_t flags;
      std::uint32_t reserved_too;
    };
    std::uint8_t last_opcode;
    std::uint8_t count;
    std::uint16_t reserved;
    std::uint32_t reserved_too[3];
    std::array<Entry, 256> operations;
  };
  static constexpr std::uint16_t probe_supported = 1u << 0;  // IO_URING_OP_SUPPORTED of 5.6

  static constexpr unsigned sq_taskrun = 1u << 2;  // IORING_SQ_TASKRUN of linux/io_uring.h 5.19
  static constexpr std::uint8_t skip_success = 1u << 6;    // IOSQE_CQE_SKIP_SUCCESS of 5.17
  static constexpr std::uint32_t feature_skip = 1u << 11;  // IORING_FEAT_CQE_SKIP of 5.17

  // The queues are plain memory that the kernel writes too; liburing's own helpers for this need
  // std::atomic casts in C++.
  static unsigned load_acquire(const unsigned* word) noexcept {
    return __atomic_load_n(word, __ATOMIC_ACQUIRE);
  }
  static void store_release(unsigned* word, unsigned value) noexcept {
    __atomic_store_n(word, value, __ATOMIC_RELEASE);
  }
  static std::uint64_t to_word(const void* pointer) noexcept {
    return reinterpret_cast<std::uintptr_t>(pointer);  // Safe because the kernel casts it back.
  }

  void set_up(const RingOptions& options) {
    std::size_t setup = options.first_setup;
    unsigned entries = options.entries;
    for (;;) {
      const int result = try_set_up(options, entries, setups[setup]);
      if (result == 0) break;
      if (result == -EINVAL && setup + 1 < setups.size()) {
        ++setup;
      } else if (result == -ENOMEM && entries > 32) {
        entries /= 2;  // RLIMIT_MEMLOCK counts the queues
      } else {
        throw_system_error(-result, "io_uring_setup");
      }
    }
    Mapping::take_place();
    ::io_uring_ring_dontfork(&mapping_.ring);  // a child must not submit for its parent
    for (unsigned i = 0; i < entries_; ++i) mapping_.ring.sq.array[i] = i;
    tail_ = *mapping_.ring.sq.ktail;
  }

  int try_set_up(const RingOptions& options, unsigned entries, unsigned flags) noexcept {
    io_uring_params parameters{};
    parameters.flags = flags | IORING_SETUP_CQSIZE;
    parameters.cq_entries =
        options.completion_entries != 0 ? options.completion_entries : 4 * entries;
    const int result = ::io_uring_queue_init_params(entries, &mapping_.ring, &parameters);
    if (result < 0) return result;
    mapping_.is_open = true;
    entries_ = parameters.sq_entries;  // both are powers of two, rounded up by the kernel
    completion_entries_ = parameters.cq_entries;
    features_ = parameters.features & options.feature_mask;
    if ((features_ & feature_skip) != 0) skip_success_flag_ = skip_success;
    return 0;
  }

  void require_features() const {
    struct Feature {
      std::uint32_t bit;
      const char* missing;
    };
    constexpr Feature needed[] = {
        {IORING_FEAT_NODROP, "io_uring without NODROP (Linux 5.5)"},
        {IORING_FEAT_FAST_POLL, "io_uring without FAST_POLL (Linux 5.7)"},
        {IORING_FEAT_EXT_ARG, "io_uring without EXT_ARG (Linux 5.11)"},
    };
    for (const Feature& feature : needed) {
      if ((features_ & feature.bit) == 0) throw_system_error(EOPNOTSUPP, feature.missing);
    }
  }

  void require_opcodes(std::span<const std::uint8_t> opcodes) {
    Probe probe{};
    const int result = ::io_uring_register(static_cast<unsigned>(fd()), IORING_REGISTER_PROBE,
                                           &probe, static_cast<unsigned>(probe.operations.size()));
    if (result < 0) throw_system_error(-result, "io_uring_register");
    for (const std::uint8_t opcode : opcodes) {
      const bool known =
          opcode <= probe.last_opcode && (probe.operations[opcode].flags & probe_supported) != 0;
      if (!known) {
        throw_system_error(EOPNOTSUPP, "io_uring without operation " + std::to_string(opcode));
      }
    }
  }

  /// Some sandboxes allow the set-up and refuse the rest: only a completion proves that it works.
  void require_round_trip() {
    push({.opcode = IORING_OP_NOP, .user_data = 1});
    int result = 0;
    for (int tries = 0; tries < 3 && !has_completions(); ++tries) {
      result = enter(1, std::chrono::seconds(1));
      if (result < 0 && result != -EINTR) throw_system_error(-result, "io_uring_enter");
    }
    if (!has_completions()) throw_system_error(ETIME, "io_uring_enter");
    reap([](std::uint64_t, int) {});
  }

  Mapping mapping_;
  unsigned tail_ = 0;  ///< behind the last entry that push() filled
  unsigned entries_ = 0;
  unsigned completion_entries_ = 0;
  std::uint32_t features_ = 0;          ///< that the kernel has and the options allow
  std::uint8_t skip_success_flag_ = 0;  ///< 0 where the kernel cannot skip completions
};

}  // namespace asyncio::os

#endif  // ASYNCIO_HAS_URING
