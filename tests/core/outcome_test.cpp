#include <asyncio/core/outcome.hpp>
//
#include <memory>

#include <support/catch.hpp>
#include <support/counted.hpp>

namespace outcome_test {

using asyncio::CancelledError;
using asyncio::InvalidStateError;
using asyncio::None;
using asyncio::Outcome;

TEST_CASE("outcome: holds a value, an error, or nothing yet") {
  Outcome<int> outcome;
  CHECK(outcome.empty());
  CHECK_FALSE(outcome.has_value());
  CHECK_THROWS_AS(outcome.value(), InvalidStateError);
  outcome.set_value(3);
  CHECK(outcome);
  CHECK(outcome.value() == 3);
  CHECK(outcome.error() == nullptr);

  Outcome<int> failed;
  failed.set_error(std::make_exception_ptr(std::runtime_error("bad")));
  CHECK_FALSE(failed.has_value());
  CHECK_FALSE(failed.empty());
  CHECK_THROWS_AS(failed.value(), std::runtime_error);
  CHECK(failed.error() != nullptr);
  CHECK_FALSE(failed.cancelled());
}

TEST_CASE("outcome: tells a cancellation") {
  Outcome<void> outcome;
  outcome.set_error(std::make_exception_ptr(CancelledError()));
  CHECK(outcome.cancelled());
}

TEST_CASE("outcome: stands for void and for references too") {
  Outcome<void> nothing;
  nothing.set_value();
  CHECK(nothing.value() == None{});
  nothing.take();

  int target = 1;
  Outcome<int&> reference;
  reference.set_value(asyncio::detail::Reference<int>{&target});
  reference.take() = 5;
  CHECK(target == 5);
}

TEST_CASE("outcome: an error replaces a value") {
  Outcome<std::string> outcome;
  outcome.set_value("value");
  outcome.set_error(std::make_exception_ptr(1));
  CHECK_THROWS_AS(outcome.take(), int);
}

TEST_CASE("outcome: is copied where the value can be, and moved") {
  Outcome<std::string> a;
  a.set_value("text");
  Outcome<std::string> b = a;
  CHECK(b.value() == "text");
  Outcome<std::string> c = std::move(b);
  CHECK(c.value() == "text");
  a = Outcome<std::string>();
  CHECK(a.empty());
  CHECK(std::move(c).value() == "text");
  CHECK_FALSE(std::is_copy_constructible_v<Outcome<std::unique_ptr<int>>>);
  Outcome<std::unique_ptr<int>> owned;
  owned.set_value(std::make_unique<int>(4));
  CHECK(*owned.take() == 4);
}

TEST_CASE("outcome: values and errors are destroyed once") {
  using Tag = struct OutcomeTag;
  using Counted = asyncio_test::Counted<Tag>;
  Counted::count.reset();
  {
    Outcome<Counted> a;
    a.set_value(1);
    Outcome<Counted> b = a;
    b = std::move(a);
    Outcome<Counted> c;
    c.set_value(2);
    c.set_error(std::make_exception_ptr(Counted(3)));
    Outcome<Counted> d = c;
    const Counted taken = b.take();
    CHECK(taken.value() == 1);
  }
  CHECK(Counted::count.alive() == 0);
}

}  // namespace outcome_test
