#include <asyncio/backend/descriptor_table.hpp>

#include <support/catch.hpp>

namespace descriptor_table_test {

using asyncio::detail::DescriptorTable;

TEST_CASE("descriptor table: entries are made when asked for and do not move", "[backend][table]") {
  DescriptorTable<int> table;
  int& first = table[3];
  REQUIRE(first == 0);
  first = 7;
  for (int fd = 0; fd < 10'000; fd += 100) table[fd] = fd;
  REQUIRE(&table[3] == &first);
  REQUIRE(table[3] == 7);
  REQUIRE(table[9'900] == 9'900);
}

TEST_CASE("descriptor table: pages are visited only where one was asked for", "[backend][table]") {
  DescriptorTable<int> table;
  table[1'000'000] = 5;
  int visited = 0;
  int sum = 0;
  table.for_each([&](int entry) {
    ++visited;
    sum += entry;
  });
  REQUIRE(visited == 64);
  REQUIRE(sum == 5);
}

}  // namespace descriptor_table_test
