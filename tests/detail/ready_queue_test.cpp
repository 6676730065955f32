#include <asyncio/detail/ready_queue.hpp>
//
#include <vector>

#include <support/catch.hpp>

namespace ready_queue_test {

using asyncio::detail::ReadyNode;
using asyncio::detail::ReadyQueue;
using asyncio::detail::Turn;

namespace {

struct Node : ReadyNode {
  Node()
      : ReadyNode([](ReadyNode& self, Turn turn) noexcept {
          ++(turn == Turn::run ? static_cast<Node&>(self).runs : static_cast<Node&>(self).discards);
        }) {}
  int runs = 0;
  int discards = 0;
};

}  // namespace

TEST_CASE("ready queue: first in, first out") {
  Node a, b, c;
  ReadyQueue queue;
  CHECK(queue.empty());
  CHECK(queue.pop() == nullptr);
  queue.push(a);
  queue.push(b);
  CHECK(queue.pop() == &a);
  queue.push(c);
  CHECK(queue.pop() == &b);
  CHECK_FALSE(queue.empty());
  CHECK(queue.pop() == &c);
  CHECK(queue.empty());
  CHECK(queue.pop() == nullptr);
}

TEST_CASE("ready queue: a node that was popped can be queued again") {
  Node a, b;
  ReadyQueue queue;
  queue.push(a);
  queue.push(b);
  queue.push(*queue.pop());
  CHECK(queue.pop() == &b);
  CHECK(queue.pop() == &a);
  CHECK(queue.empty());
}

TEST_CASE("ready queue: a batch goes to the front of another queue, in order") {
  Node a, b, c, d;
  ReadyQueue batch, rest;
  batch.push(a);
  batch.push(b);
  rest.push(c);
  rest.push(d);
  rest.take_front(batch);
  CHECK(batch.empty());
  for (Node* node : {&a, &b, &c, &d}) CHECK(rest.pop() == node);
  CHECK(rest.empty());
}

TEST_CASE("ready queue: an empty batch changes nothing, an empty queue takes all") {
  Node a, b;
  ReadyQueue batch, rest;
  rest.take_front(batch);
  CHECK(rest.empty());
  rest.push(a);
  rest.take_front(batch);
  batch.take_front(rest);
  CHECK(rest.empty());
  batch.push(b);
  CHECK(batch.pop() == &a);
  CHECK(batch.pop() == &b);
}

TEST_CASE("ready queue: a node is told whether to run or to let go") {
  Node a;
  a.run(a, Turn::run);
  a.run(a, Turn::discard);
  CHECK(a.runs == 1);
  CHECK(a.discards == 1);
}

}  // namespace ready_queue_test
