#include <asyncio/backend/operation.hpp>

#include <type_traits>

#include <support/catch.hpp>

namespace operation_test {

using asyncio::detail::List;
using asyncio::detail::Operation;
using asyncio::detail::OperationState;
using asyncio::detail::OperationType;
using asyncio::detail::UringForm;

TEST_CASE("operation: belongs to its maker at first, and names no descriptor", "[backend]") {
  const Operation operation;
  CHECK(operation.state == OperationState::idle);
  CHECK(operation.fd == -1);
  CHECK(operation.type == nullptr);
  CHECK(operation.on_complete == nullptr);
  CHECK(operation.offset == ~std::uint64_t{0});  // the current position
  CHECK_FALSE(operation.is_linked());
}

TEST_CASE("operation: stays where it is, because the kernel points at it", "[backend]") {
  STATIC_REQUIRE_FALSE(std::is_copy_constructible_v<Operation>);
  STATIC_REQUIRE_FALSE(std::is_move_constructible_v<Operation>);
  STATIC_REQUIRE_FALSE(std::is_copy_assignable_v<Operation>);
}

TEST_CASE("operation: one that ends leaves the list of its backend", "[backend]") {
  List<Operation> waiting;
  Operation first;
  waiting.push_back(first);
  {
    Operation second;
    waiting.push_back(second);
    CHECK(waiting.size() == 2);
  }
  CHECK(waiting.size() == 1);
  CHECK(&waiting.front() == &first);
}

TEST_CASE("operation: a type is a constant with both forms", "[backend]") {
  static constexpr OperationType type{
      .name = "twice",
      .uring = [](const Operation& operation) noexcept -> UringForm {
        return {.opcode = 7, .length = static_cast<std::uint32_t>(operation.length)};
      },
      .readiness = asyncio::detail::Readiness::writable,
      .attempt = [](Operation& operation) noexcept { return 2 * operation.fd; }};
  STATIC_REQUIRE_FALSE(type.yields_descriptor);
  Operation operation;
  operation.fd = 21;
  operation.length = 5;
  CHECK(type.attempt(operation) == 42);
  CHECK(type.uring(operation).opcode == 7);
  CHECK(type.uring(operation).length == 5);
  CHECK(type.uring(operation).address == 0);
}

}  // namespace operation_test
