// expect-abort: an object is already in a list
#include <asyncio/detail/list.hpp>

int main() {
  struct Node : asyncio::detail::ListHook {};
  Node node;
  asyncio::detail::List<Node> first, second;
  first.push_back(node);
  second.push_back(node);
  return 0;
}
