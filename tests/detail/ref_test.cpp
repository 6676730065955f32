#include <asyncio/detail/ref.hpp>
//
#include <type_traits>

#include <support/catch.hpp>

namespace ref_test {

using asyncio::detail::Ref;

namespace {

struct Object {
  explicit Object(int& ends) : ends_(ends) {}
  void add_ref() noexcept { ++refs; }
  void drop_ref() noexcept {
    if (--refs == 0) ++ends_;
  }
  int refs = 0;

 private:
  int& ends_;
};

static_assert(std::is_nothrow_move_constructible_v<Ref<Object>>);

}  // namespace

TEST_CASE("ref: counts copies, and the last one ends the object") {
  int ends = 0;
  Object object(ends);
  {
    Ref<Object> a(&object);
    Ref<Object> b = a;
    CHECK(object.refs == 2);
    CHECK(a == b);
    b = Ref<Object>();
    CHECK(object.refs == 1);
    CHECK_FALSE(b);
    CHECK(ends == 0);
  }
  CHECK(ends == 1);
}

TEST_CASE("ref: a move does not count") {
  int ends = 0;
  Object object(ends);
  Ref<Object> a(&object);
  Ref<Object> b = std::move(a);
  CHECK(object.refs == 1);
  CHECK(b.get() == &object);
  Ref<Object> c;
  c = std::move(b);
  CHECK(object.refs == 1);
  const Ref<Object>& same = c;
  c = same;
  CHECK(object.refs == 1);
  CHECK(ends == 0);
}

TEST_CASE("ref: adopts a reference that was counted, and releases one") {
  int ends = 0;
  Object object(ends);
  object.add_ref();
  Ref<Object> a = Ref<Object>::adopt(&object);
  CHECK(object.refs == 1);
  CHECK(a.release() == &object);
  CHECK_FALSE(a);
  CHECK(object.refs == 1);
  object.drop_ref();
  CHECK(ends == 1);
}

TEST_CASE("ref: null is allowed") {
  Ref<Object> a(nullptr);
  Ref<Object> b = a;
  CHECK_FALSE(a);
  CHECK(b == a);
}

}  // namespace ref_test
