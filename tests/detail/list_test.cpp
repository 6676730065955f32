#include <asyncio/detail/list.hpp>
//
#include <string>

#include <support/catch.hpp>

namespace list_test {

using asyncio::detail::List;
using asyncio::detail::ListHook;

namespace {

struct Node : ListHook {
  explicit Node(char n) : name(n) {}
  char name;
};

std::string names(List<Node>& list) {
  std::string result;
  for (Node* node = list.first(); node; node = list.next(*node)) result += node->name;
  return result;
}

}  // namespace

TEST_CASE("list: first in, first out") {
  Node a('a'), b('b'), c('c');
  List<Node> list;
  CHECK(list.empty());
  CHECK(list.pop_front() == nullptr);
  CHECK(list.first() == nullptr);
  list.push_back(a);
  list.push_back(b);
  list.push_back(c);
  CHECK(names(list) == "abc");
  CHECK(list.size() == 3);
  CHECK(list.pop_front() == &a);
  CHECK_FALSE(a.is_linked());
  CHECK(&list.front() == &b);
  CHECK(names(list) == "bc");
}

TEST_CASE("list: push_front puts a node before all others") {
  Node a('a'), b('b');
  List<Node> list;
  list.push_front(a);
  list.push_front(b);
  CHECK(names(list) == "ba");
}

TEST_CASE("list: a node leaves from any place, and again") {
  Node a('a'), b('b'), c('c');
  List<Node> list;
  for (Node* node : {&a, &b, &c}) list.push_back(*node);
  b.unlink();
  b.unlink();
  CHECK(names(list) == "ac");
  list.push_back(b);
  CHECK(names(list) == "acb");
  a.unlink();
  b.unlink();
  c.unlink();
  CHECK(list.empty());
}

TEST_CASE("list: a node that dies leaves its list") {
  Node a('a');
  List<Node> list;
  {
    Node b('b');
    list.push_back(b);
    list.push_back(a);
  }
  CHECK(names(list) == "a");
}

TEST_CASE("list: a list that dies releases its nodes") {
  Node a('a'), b('b');
  {
    List<Node> list;
    list.push_back(a);
    list.push_back(b);
  }
  CHECK_FALSE(a.is_linked());
  CHECK_FALSE(b.is_linked());
}

TEST_CASE("list: the walk goes on when the current node leaves") {
  Node a('a'), b('b'), c('c');
  List<Node> list;
  for (Node* node : {&a, &b, &c}) list.push_back(*node);
  std::string seen;
  for (Node* node = list.first(); node;) {
    Node* const next = list.next(*node);
    seen += node->name;
    node->unlink();
    node = next;
  }
  CHECK(seen == "abc");
  CHECK(list.empty());
}

}  // namespace list_test
