#include <asyncio/os/socket_file.hpp>

#include <asyncio/os/socket.hpp>

#include <support/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace socket_file_test {

using asyncio::os::SocketFile;

TEST_CASE("socket file: removed when its owner goes, unless it was replaced", "[SVR-17]") {
  char name[] = "/tmp/asyncio-file-XXXXXX";
  const std::string directory = ::mkdtemp(name);
  const std::string path = directory + "/socket";
  std::ofstream(path) << "first";
  {
    SocketFile file(path);
    SocketFile moved = std::move(file);
    REQUIRE(std::filesystem::exists(path));
  }
  REQUIRE_FALSE(std::filesystem::exists(path));

  std::ofstream(path) << "first";
  const std::string kept = directory + "/kept";
  std::filesystem::create_hard_link(path, kept);  // so that the number is not used again at once
  SocketFile file(path);
  std::filesystem::remove(path);
  std::ofstream(path) << "second";
  file.remove();
  REQUIRE(std::filesystem::exists(path));
  SocketFile::remove_stale(path);  // no socket
  REQUIRE(std::filesystem::exists(path));
  std::filesystem::remove(path);
  const auto socket = asyncio::os::make_socket(AF_UNIX, SOCK_STREAM);
  asyncio::os::bind(socket.get(), asyncio::os::Address::from_unix_path(path));
  SocketFile::remove_stale(path);
  REQUIRE_FALSE(std::filesystem::exists(path));
  std::filesystem::remove_all(directory);
}

}  // namespace socket_file_test
