// A chat over a unix socket: unix_chat path. The first line of a client is its name, every other
// line goes to all others; try `socat - UNIX-CONNECT:path` twice. Ctrl-C ends it.
#include <asyncio/asyncio.hpp>

#include <fmt/format.h>

#include <map>

using asyncio::Task;

class Room {
 public:
  Task<> serve(asyncio::StreamReader reader, asyncio::StreamWriter writer) {
    const auto name = co_await reader.next();
    if (!name) co_return;
    Member member(*this, writer, name->substr(0, name->find('\n')));
    for (auto line = co_await reader.next(); line; line = co_await reader.next()) {
      if (!line->ends_with('\n')) *line += '\n';  // the last one of a client that is gone
      member.say(*line);
      co_await writer.drain();
    }
  }

 private:
  /// A client is in the room as long as its Member lives, however its handler ends.
  class Member {
   public:
    Member(Room& room, asyncio::StreamWriter& writer, std::string name)
        : room_(room), writer_(writer), name_(std::move(name)) {
      room_.tell_others(*this, fmt::format("* {} is here\n", name_));
      room_.members_.emplace(this, &writer_);
      writer_.write(fmt::format("* {} in the room\n", room_.members_.size()));
    }
    Member(const Member&) = delete;
    Member& operator=(const Member&) = delete;
    ~Member() {
      room_.members_.erase(this);
      room_.tell_others(*this, fmt::format("* {} has left\n", name_));
    }
    void say(const std::string& line) { room_.tell_others(*this, fmt::format("{}: {}", name_, line)); }

   private:
    Room& room_;
    asyncio::StreamWriter& writer_;
    std::string name_;
  };

  /// Never waits: one client that does not read must not keep the others from talking.
  void tell_others(const Member& speaker, const std::string& text) {
    for (auto [member, writer] : members_)
      if (member != &speaker) writer->write(text);
  }

  std::map<const Member*, asyncio::StreamWriter*> members_;
};

Task<> amain(Room& room, std::string path) {
  auto serve = [&room](asyncio::StreamReader reader, asyncio::StreamWriter writer) -> Task<> {
    co_await room.serve(std::move(reader), std::move(writer));
  };
  asyncio::Server server = co_await asyncio::start_unix_server(serve, path);
  fmt::print("listening on {}\n", path);
  std::fflush(stdout);
  co_await server.serve_forever();
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: unix_chat path\n");
    return 2;
  }
  Room room;  // handlers may outlive amain(), but not run_main()
  return asyncio::run_main(amain(room, argv[1]));
}
