// Twins of stream_*.py.

#include "scenario.hpp"

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace conformance {
namespace streams_scenarios {

std::string text_of(const std::optional<std::size_t>& expected) {
  return expected ? std::to_string(*expected) : "None";
}

void log_incomplete(const IncompleteReadError& e) {
  log(error(), ", partial ", shown(e.partial()), ", expected ", text_of(e.expected()));
}

/// Logs what the read gives.
template <class Read>
Task<> got(std::string what, Read read) {
  const std::string data = co_await std::move(read);
  log(what, " ", shown(data));
}

/// The same for a read that may be cancelled.
template <class Read>
Task<> got_or_cancelled(std::string what, Read read) {
  try {
    co_await got(what, std::move(read));
  } catch (const CancelledError&) {
    log(what, " ", name());
  }
}

Task<> finish(Server& server) {
  server.close();
  co_await server.wait_closed();
}

Task<> finish(StreamWriter& writer) {
  writer.close();
  co_await writer.wait_closed();
}

// SRD-01, SRD-03, SRD-09, SRD-11, SRD-14: a reader made by hand and fed: read() and at_eof().
SCENARIO(stream_reader) {
  StreamReader reader;
  reader.feed_data("");
  reader.feed_data("hello ");
  reader.feed_data("world");
  const std::string none = co_await reader.read(0);
  const std::string five = co_await reader.read(5);
  const std::string rest = co_await reader.read(100);
  log(shown(none), " ", shown(five), " ", shown(rest));

  auto reads = [](StreamReader& from, std::size_t n) -> Task<> {
    const std::string data = co_await from.read(n);
    log("read ", shown(data), ", at_eof ", from.at_eof());
  };
  auto task = create_task(reads(reader, 3));
  co_await turns(2);
  log("waits, done ", task.done());
  reader.feed_data("abcdef");
  co_await task;
  reader.feed_eof();
  const bool at_eof = reader.at_eof();
  const std::string nothing = co_await reader.read(0);
  log("at_eof ", at_eof, ", read(0) ", shown(nothing));
  co_await reads(reader, 2);
  co_await reads(reader, 2);
  co_await reads(reader, 2);
  co_await reads(reader, 0);

  StreamReader other;
  auto reads_all = [](StreamReader& from) -> Task<> {
    const std::string data = co_await from.read();
    log("read ", shown(data), ", at_eof ", from.at_eof());
  };
  task = create_task(reads_all(other));
  for (const char* chunk : {"one", "two", "three"}) {
    co_await turns(2);
    other.feed_data(chunk);
  }
  co_await turns(2);
  log("waits for the end, done ", task.done());
  other.feed_eof();
  co_await task;
  try {
    StreamReader wrong(0);
  } catch (const std::invalid_argument&) {
    log(name());
  }
}

void feed_lines(StreamReader& reader) {
  reader.feed_data("first\nsecond\r\n\nfour");
  reader.feed_data("th\nrest");
  reader.feed_eof();
}

// SRD-04, SRD-13: lines, the last one without its end, then nothing; and the same by iteration.
SCENARIO(stream_readline) {
  StreamReader lines;
  feed_lines(lines);
  for (int i = 0; i < 6; ++i) {
    const std::string line = co_await lines.readline();
    log(shown(line));
  }

  StreamReader iterated;
  feed_lines(iterated);
  while (auto line = co_await iterated.next()) log("line ", shown(*line));

  StreamReader reader;
  auto task = create_task(got("got", reader.readline()));
  for (const char* chunk : {"in ", "three ", "parts\nand more"}) {
    co_await turns(2);
    log("done ", task.done());
    reader.feed_data(chunk);
  }
  co_await task;
  co_await got("left", reader.read(100));
}

// SRD-05, EXC-05: exactly n bytes, or IncompleteReadError with what there was.
SCENARIO(stream_readexactly) {
  StreamReader reader(4);
  const std::string none = co_await reader.readexactly(0);
  log(shown(none));
  auto reads = [&reader](std::size_t n) -> Task<> {
    try {
      co_await got("got", reader.readexactly(n));
    } catch (const IncompleteReadError& e) {
      log_incomplete(e);
    }
  };
  auto task = create_task(reads(10));
  for (const char* chunk : {"0123", "4567", "89ab"}) {
    co_await turns(2);
    log("done ", task.done());
    reader.feed_data(chunk);
  }
  co_await task;
  co_await reads(1);
  task = create_task(reads(5));
  co_await turns(2);
  reader.feed_eof();
  co_await task;
  log("at_eof ", reader.at_eof());
  co_await reads(2);
  co_await reads(0);
}

template <class Read>
Task<> got_or_incomplete(Read read) {
  try {
    co_await got("got", std::move(read));
  } catch (const IncompleteReadError& e) {
    log_incomplete(e);
  }
}

// SRD-06, SRD-08, SRD-09: up to and with a separator, also one split over chunks; of several the earliest end wins.
SCENARIO(stream_readuntil) {
  StreamReader reader;
  reader.feed_data("head||tail");
  co_await got_or_incomplete(reader.readuntil("||"));
  co_await got("left", reader.read(100));

  auto task = create_task(got_or_incomplete(reader.readuntil("<end>")));
  for (const char* chunk : {"some<en", "no<e", "nd", ">rest"}) {
    co_await turns(2);
    log("done ", task.done());
    reader.feed_data(chunk);
  }
  co_await task;
  co_await turns(1);
  reader.feed_data("\n");
  co_await got_or_incomplete(reader.readuntil("\n"));

  reader.feed_data("a;b,c;d");
  co_await got_or_incomplete(reader.readuntil(",", ";"));
  co_await got_or_incomplete(reader.readuntil(";", ","));
  co_await got_or_incomplete(reader.readuntil("zz", "b", "c;d"));
  // The longer separator ends earlier.
  reader.feed_data("xxABCDyyE");
  co_await got_or_incomplete(reader.readuntil("E", "ABCD"));
  // A separator that is a prefix of another wins, as it ends earlier.
  reader.feed_data("11\r\n22");
  co_await got_or_incomplete(reader.readuntil("\r\n", "\r"));
  co_await got_or_incomplete(reader.readuntil("2"));
  reader.feed_eof();
  co_await got_or_incomplete(reader.readuntil("1"));
  co_await got_or_incomplete(reader.readuntil("1"));
  // "", no separator at all (which does not compile here), and one that is empty.
  for (int i = 0; i < 3; ++i) {
    try {
      const std::string data = co_await reader.readuntil("");
      log("never ", data);
    } catch (const std::invalid_argument&) {
      log(name());
    }
  }
}

template <class Read>
Task<> got_or_overrun(Read read) {
  try {
    co_await got("got", std::move(read));
  } catch (const LimitOverrunError& e) {
    const bool not_found = std::string_view(e.what()).find("not found") != std::string_view::npos;
    log(name(), ", not found ", not_found, ", consumed ", e.consumed());
  }
}

// SRD-07, EXC-06: a chunk over the limit: LimitOverrunError, the data stays and can be read otherwise.
SCENARIO(stream_limits) {
  StreamReader first(4);
  first.feed_data("1234AA567");
  co_await got_or_overrun(first.readuntil("AA"));
  co_await got_or_overrun(first.readuntil("7"));

  StreamReader second(4);
  second.feed_data("123456");
  co_await got_or_overrun(second.readuntil("AA"));
  second.feed_data("AA78");
  co_await got_or_overrun(second.readuntil("AA"));
  co_await got_or_overrun(second.readuntil("AA"));
  co_await got("by other means", second.readexactly(8));
  second.feed_data("AA");
  co_await got_or_overrun(second.readuntil("AA"));

  // The separator begins beyond the limit; the end of the first match counts among several.
  StreamReader third(3);
  third.feed_data("some,data;");
  co_await got_or_overrun(third.readuntil("a;", ","));
  co_await got("left", third.read(100));
  third.feed_data("abc,");
  co_await got_or_overrun(third.readuntil(";", ","));

  // A separator that may still be in the making does not count as consumed.
  StreamReader fourth(4);
  fourth.feed_data("123456<en");
  co_await got_or_overrun(fourth.readuntil("<end>"));
}

// SRD-04, SRD-01: a line over the limit: ValueError; a line whose end is there goes whole, otherwise the buffer is
// cleared.
SCENARIO(stream_readline_limit) {
  StreamReader reader(4);
  auto reads = [&reader]() -> Task<> {
    try {
      co_await got("got", reader.readline());
    } catch (const std::invalid_argument&) {
      log(name());
    }
  };
  reader.feed_data("1234\n");
  co_await reads();
  reader.feed_data("12345\nnext\n");
  co_await reads();
  co_await reads();
  reader.feed_data("123456");
  co_await reads();
  reader.feed_data("78\n");
  co_await reads();
  reader.feed_data("1\n2\n");
  reader.feed_eof();
  co_await reads();
  co_await reads();
  co_await reads();
}

template <class Read>
Task<> got_or_error(std::string what, Read read) {
  try {
    co_await got(what, std::move(read));
  } catch (const std::invalid_argument&) {
    log(what, " ", error());
  } catch (...) {
    log(what, " ", name());
  }
}

// SRD-02, SRD-10: after set_exception every read raises it; a waiter is woken with it; two waiters at a time are refused.
SCENARIO(stream_reader_errors) {
  StreamReader reader;
  auto first = create_task(got_or_error("first", reader.read(10)));
  co_await sleep(0s);
  co_await got_or_error("second", reader.read(10));
  reader.feed_data("for one");
  co_await first;

  auto task = create_task(got_or_error("waiter", reader.read(10)));
  co_await sleep(0s);
  log("exception is set: ", reader.exception() != nullptr);
  reader.set_exception(std::make_exception_ptr(std::invalid_argument("broken")));
  co_await task;
  log("exception is set: ", reader.exception() != nullptr);
  reader.feed_data("more");
  co_await got_or_error("later", reader.read(10));
  co_await got_or_error("readline", reader.readline());
  co_await got_or_error("readexactly", reader.readexactly(2));
  co_await got_or_error("readuntil", reader.readuntil(";"));

  StreamReader other;
  task = create_task(got_or_error("cancelled", other.read(10)));
  co_await sleep(0s);
  task.cancel();
  other.set_exception(std::make_exception_ptr(std::invalid_argument("after the cancel")));
  co_await task;
  co_await got_or_error("after", other.read(10));
}

// SRD-12: cancelling a read loses nothing, not even bytes that arrive in the same turn.
SCENARIO(stream_reader_cancel) {
  StreamReader reader;
  auto task = create_task(got_or_cancelled("read", reader.read(10)));
  co_await sleep(0s);
  task.cancel();
  co_await task;
  reader.feed_data("one");
  co_await got_or_cancelled("then", reader.read(10));

  task = create_task(got_or_cancelled("read", reader.read(10)));
  co_await sleep(0s);
  reader.feed_data("two");
  task.cancel();
  co_await task;
  co_await got_or_cancelled("then", reader.read(10));

  task = create_task(got_or_cancelled("readexactly", reader.readexactly(4)));
  co_await sleep(0s);
  reader.feed_data("thr");
  co_await turns(2);
  reader.feed_data("ee");
  task.cancel();
  co_await task;
  co_await got_or_cancelled("then", reader.readexactly(5));

  task = create_task(got_or_cancelled("readline", reader.readline()));
  co_await sleep(0s);
  reader.feed_data("a li");
  co_await turns(2);
  task.cancel();
  co_await task;
  reader.feed_data("ne\n");
  co_await got_or_cancelled("then", reader.readline());

  try {
    co_await wait_for(reader.read(10), 0s);
  } catch (const TimeoutError&) {
    log(name());
  }
  reader.feed_data("four");
  const std::string data = co_await wait_for(reader.read(10), 1h);
  log("at last ", shown(data));
}

// STR-01, STR-03, SRD-03, SRD-04, SRD-05, SWR-01, SWR-05, SWR-06: a conversation with a server of one's own.
SCENARIO(stream_echo) {
  auto handle = [](StreamReader reader, StreamWriter writer) -> Task<> {
    for (;;) {
      const std::string line = co_await reader.readline();
      if (line.empty()) break;
      writer.write("echo: " + line);
      co_await writer.drain();
    }
    writer.write("bye");
    co_await finish(writer);
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0);
  log("serving ", server.is_serving());
  auto [reader, writer] = co_await open_connection("127.0.0.1", server.port());
  for (const char* line : {"one\n", "two\n"}) {
    writer.write(line);
    const std::string answer = co_await reader.readline();
    log(shown(answer));
  }
  const std::vector<std::string> parts{"thr", "", "ee\nfo", "ur\n"};
  writer.writelines(parts);
  co_await writer.drain();
  const std::string third = co_await reader.readuntil("e\n");
  log(shown(third));
  const std::string six = co_await reader.readexactly(6);
  const std::string rest = co_await reader.readline();
  log(shown(six), " ", shown(rest));
  writer.write("unfinished");
  log("can write eof ", writer.can_write_eof());
  writer.write_eof();
  const std::string all = co_await reader.read();
  log(shown(all));
  log("at_eof ", reader.at_eof(), ", closing ", writer.is_closing());
  writer.close();
  log("closing ", writer.is_closing());
  co_await writer.wait_closed();
  co_await finish(server);
  log("end");
}

// SWR-07, STR-10: after write_eof() the peer sees the end and may still write; our own writes are refused.
SCENARIO(stream_half_close) {
  auto handle = [](StreamReader reader, StreamWriter writer) -> Task<> {
    co_await got("server got", reader.read());
    log("server at_eof ", reader.at_eof(), ", closing ", writer.is_closing());
    for (const char* part : {"still ", "writing"}) {
      writer.write(part);
      co_await writer.drain();
    }
    writer.close();
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0);
  auto [reader, writer] = co_await open_connection("127.0.0.1", server.port());
  writer.write("request");
  writer.write_eof();
  try {
    writer.write("more");
  } catch (const RuntimeError&) {
    log(name());
  }
  co_await got("client got", reader.read());
  const std::string nothing = co_await reader.read(10);
  log("client at_eof ", reader.at_eof(), ", read ", shown(nothing));
  co_await finish(writer);
  co_await finish(server);
}

Task<> failing_drain(StreamWriter& writer) {
  try {
    co_await writer.drain();
    log("never");
  } catch (const std::system_error&) {
    log(name());
  }
}

// SWR-02, SWR-05: writing to a closed writer is silent, drain() then raises; closing twice does nothing.
SCENARIO(stream_write_after_close) {
  auto handle = [](StreamReader reader, StreamWriter writer) -> Task<> {
    const std::string all = co_await reader.read();
    writer.close();
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0);
  auto [reader, writer] = co_await open_connection("127.0.0.1", server.port());
  writer.write("before");
  writer.close();
  writer.close();
  log("closing ", writer.is_closing());
  writer.write("after");
  co_await failing_drain(writer);
  co_await writer.wait_closed();
  co_await failing_drain(writer);
  const std::string all = co_await reader.read();
  log(shown(all), ", at_eof ", reader.at_eof());
  co_await finish(server);
  log("end");
}

// SWR-05, SWR-06: close() sends what was written before it, then closes; the peer gets every byte and the end.
SCENARIO(stream_close_flushes) {
  constexpr std::size_t size = 1U << 22;
  auto received = get_running_loop().create_future<std::size_t>();
  auto handle = [&received](StreamReader reader, StreamWriter writer) -> Task<> {
    std::size_t total = 0;
    for (;;) {
      const std::string chunk = co_await reader.read(1U << 16);
      if (chunk.empty()) break;
      total += chunk.size();
    }
    received.set_result(total);
    writer.close();
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0);
  auto [reader, writer] = co_await open_connection("127.0.0.1", server.port());
  writer.write(std::string(size, 'x'));
  co_await finish(writer);
  const std::size_t total = co_await received;
  log("all received ", total == size);
  co_await finish(server);
}

// SWR-02, SWR-03: drain() waits while the peer does not read, for any number of tasks; when it reads they all go on.
SCENARIO(stream_flow_control) {
  constexpr std::size_t size = 1U << 25;
  auto may_read = get_running_loop().create_future();
  auto received = get_running_loop().create_future<std::size_t>();
  auto handle = [&](StreamReader reader, StreamWriter writer) -> Task<> {
    co_await may_read;
    const std::string data = co_await reader.readexactly(size);
    received.set_result(data.size());
    writer.close();
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0);
  auto [reader, writer] = co_await open_connection("127.0.0.1", server.port());
  co_await writer.drain();
  log("nothing written: drain does not wait");
  writer.write(std::string(size, 'x'));
  auto drains = [](StreamWriter& to, std::string who) -> Task<std::string> {
    co_await to.drain();
    co_return who;
  };
  auto a = create_task(drains(writer, "a"));
  auto b = create_task(drains(writer, "b"));
  co_await turns(50);
  log("[", a.done(), ", ", b.done(), "]");
  may_read.set_result();
  const std::string first = co_await a;
  const std::string second = co_await b;
  log(first, ", ", second);
  const std::size_t total = co_await received;
  log(total == size);
  co_await finish(writer);
  co_await finish(server);
}

Task<> echo_lines(StreamReader reader, StreamWriter writer) {
  for (;;) {
    const std::string line = co_await reader.readline();
    if (line.empty()) break;
    writer.write(line);
  }
  writer.close();
}

// SVR-08, SVR-09, SVR-10: close() stops listening only; wait_closed() waits for the last connection as well.
SCENARIO(stream_server_close) {
  auto server = co_await start_server(&echo_lines, "127.0.0.1", 0);
  const auto port = server.port();
  auto [reader, writer] = co_await open_connection("127.0.0.1", port);
  writer.write("hello\n");
  const std::string hello = co_await reader.readline();
  log(shown(hello));

  auto waits = [](Server& closing) -> Task<> {
    co_await closing.wait_closed();
    log("wait_closed is over");
  };
  auto early = create_task(waits(server));
  co_await turns(3);
  log("before close, done ", early.done());
  server.close();
  server.close();
  log("serving ", server.is_serving(), ", sockets ", server.sockets().size());
  auto late = create_task(waits(server));
  co_await turns(3);
  log("a client is left, done ", early.done(), " ", late.done());
  try {
    auto refused = co_await open_connection("127.0.0.1", port);
    log("never");
  } catch (const std::system_error&) {
    log(name());
  }
  writer.write("still there\n");
  const std::string still = co_await reader.readline();
  log(shown(still));
  writer.write_eof();
  const std::string data = co_await reader.read();
  co_await early;
  co_await late;
  log("client sees ", shown(data));
  co_await server.wait_closed();
  co_await finish(writer);

  // close_clients() ends them from our side.
  auto other = co_await start_server(&echo_lines, "127.0.0.1", 0);
  auto [other_reader, other_writer] = co_await open_connection("127.0.0.1", other.port());
  other_writer.write("second\n");
  const std::string second = co_await other_reader.readline();
  log(shown(second));
  other.close();
  other.close_clients();
  co_await other.wait_closed();
  co_await got("client sees", other_reader.read());
  co_await finish(other_writer);
}

// SVR-05, SVR-11, SVR-12: serve_forever() once at a time; cancelled, it closes the server; a closed one refuses.
SCENARIO(stream_serve_forever) {
  auto handle = [](StreamReader reader, StreamWriter writer) -> Task<> {
    const std::string line = co_await reader.readline();
    writer.write(line);
    writer.close();
  };
  auto server = co_await start_server(handle, "127.0.0.1", 0, {.start_serving = false});
  log("serving ", server.is_serving());
  co_await server.start_serving();
  co_await server.start_serving();
  log("serving ", server.is_serving());

  auto serves = [&server]() -> Task<> {
    try {
      co_await server.serve_forever();
    } catch (const CancelledError&) {
      log("serve_forever ", name());
      throw;
    }
  };
  auto task = create_task(serves());
  co_await turns(2);
  try {
    co_await server.serve_forever();
  } catch (const RuntimeError&) {
    log("twice: ", name());
  }
  auto [reader, writer] = co_await open_connection("127.0.0.1", server.port());
  writer.write("line\n");
  const std::string line = co_await reader.read();
  log(shown(line));
  co_await finish(writer);
  task.cancel();
  try {
    co_await task;
  } catch (const CancelledError&) {
    log("serving ", server.is_serving(), ", cancelled ", task.cancelled());
  }
  try {
    co_await server.serve_forever();
  } catch (const RuntimeError&) {
    log("closed: ", name());
  }
}

/// One connection to a server with that handler, which is to end it.
template <class Handler>
Task<> see_end(Handler handler, std::string request) {
  auto server = co_await start_server(handler, "127.0.0.1", 0);
  auto [reader, writer] = co_await open_connection("127.0.0.1", server.port());
  if (!request.empty()) writer.write(request);
  co_await got("client sees", reader.read());
  co_await finish(writer);
  co_await finish(server);
}

// STR-05, STR-06, STR-07: an error in the handler of a connection is reported, and the connection closed; a cancellation
// is not.
SCENARIO(stream_handler_fails) {
  get_running_loop().set_exception_handler([](EventLoop&, const ExceptionContext& c) {
    log("handler: ", std::string(c.message), " ", error(c.exception));
  });
  auto fails = [](StreamReader reader, StreamWriter) -> Task<> {
    const std::string line = co_await reader.readline();
    throw std::invalid_argument("coroutine");
  };
  auto cancelled = [](StreamReader reader, StreamWriter) -> Task<> {
    const std::string line = co_await reader.readline();
    throw CancelledError();
  };
  auto plain = [](StreamReader, StreamWriter) { throw std::invalid_argument("plain function"); };
  co_await see_end(fails, "go\n");
  co_await see_end(cancelled, "go\n");
  co_await see_end(plain, "");
  log("end");
}

Task<> backwards(StreamReader reader, StreamWriter writer) {
  std::string line = co_await reader.readline();
  line.pop_back();
  writer.write(std::string(line.rbegin(), line.rend()) + "\n");
  writer.close();
}

Task<> ask(std::string path) {
  auto [reader, writer] = co_await open_unix_connection(path);
  writer.write("hello\n");
  const std::string answer = co_await reader.read();
  log(shown(answer));
  co_await finish(writer);
}

/// Logs by which error connecting fails.
Task<> log_refusal(std::string what, std::string path) {
  try {
    auto streams = co_await open_unix_connection(path);
    log("never");
  } catch (const std::system_error&) {
    log(what, ": ", name());
  }
}

// STR-02, STR-04, SVR-17: streams over unix sockets: a file, whom it belongs to, an abstract name.
SCENARIO(stream_unix) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("asyncio-unix-" + std::to_string(::getpid()));
  std::filesystem::create_directory(folder);
  const std::string path = folder / "socket";
  const auto exists = [&] { return std::filesystem::exists(path); };
  co_await log_refusal("nobody there", path);

  auto server = co_await start_unix_server(&backwards, path);
  log("file ", exists(), ", serving ", server.is_serving(), ", sockets ", server.sockets().size());
  log("named ", server.sockets().front().local_address().to_string() == path);
  co_await ask(path);
  co_await ask(path);
  co_await finish(server);
  log("closed, file ", exists());

  server = co_await start_unix_server(&backwards, path, {.cleanup_socket = false});
  co_await finish(server);
  log("left behind, file ", exists());
  co_await log_refusal("nobody listens", path);
  server = co_await start_unix_server(&backwards, path);
  log("replaced, file ", exists());
  auto second = co_await start_unix_server(&backwards, path);
  co_await finish(server);
  log("the file is the second one's, file ", exists());
  co_await ask(path);
  co_await finish(second);
  log("closed, file ", exists());

  const std::string other = folder / "other";
  std::ofstream(other) << "kept";
  try {
    auto never = co_await start_unix_server(&backwards, other);
    log("never");
  } catch (const std::system_error&) {
    log("no socket: ", name(), ", file ", std::filesystem::file_size(other));
  }

  auto late = co_await start_unix_server(&backwards, path, {.start_serving = false});
  log("serving ", late.is_serving(), ", file ", exists());
  co_await late.start_serving();
  log("serving ", late.is_serving());
  co_await ask(path);
  co_await finish(late);

  const std::string abstract =
      std::string(1, '\0') + "asyncio-conformance-" + std::to_string(::getpid());
  server = co_await start_unix_server(&backwards, abstract);
  co_await ask(abstract);
  co_await finish(server);
  co_await log_refusal("abstract, gone", abstract);
  std::filesystem::remove_all(folder);
}

}  // namespace streams_scenarios
}  // namespace conformance
