// What a scripted kernel answers, and what it was asked: no descriptor, no peer, no waiting.
// Reference: fmt's posix-mock; CPython's test_utils.TestLoop.
#pragma once

#include <asyncio/backend/operation.hpp>
#include <chrono>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace asyncio::testing {

/// One answer of the scripted kernel. As made by Script::on(): success, at once, one time; an
/// operation that sends has sent everything, one that receives meets the end of the stream.
class Answer {
 public:
  /// These bytes are received. What does not fit is left for the next operation of the kind.
  Answer& reply(std::string bytes) {
    bytes_ = std::move(bytes);
    return *this;
  }
  /// The operation gives this: a descriptor for accept, events for poll.
  Answer& result(int value) noexcept {
    result_ = value;
    return *this;
  }
  /// The operation fails by `error`, an errno.
  Answer& reply_error(int error) noexcept { return result(-error); }
  /// At most `count` bytes are sent, or received, though there is more.
  Answer& short_reply(std::size_t count) noexcept {
    limit_ = count;
    return *this;
  }
  /// The operation has to wait, and is done this long after it was submitted. Answers with
  /// different delays overtake each other.
  Answer& delay(std::chrono::nanoseconds time) noexcept {
    delay_ = time;
    return *this;
  }
  /// The operation waits until it is cancelled.
  Answer& never() noexcept { return delay(forever); }
  /// A request to cancel comes too late: the operation takes its time and has its effect.
  Answer& despite_cancel() noexcept {
    despite_cancel_ = true;
    return *this;
  }
  /// The same answer so many times.
  Answer& times(std::size_t count) noexcept {
    times_ = count;
    return *this;
  }
  /// The same answer every time.
  Answer& always() noexcept { return times(without_end); }

 private:
  friend class Script;
  friend class ScriptedBackend;
  static constexpr std::chrono::nanoseconds forever = std::chrono::nanoseconds::max();
  static constexpr std::size_t without_end = ~std::size_t{0};

  Answer(std::string_view kind, int fd) : kind_(kind), fd_(fd) {}

  std::string kind_;
  int fd_;  // any_descriptor: answers all
  std::string bytes_;
  std::optional<int> result_;
  std::size_t limit_ = ~std::size_t{0};
  std::optional<std::chrono::nanoseconds> delay_;  // none: an attempt succeeds
  bool despite_cancel_ = false;
  std::size_t times_ = 1;
};

/// The script, and the protocol of what happened. Lifetime: outlives the loop that plays it.
///
///     testing::Script script;
///     script.on("recv").reply("hello").delay(5ms);
///     script.on("recv").reply_error(ECONNRESET);
///     script.on("send").short_reply(3).always();
///     testing::run(amain(), script);
class Script {
 public:
  static constexpr int any_descriptor = -1;
  /// Descriptors from here on exist in scripts only; smaller ones are closed for real.
  static constexpr int first_invented_descriptor = 1'000'000;

  /// What was done: one entry for each operation that is done, and for each close.
  struct Entry {
    std::string kind;
    int fd;
    std::string bytes;  ///< sent or received
    int result;         ///< the effect, or -errno

    friend bool operator==(const Entry&, const Entry&) = default;
  };

  Script() = default;
  Script(const Script&) = delete;  // the backend points at it
  Script& operator=(const Script&) = delete;

  /// Adds an answer for operations of a kind ("recv", "send", "accept", "connect", …); on one
  /// descriptor, if it is given. Answers are used up in the order in which they were added. An
  /// operation without an answer waits. The reference is good until the next call.
  Answer& on(std::string_view kind, int fd = any_descriptor) {
    answers_.push_back(Answer(kind, fd));
    return answers_.back();
  }

  /// What was asked of the kernel so far, in order.
  [[nodiscard]] const std::vector<Entry>& log() const noexcept { return log_; }
  /// All bytes sent on a descriptor.
  [[nodiscard]] std::string sent(int fd) const {
    std::string bytes;
    for (const Entry& entry : log_)
      if (entry.fd == fd && entry.kind.starts_with("send")) bytes += entry.bytes;
    return bytes;
  }
  /// Answers that nothing asked for yet, without those given always.
  [[nodiscard]] std::size_t unused() const noexcept {
    std::size_t count = 0;
    for (const Answer& answer : answers_)
      if (answer.times_ != Answer::without_end) count += answer.times_;
    return count;
  }

 private:
  friend class ScriptedBackend;

  [[nodiscard]] std::deque<Answer>::iterator find(const detail::Operation& operation) {
    auto answer = answers_.begin();
    while (answer != answers_.end() &&
           (answer->kind_ != operation.type->name ||
            (answer->fd_ != any_descriptor && answer->fd_ != operation.fd)))
      ++answer;
    return answer;
  }

  /// The answer for an operation, taken out; none if the script is silent.
  [[nodiscard]] std::optional<Answer> take(const detail::Operation& operation) {
    const auto found = find(operation);
    if (found == answers_.end()) return std::nullopt;
    Answer answer = *found;
    if (found->times_ != Answer::without_end && --found->times_ == 0) answers_.erase(found);
    return answer;
  }
  /// An attempt would be answered without waiting.
  [[nodiscard]] bool is_ready_for(const detail::Operation& operation) {
    const auto found = find(operation);
    return found != answers_.end() && !found->delay_;
  }
  void put_back(Answer rest) {
    rest.times_ = 1;
    answers_.push_front(std::move(rest));
  }

  std::deque<Answer> answers_;
  std::vector<Entry> log_;
};

}  // namespace asyncio::testing
