#include <asyncio/asyncio.hpp>

asyncio::Task<int> from_one(int value);

asyncio::Task<int> from_two(int value) {
  const int more = co_await from_one(value);
  co_return more * 2;
}
