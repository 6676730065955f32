#include <asyncio/process/loop_signals.hpp>

#include "process_support.hpp"

namespace loop_signals_test {

using namespace asyncio_test;
using namespace asyncio;
using detail::LoopSignals;
using detail::Ref;
using detail::SignalCallback;

namespace {

LoopSignals& signals() { return get_running_loop().service<LoopSignals>(); }

struct Listener final : detail::SignalListener {
  Listener() { signals().add(*this); }
  void signal_came(int signal) noexcept override { came.push_back(signal); }
  void loop_closed() noexcept override { is_closed = true; }
  std::vector<int> came;
  bool is_closed = false;
};

}  // namespace

ASYNC_TEST("loop signals: everybody who listens is told, in order", "[process][SIG-03]") {
  Listener one;
  Listener two;
  signals().listen(SIGUSR1);
  signals().listen(SIGUSR2);
  std::raise(SIGUSR2);
  std::raise(SIGUSR1);
  co_await until([&one] { return one.came.size() == 2; });
  CHECK(one.came == std::vector{SIGUSR2, SIGUSR1});
  CHECK(two.came == one.came);
  signals().ignore(SIGUSR1);
  signals().ignore(SIGUSR2);
}

ASYNC_TEST("loop signals: nothing is in flight once nobody listens", "[process][SIG-02]") {
  const detail::Backend& backend = get_running_loop().backend_interface();
  signals().listen(SIGUSR1);
  signals().listen(SIGUSR1);
  co_await turns(2);
  CHECK(backend.in_flight() == 1);
  signals().ignore(SIGUSR1);
  co_await turns(2);
  CHECK(backend.in_flight() == 1);
  signals().ignore(SIGUSR1);
  co_await until([&backend] { return backend.in_flight() == 0; });
}

ASYNC_TEST("loop signals: listening again while the reading is being stopped", "[process]") {
  Listener listener;
  signals().listen(SIGUSR1);
  co_await turns(2);
  signals().ignore(SIGUSR1);
  signals().listen(SIGUSR1);
  std::raise(SIGUSR1);
  co_await until([&listener] { return !listener.came.empty(); });
  signals().ignore(SIGUSR1);
}

ASYNC_TEST("loop signals: a callback that was replaced is not called", "[process][SIG-01]") {
  std::string log;
  auto append = [&log](const char* text) {
    return Ref<SignalCallback>(new SignalCallback([&log, text] { log += text; }));
  };
  signals().set_handler(SIGUSR1, append("a"));
  signals().set_handler(SIGUSR1, append("b"));
  std::raise(SIGUSR1);
  co_await until([&log] { return !log.empty(); });
  CHECK(log == "b");
  CHECK(signals().remove_handler(SIGUSR1));
  CHECK_FALSE(signals().remove_handler(SIGUSR1));
}

TEST_CASE("loop signals: the end of the loop tells the listeners", "[process][SIG-02]") {
  std::optional<Listener> listener;
  auto main = [](std::optional<Listener>& made) -> Task<> {
    made.emplace();
    co_await sleep(0s);
  };
  asyncio::run(main(listener));
  CHECK(listener->is_closed);
}

}  // namespace loop_signals_test
