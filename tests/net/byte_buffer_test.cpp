#include <asyncio/net/byte_buffer.hpp>

#include <support/catch.hpp>

#include <random>

namespace byte_buffer_test {

using asyncio::detail::ByteBuffer;

TEST_CASE("byte buffer: what is appended is taken in order", "[SRD-14]") {
  ByteBuffer buffer;
  REQUIRE(buffer.empty());
  buffer.append("hello ");
  buffer.append("");
  buffer.append("world");
  REQUIRE(buffer.view() == "hello world");
  REQUIRE(buffer.take(6) == "hello ");
  std::byte target[3];
  REQUIRE(buffer.take_into(target) == 3);
  REQUIRE(target[0] == std::byte{'w'});
  REQUIRE(buffer.view() == "ld");
  buffer.clear();
  REQUIRE(buffer.empty());
}

TEST_CASE("byte buffer: space stays where it is while bytes in front are consumed", "[SRD-12]") {
  ByteBuffer buffer;
  buffer.append("abc");
  const std::span<char> space = buffer.space(100);
  buffer.consume(3);
  REQUIRE(buffer.empty());
  std::copy_n("later", 5, space.begin());
  buffer.commit(5);
  REQUIRE(buffer.view() == "later");
}

TEST_CASE("byte buffer: memory that is not needed any more is given back", "[SRD-01]") {
  ByteBuffer buffer;
  buffer.append(std::string(100'000, 'x'));
  REQUIRE(buffer.capacity() >= 100'000);
  buffer.clear();
  static_cast<void>(buffer.space(4096));
  REQUIRE(buffer.capacity() == 4096);
  buffer.release();
  REQUIRE(buffer.capacity() == 0);
}

TEST_CASE("byte buffer: steady traffic keeps one piece of memory", "[SRD-14]") {
  ByteBuffer buffer;
  static_cast<void>(buffer.space(4096));
  const std::size_t capacity = buffer.capacity();
  for (int i = 0; i < 1000; ++i) {
    static_cast<void>(buffer.space(4096));
    buffer.commit(64);
    buffer.consume(64);
  }
  REQUIRE(buffer.capacity() == capacity);
}

TEST_CASE("byte buffer: agrees with a string under random use", "[SRD-14]") {
  std::mt19937 random(3);
  ByteBuffer buffer;
  std::string model;
  for (int i = 0; i < 20'000; ++i) {
    if (random() % 2 == 0) {
      const std::string bytes(random() % 300, static_cast<char>('a' + random() % 26));
      buffer.append(bytes);
      model += bytes;
    } else {
      const std::size_t count = model.empty() ? 0 : random() % (model.size() + 1);
      if (buffer.take(count) != model.substr(0, count)) FAIL("step " << i);
      model.erase(0, count);
    }
    if (buffer.view() != model) FAIL("step " << i);
  }
  REQUIRE(buffer.size() == model.size());
}

}  // namespace byte_buffer_test
