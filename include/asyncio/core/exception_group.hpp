// Several exceptions as one.
// Reference: https://docs.python.org/3/library/exceptions.html#exception-groups
#pragma once

#include <asyncio/core/exceptions.hpp>
#include <asyncio/core/flat_destruction.hpp>
#include <span>
#include <vector>

namespace asyncio {

class BaseExceptionGroup;
class ExceptionGroup;

namespace detail {

/// What split<E>() makes of a list of exceptions; nested groups are split and kept as groups.
struct SplitExceptions {
  std::vector<std::exception_ptr> matching;
  std::vector<std::exception_ptr> others;
};

template <class E>
SplitExceptions split_exceptions(std::span<const std::exception_ptr> exceptions);

/// It can be caught as a std::exception. Rethrows: for the moment of reporting only.
[[nodiscard]] inline bool is_standard(const std::exception_ptr& error) noexcept {
  try {
    std::rethrow_exception(error);
  } catch (const std::exception&) {
    return true;
  } catch (...) {
    return false;
  }
}

}  // namespace detail

/// Exceptions of any kind that were raised together. Not a std::exception by itself.
class BaseExceptionGroup {
 public:
  BaseExceptionGroup(std::string message, std::vector<std::exception_ptr> exceptions)
      : message_(std::move(message)), exceptions_(std::move(exceptions)) {
    if (exceptions_.empty())
      throw std::invalid_argument("second argument (exceptions) must be a non-empty sequence");
  }
  virtual ~BaseExceptionGroup() {
    for (std::exception_ptr& error : exceptions_) detail::destroy_flat(std::move(error));
  }
  BaseExceptionGroup(const BaseExceptionGroup&) = default;
  BaseExceptionGroup& operator=(const BaseExceptionGroup&) = default;

  /// What the group was given as its text.
  [[nodiscard]] const std::string& message() const noexcept { return message_; }
  /// The members, at least one.
  [[nodiscard]] const std::vector<std::exception_ptr>& exceptions() const noexcept {
    return exceptions_;
  }

  /// The members that are an E, and the others; nesting is kept, an empty side is nullopt.
  template <class E>
  [[nodiscard]] std::pair<std::optional<BaseExceptionGroup>, std::optional<BaseExceptionGroup>>
  split() const {
    detail::SplitExceptions parts = detail::split_exceptions<E>(exceptions_);
    return {derive<BaseExceptionGroup>(std::move(parts.matching)),
            derive<BaseExceptionGroup>(std::move(parts.others))};
  }
  /// The members that are an E.
  template <class E>
  [[nodiscard]] std::optional<BaseExceptionGroup> subgroup() const {
    return split<E>().first;
  }

 protected:
  template <class Group>
  [[nodiscard]] std::optional<Group> derive(std::vector<std::exception_ptr> members) const {
    if (members.empty()) return std::nullopt;
    return Group(message_, std::move(members));
  }

  std::string message_;
  std::vector<std::exception_ptr> exceptions_;
};

/// A group whose members are all std::exceptions.
class ExceptionGroup final : public BaseExceptionGroup, public std::exception {
 public:
  ExceptionGroup(std::string message, std::vector<std::exception_ptr> exceptions)
      : BaseExceptionGroup(std::move(message), std::move(exceptions)),
        what_(message_ + " (" + std::to_string(exceptions_.size()) + " sub-exception" +
              (exceptions_.size() == 1 ? ")" : "s)")) {}

  [[nodiscard]] const char* what() const noexcept override { return what_.c_str(); }

  /// As BaseExceptionGroup::split(); what is left of an ExceptionGroup is one.
  template <class E>
  [[nodiscard]] std::pair<std::optional<ExceptionGroup>, std::optional<ExceptionGroup>> split()
      const {
    detail::SplitExceptions parts = detail::split_exceptions<E>(exceptions_);
    return {derive<ExceptionGroup>(std::move(parts.matching)),
            derive<ExceptionGroup>(std::move(parts.others))};
  }
  /// As BaseExceptionGroup::subgroup().
  template <class E>
  [[nodiscard]] std::optional<ExceptionGroup> subgroup() const {
    return split<E>().first;
  }

 private:
  std::string what_;
};

namespace detail {

/// The group that fits: an ExceptionGroup when every member is a std::exception.
[[nodiscard]] inline std::exception_ptr make_group(std::string message,
                                                   std::vector<std::exception_ptr> exceptions) {
  for (const std::exception_ptr& error : exceptions)
    if (!is_standard(error))
      return std::make_exception_ptr(BaseExceptionGroup(std::move(message), std::move(exceptions)));
  return std::make_exception_ptr(ExceptionGroup(std::move(message), std::move(exceptions)));
}

template <class E>
void sort_exception(const std::exception_ptr& error, SplitExceptions& parts) {
  try {
    std::rethrow_exception(error);
  } catch (const E&) {
    parts.matching.push_back(error);
  } catch (const BaseExceptionGroup& group) {
    SplitExceptions inner = split_exceptions<E>(group.exceptions());
    if (!inner.matching.empty())
      parts.matching.push_back(make_group(group.message(), std::move(inner.matching)));
    if (!inner.others.empty())
      parts.others.push_back(make_group(group.message(), std::move(inner.others)));
  } catch (...) {
    parts.others.push_back(error);
  }
}

template <class E>
SplitExceptions split_exceptions(std::span<const std::exception_ptr> exceptions) {
  SplitExceptions parts;
  for (const std::exception_ptr& error : exceptions) sort_exception<E>(error, parts);
  return parts;
}

}  // namespace detail
}  // namespace asyncio
