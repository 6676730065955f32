#include <asyncio/fs/file.hpp>

#include <fs/temporary.hpp>

#include <sys/stat.h>

namespace file_test {

using namespace asyncio;
using namespace asyncio_test;

namespace {

std::string pattern(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>((i * 31 + i / 251) & 0xff);
  return bytes;
}

// --- open and close ------------------------------------------------------------------------------

ASYNC_TEST("file: a failing open names the path") {
  const TemporaryFolder folder;
  const std::string path = folder / "none";
  const std::string how = co_await ending(File::open(path));
  CHECK(how == "open '" + path + "': No such file or directory");
}

ASYNC_TEST("file: the modes are Python's") {
  const TemporaryFolder folder;
  const std::string path = folder / "f";
  {
    File file = co_await File::open(path, "x");
    co_await file.write("one");
    co_await file.close();
  }
  const std::string again = co_await ending(File::open(path, "x"));
  CHECK(again.find("File exists") != again.npos);
  {
    File file = co_await File::open(path, "a");
    CHECK(file.tell() == 3);
    co_await file.write("two");
    CHECK(file.tell() == 6);
  }
  CHECK(folder.content("f") == "onetwo");
  {
    File file = co_await File::open(path, "r+b");
    co_await file.write("ONE");
    const std::string rest = co_await file.read();
    CHECK(rest == "two");
  }
  CHECK(folder.content("f") == "ONEtwo");
  {
    File file = co_await File::open(path, "rb");
    const std::string how = co_await ending(file.write("x"));
    CHECK(how == "write to '" + path + "': Bad file descriptor");
  }
  {
    File file = co_await File::open(path, "w");
    const std::string how = co_await ending(file.read());
    CHECK(how == "read from '" + path + "': Bad file descriptor");
  }
  CHECK(folder.content("f").empty());
  for (const char* mode : {"", "q", "rw", "r++", "+"})
    CHECK_THROWS_AS(File::open(path, mode), std::invalid_argument);
}

ASYNC_TEST("file: options add flags and permissions") {
  const TemporaryFolder folder;
  const std::string path = folder / "f";
  const mode_t mask = ::umask(0);
  {
    File file = co_await File::open(path, "w", {.permissions = 0640});
    const FileStatus status = co_await file.stat();
    CHECK(status.permissions() == 0640);
  }
  ::umask(mask);
  const std::string how = co_await ending(File::open(path, "r", {.flags = O_DIRECTORY}));
  CHECK(how == "open '" + path + "': Not a directory");
}

ASYNC_TEST("file: its descriptor is not inherited, and closes with it") {
  const TemporaryFolder folder;
  const std::string path = folder.make("f", "x");
  const std::size_t before = open_descriptors();
  {
    File file = co_await File::open(path);
    CHECK(open_descriptors() == before + 1);
    CHECK((::fcntl(file.fileno(), F_GETFD) & FD_CLOEXEC) != 0);
    CHECK(file.is_open());
    CHECK(file.path() == path);
  }
  co_await turns(2);
  CHECK(open_descriptors() == before);
}

ASYNC_TEST("file: close, then nothing works, and once more is nothing") {
  const TemporaryFolder folder;
  const std::string path = folder.make("f", "text");
  const std::size_t before = open_descriptors();
  File file = co_await File::open(path);
  co_await file.close();
  CHECK(open_descriptors() == before);
  CHECK_FALSE(file.is_open());
  CHECK(file.fileno() == -1);
  co_await file.close();
  for (auto call : {+[](File& f) -> Task<> { static_cast<void>(co_await f.read(1)); },
                    +[](File& f) -> Task<> { co_await f.write("x"); },
                    +[](File& f) -> Task<> { co_await f.fsync(); },
                    +[](File& f) -> Task<> { co_await f.truncate(1); },
                    +[](File& f) -> Task<> { static_cast<void>(co_await f.stat()); }}) {
    const std::string how = co_await ending(call(file));
    CHECK(how.find("'" + path + "': Bad file descriptor") != how.npos);
  }
}

ASYNC_TEST("file: one that was moved from owns nothing") {
  const TemporaryFolder folder;
  File file = co_await File::open(folder.make("f", "text"));
  File other = std::move(file);
  CHECK_FALSE(file.is_open());
  CHECK_THROWS_AS(file.tell(), RuntimeError);
  co_await file.close();
  file = std::move(other);
  const std::string text = co_await file.read();
  CHECK(text == "text");
}

// --- reading -------------------------------------------------------------------------------------

ASYNC_TEST("file: read gives as much as asked for, less only at the end") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(300'000);
  File file = co_await File::open(folder.make("f", bytes));
  const std::string first = co_await file.read(100'000);
  CHECK(first == bytes.substr(0, 100'000));
  CHECK(file.tell() == 100'000);
  const std::string nothing = co_await file.read(0);
  CHECK(nothing.empty());
  const std::string rest = co_await file.read(1'000'000);
  CHECK(rest == bytes.substr(100'000));
  const std::string end = co_await file.read(10);
  CHECK(end.empty());
  CHECK(file.tell() == 300'000);
}

ASYNC_TEST("file: read to the end") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(1'000'003);
  File file = co_await File::open(folder.make("f", bytes));
  file.seek(3);
  const std::string all = co_await file.read();
  CHECK(all == bytes.substr(3));
}

ASYNC_TEST("file: read_into takes what was read ahead first") {
  const TemporaryFolder folder;
  File file = co_await File::open(folder.make("f", "line\nrest"));
  const std::string line = co_await file.readline();
  CHECK(line == "line\n");
  std::array<std::byte, 3> buffer{};
  const std::size_t count = co_await file.read_into(buffer);
  CHECK(count == 3);
  CHECK(static_cast<char>(buffer[2]) == 's');
  CHECK(file.tell() == 8);
  const std::size_t last = co_await file.read_into(buffer);
  CHECK(last == 1);
  const std::size_t end = co_await file.read_into(buffer);
  CHECK(end == 0);
}

ASYNC_TEST("file: lines, the last one without an end") {
  const TemporaryFolder folder;
  const std::string longest(200'000, 'x');
  File file = co_await File::open(folder.make("f", "a\n\n" + longest + "\nlast"));
  std::vector<std::string> lines;
  while (auto line = co_await file.next()) lines.push_back(*line);
  CHECK(lines == std::vector<std::string>{"a\n", "\n", longest + "\n", "last"});
  const std::string end = co_await file.readline();
  CHECK(end.empty());
}

ASYNC_TEST("file: pread leaves the position, and several run at once") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(100'000);
  File file = co_await File::open(folder.make("f", bytes));
  std::vector<Task<std::string>> reads;
  for (std::size_t i = 0; i < 10; ++i) reads.push_back(file.pread(20'000, i * 10'000));
  const auto parts = co_await gather(std::move(reads));
  for (std::size_t i = 0; i < 10; ++i) CHECK(parts[i] == bytes.substr(i * 10'000, 20'000));
  CHECK(file.tell() == 0);
}

ASYNC_TEST("file: an empty file, and /dev/null") {
  const TemporaryFolder folder;
  File file = co_await File::open(folder.make("f", ""));
  const std::string all = co_await file.read();
  CHECK(all.empty());
  const auto line = co_await file.next();
  CHECK_FALSE(line.has_value());
  File null = co_await File::open("/dev/null", "r+");
  co_await null.write("gone");
  const std::string nothing = co_await null.read();
  CHECK(nothing.empty());
}

ASYNC_TEST("file: a directory can be opened and not read") {
  const TemporaryFolder folder;
  File file = co_await File::open(folder / "");
  const FileStatus status = co_await file.stat();
  CHECK(status.is_directory());
  const std::string how = co_await ending(file.read());
  CHECK(how.find("Is a directory") != how.npos);
}

ASYNC_TEST("file: what comes from /proc, whose size is zero") {
  File file = co_await File::open("/proc/self/status");
  const std::string text = co_await file.read();
  CHECK(text.find("Name:") == 0);
}

// --- writing -------------------------------------------------------------------------------------

ASYNC_TEST("file: write writes everything") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(5'000'000);
  File file = co_await File::open(folder / "f", "w");
  co_await file.write(bytes);
  CHECK(file.tell() == bytes.size());
  co_await file.write(std::span<const std::byte>{});
  co_await file.close();
  CHECK(folder.content("f") == bytes);
}

ASYNC_TEST("file: what was read ahead is read again after a write") {
  const TemporaryFolder folder;
  File file = co_await File::open(folder.make("f", "one\ntwo\nthree\n"), "r+");
  const std::string first = co_await file.readline();
  CHECK(first == "one\n");
  co_await file.write("TWO");
  const std::string rest = co_await file.readline();
  CHECK(rest == "\n");
  co_await file.pwrite("THR", 8);
  const std::string third = co_await file.readline();
  CHECK(third == "THRee\n");
  CHECK(folder.content("f") == "one\nTWO\nTHRee\n");
}

ASYNC_TEST("file: pwrite leaves the position, and makes holes") {
  const TemporaryFolder folder;
  File file = co_await File::open(folder / "f", "w+");
  co_await file.pwrite("end", 10);
  CHECK(file.tell() == 0);
  const std::string all = co_await file.read();
  CHECK(all == std::string(10, '\0') + "end");
}

ASYNC_TEST("file: beyond four gigabytes") {
  const TemporaryFolder folder;
  constexpr std::uint64_t far = 5'000'000'000;
  File file = co_await File::open(folder / "f", "w+");
  file.seek(far);
  co_await file.write("far away");
  CHECK(file.tell() == far + 8);
  const FileStatus status = co_await file.stat();
  CHECK(status.size() == far + 8);
  CHECK(status.allocated() < 1'000'000);
  const std::string part = co_await file.pread(3, far + 4);
  CHECK(part == "awa");
  file.seek(far + 5);
  const std::string rest = co_await file.read();
  CHECK(rest == "way");
}

ASYNC_TEST("file: a full device") {
  File file = co_await File::open("/dev/full", "w");
  const std::string how = co_await ending(file.write("x"));
  CHECK(how == "write to '/dev/full': No space left on device");
  CHECK(file.tell() == 0);
}

ASYNC_TEST("file: truncate, fsync, fdatasync and stat") {
  const TemporaryFolder folder;
  File file = co_await File::open(folder.make("f", "0123456789"), "r+");
  co_await file.truncate(4);
  co_await file.fsync();
  co_await file.fdatasync();
  const FileStatus shorter = co_await file.stat();
  CHECK(shorter.size() == 4);
  CHECK(shorter.is_regular_file());
  co_await file.truncate(6);
  const std::string all = co_await file.read();
  CHECK(all == std::string("0123\0\0", 6));
}

// --- one at a time, cancellation -----------------------------------------------------------------

ASYNC_TEST("file: a second task at the position is refused") {
  const TemporaryFolder folder;
  File file = co_await File::open(folder / "f", "w+");
  const std::string bytes = pattern(4'000'000);
  auto writing = create_task(file.write(bytes));
  std::string how;
  while (!writing.done() && how.empty()) {
    co_await turns(1);
    const Outcome<std::string> outcome = co_await as_outcome(file.read(1));
    if (!outcome.has_value()) how = describe(outcome.error());
    if (file.tell() == bytes.size()) break;
  }
  co_await writing;
  CHECK((how.empty() ||
         how.find("another task is already reading or writing this file") != how.npos));
  CHECK(folder.content("f") == bytes);
}

ASYNC_TEST("file: a cancelled read leaves everything for the next one") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(3'000'000);
  File file = co_await File::open(folder.make("f", bytes));
  std::string got;
  for (int round = 0; got.size() < bytes.size(); ++round) {
    auto reading = create_task(file.read(500'000));
    co_await turns(round % 5);
    reading.cancel();
    const std::uint64_t before = file.tell();
    const Outcome<std::string> outcome = co_await as_outcome(reading);
    if (outcome.has_value()) got += outcome.value();
    // A result that was not given has moved the position.
    if (!outcome.has_value() && file.tell() != before) file.seek(before);
    if (round > 200) got += co_await file.read(500'000);
  }
  CHECK(got == bytes);
}

ASYNC_TEST("file: a cancelled write has written what the position says") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(8'000'000);
  for (int turn = 0; turn < 6; ++turn) {
    File file = co_await File::open(folder / "f", "w");
    auto writing = create_task(file.write(bytes));
    co_await turns(turn);
    writing.cancel();
    static_cast<void>(co_await as_outcome(writing));
    const std::uint64_t written = file.tell();
    co_await file.close();
    CHECK(folder.content("f") == bytes.substr(0, written));
  }
}

ASYNC_TEST("file: an open that is cancelled before it starts is not called never awaited") {
  EventLoop& loop = get_running_loop();
  loop.set_debug(true);
  std::vector<std::string> reports;
  loop.set_exception_handler([&reports](EventLoop&, const ExceptionContext& context) {
    reports.push_back(std::string(context.message));
  });
  auto task = create_task(File::open("/dev/null"));
  task.cancel();
  static_cast<void>(co_await as_outcome(task));
  CHECK(task.cancelled());
  CHECK(reports == std::vector<std::string>());
}

ASYNC_TEST("file: a cancelled open leaves no descriptor") {
  const TemporaryFolder folder;
  const std::string path = folder.make("f", "text");
  const std::size_t before = open_descriptors();
  for (int turn = 0; turn < 8; ++turn) {
    auto opening = create_task(File::open(path));
    co_await turns(turn);
    opening.cancel();
    static_cast<void>(co_await as_outcome(opening));
  }
  co_await turns(3);
  CHECK(open_descriptors() == before);
}

ASYNC_TEST("file: a cancelled close closes") {
  const TemporaryFolder folder;
  const std::string path = folder.make("f", "text");
  const std::size_t before = open_descriptors();
  for (int turn = 1; turn < 6; ++turn) {
    File file = co_await File::open(path);
    auto closing = create_task(file.close());
    co_await turns(turn);
    closing.cancel();
    static_cast<void>(co_await as_outcome(closing));
    CHECK_FALSE(file.is_open());
  }
  CHECK(open_descriptors() == before);
}

ASYNC_TEST("file: closed under a call, that ends, and the descriptor too") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(8'000'000);
  const std::size_t before = open_descriptors();
  for (int turn = 1; turn < 5; ++turn) {
    File file = co_await File::open(folder / "f", "w");
    auto writing = create_task(file.write(bytes));
    co_await turns(turn);
    co_await file.close();
    const std::string how = co_await ending(writing);
    CHECK((how == "a result" || how.find("Bad file descriptor") != how.npos));
  }
  co_await turns(5);
  CHECK(open_descriptors() == before);
}

ASYNC_TEST("file: dropped under a call, that ends") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(2'000'000);
  std::optional<File> file = co_await File::open(folder / "f", "w");
  auto writing = create_task(file->write(bytes));
  co_await turns(1);
  file.reset();
  const std::string how = co_await ending(writing);
  CHECK((how == "a result" || how.find("Bad file descriptor") != how.npos));
}

TEST_CASE("file: a loop that closes under its calls waits for the kernel") {
  const TemporaryFolder folder;
  const std::string bytes = pattern(4'000'000);
  const std::size_t before = open_descriptors();
  for (asyncio::Backend backend : {asyncio::Backend::automatic, asyncio::Backend::epoll}) {
    EventLoop loop(backend);
    loop.set_exception_handler([](EventLoop&, const ExceptionContext&) {});
    auto main = [&](int n) -> Task<> {
      File file = co_await File::open(folder / "f", "w");
      if (n % 2)
        co_await file.write(bytes);
      else
        co_await file.close();
    };
    for (int i = 0; i < 8; ++i) loop.create_task(main(i));
    for (int i = 0; i < 5; ++i) loop.run_once(1ms);
  }
  CHECK(open_descriptors() == before);
}

ASYNC_VIRTUAL_TEST("file: a virtual clock waits for files") {
  const TemporaryFolder folder;
  const auto begin = get_running_loop().time();
  auto main = [&]() -> Task<> {
    File file = co_await File::open(folder / "f", "w+");
    co_await file.write("text");
    co_await file.fsync();
    co_await file.close();
  };
  co_await wait_for(main(), 1h);
  CHECK(get_running_loop().time() - begin < 1h);
  CHECK(folder.content("f") == "text");
}

// --- faults --------------------------------------------------------------------------------------

TEST_CASE("file: any operation may fail") {
  const TemporaryFolder folder;
  const std::string path = folder.make("f", "line\n" + std::string(100'000, 'x'));
  for (const char* operation : {"open", "read", "fsync", "stat"}) {
    int runs = 0;
    testing::for_each_fault(
        testing::FaultPlan::operation(operation, EIO), [&](testing::FaultPlan& plan) {
          ++runs;
          testing::run(
              [&]() -> Task<> {
                const std::string how = co_await ending([&]() -> Task<> {
                  File file = co_await File::open(path, "r+");
                  static_cast<void>(co_await file.readline());
                  static_cast<void>(co_await file.read());
                  co_await file.fsync();
                  static_cast<void>(co_await file.stat());
                }());
                CHECK((how == "a result" ||
                       how.find("'" + path + "': Input/output error") != how.npos));
              },
              {.faults = &plan});
        });
    CHECK(runs > 1);
  }
}

ASYNC_TEST("file: cancelled in any turn, no descriptor is left") {
  const TemporaryFolder folder;
  const std::size_t before = open_descriptors();
  for (int turn = 0; turn < 100; ++turn) {
    auto main = [&]() -> Task<> {
      File file = co_await File::open(folder / "f", "w+");
      co_await file.write("some text");
      static_cast<void>(co_await file.stat());
      co_await file.close();
    };
    auto task = create_task(main());
    co_await turns(turn);
    task.cancel();
    static_cast<void>(co_await as_outcome(task));
    co_await turns(1);
    CHECK(open_descriptors() == before);
  }
}

}  // namespace

}  // namespace file_test
