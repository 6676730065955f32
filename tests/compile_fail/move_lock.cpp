// expect-error-anywhere: Lock\(const Lock&\) = delete;  // waiters point at it
#include <asyncio/asyncio.hpp>

asyncio::Lock make_lock() {
  asyncio::Lock lock;
  return lock;
}

int main() { make_lock().release(); }
