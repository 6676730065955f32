#include <asyncio/os/io_uring.hpp>

#include <support/catch.hpp>

#if ASYNCIO_HAS_URING

#include <optional>
#include <thread>
#include <vector>

#include <fcntl.h>

namespace io_uring_test {

using asyncio::os::Ring;
using asyncio::os::RingOptions;
using namespace std::chrono_literals;

namespace {

/// Makes `ring` with `options`; false where this machine refuses io_uring, which is no failure.
bool make(std::optional<Ring>& ring, const RingOptions& options = {}) {
  try {
    ring.emplace(options);
    return true;
  } catch (const std::system_error& error) {
    WARN("no io_uring here: " << error.what());
    return false;
  }
}

std::vector<std::uint64_t> reap(Ring& ring) {
  std::vector<std::uint64_t> seen;
  ring.reap([&](std::uint64_t user_data, int) { seen.push_back(user_data); });
  return seen;
}

constexpr const char* short_of_memory = "io_uring_setup: Cannot allocate memory";

std::string refusal(const RingOptions& options) {
  try {
    Ring ring(options);
  } catch (const std::system_error& error) {
    return error.what();
  }
  return "";
}

/// `options` are refused with that message, unless there is no locked memory left for the try.
void require_refusal(const RingOptions& options, const std::string& message) {
  const std::string said = refusal(options);
  if (said != short_of_memory) REQUIRE(said == message);
}

}  // namespace

TEST_CASE("ring: submissions come back with their user_data", "[os][uring]") {
  for (std::size_t setup = 0; setup < Ring::setups.size(); ++setup) {
    std::optional<Ring> ring;
    if (!make(ring, {.first_setup = setup})) return;
    REQUIRE_FALSE(ring->has_completions());
    REQUIRE(ring->push({.opcode = IORING_OP_NOP, .user_data = 7}));
    REQUIRE(ring->push({.opcode = IORING_OP_NOP, .user_data = 8}));
    REQUIRE(ring->unsubmitted() == 2);
    REQUIRE(ring->enter(2, 5s) == 0);
    REQUIRE(ring->unsubmitted() == 0);
    REQUIRE(reap(*ring) == std::vector<std::uint64_t>{7, 8});
    REQUIRE((::fcntl(ring->fd(), F_GETFD) & FD_CLOEXEC) != 0);
  }
}

TEST_CASE("ring: a full queue refuses, and round it goes many times", "[os][uring]") {
  std::optional<Ring> ring;
  if (!make(ring, {.entries = 4, .completion_entries = 8})) return;
  std::uint64_t next = 1;
  std::uint64_t expected = 1;
  for (int round = 0; round < 50; ++round) {
    for (int i = 0; i < 4; ++i) REQUIRE(ring->push({.opcode = IORING_OP_NOP, .user_data = next++}));
    REQUIRE_FALSE(ring->push({.opcode = IORING_OP_NOP}));
    REQUIRE(ring->enter(0, 0ns) == 0);
    for (const std::uint64_t seen : reap(*ring)) REQUIRE(seen == expected++);
  }
  REQUIRE(expected == next);
}

TEST_CASE("ring: no completion is lost when their queue overflows", "[os][uring]") {
  std::optional<Ring> ring;
  if (!make(ring, {.entries = 4, .completion_entries = 8})) return;
  std::size_t seen = 0;
  for (int i = 0; i < 40; ++i) {
    while (!ring->push({.opcode = IORING_OP_NOP, .user_data = 1})) {
      if (ring->enter(0, 0ns) != 0) seen += reap(*ring).size();
    }
  }
  for (int i = 0; i < 20 && seen < 40; ++i) {
    ring->enter(0, 0ns);
    seen += reap(*ring).size();
  }
  REQUIRE(seen == 40);
}

TEST_CASE("ring: a wait ends in time, not before", "[os][uring]") {
  std::optional<Ring> ring;
  if (!make(ring)) return;
  const auto start = std::chrono::steady_clock::now();
  while (ring->enter(1, 1500us) == -EINTR) {
  }
  REQUIRE(std::chrono::steady_clock::now() - start >= 1500us);
  REQUIRE(ring->enter(1, -1s) == 0);
}

TEST_CASE("ring: what is missing is named", "[os][uring]") {
  if (!refusal({}).empty()) return;
  require_refusal({.feature_mask = ~IORING_FEAT_EXT_ARG},
                  "io_uring without EXT_ARG (Linux 5.11): Operation not supported");
  require_refusal({.feature_mask = ~IORING_FEAT_NODROP},
                  "io_uring without NODROP (Linux 5.5): Operation not supported");
  require_refusal({.feature_mask = ~IORING_FEAT_FAST_POLL},
                  "io_uring without FAST_POLL (Linux 5.7): Operation not supported");
  const std::uint8_t unknown[] = {IORING_OP_NOP, 250};
  require_refusal({.opcodes = unknown}, "io_uring without operation 250: Operation not supported");
  require_refusal({.entries = 1u << 30}, "io_uring_setup: Invalid argument");
}

TEST_CASE("ring: belongs to the thread that made it", "[os][uring]") {
  std::optional<Ring> ring;
  if (!make(ring)) return;
  int result = 0;
  std::thread([&] { result = ring->enter(0, 0ns); }).join();
  // -EEXIST needs SINGLE_ISSUER, so Linux 6.1.
  REQUIRE((result == -EEXIST || result == 0));
}

#endif  // ASYNCIO_HAS_URING

}  // namespace io_uring_test
