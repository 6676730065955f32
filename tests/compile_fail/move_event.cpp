// expect-error-anywhere: Event\(const Event&\) = delete;  // waiters point at it
#include <asyncio/asyncio.hpp>

#include <utility>

int main() {
  asyncio::Event event;
  asyncio::Event moved(std::move(event));
  moved.set();
}
