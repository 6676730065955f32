// Twins of signal_*.py.

#include <asyncio/process/signal_handler.hpp>

#include "scenario.hpp"

#include <csignal>
#include <stdexcept>

#include <unistd.h>

namespace conformance {
namespace signals_scenarios {

void kill_self(int signum) { ::kill(::getpid(), signum); }

/// What Event is used for in the twins.
class Flag {
 public:
  void set() {
    if (!future_.done()) future_.set_result();
  }
  void clear() { future_ = get_running_loop().create_future(); }
  Task<> wait() { co_await future_; }

 private:
  Future<> future_ = get_running_loop().create_future();
};

// SIG-01, SIG-02, SIG-03: a handler is called by the loop, with its arguments, each time, until it is removed.
SCENARIO(signal_handler) {
  Flag called;
  auto handler = [&called](const char* what, int number) {
    log(what, " ", number, ", task ", current_task() ? "a task" : "None");
    called.set();
  };
  auto send = [&called](int signum) -> Task<> {
    called.clear();
    kill_self(signum);
    log("sent");
    co_await called.wait();
  };
  add_signal_handler(SIGUSR1, handler, "usr1", 1);
  add_signal_handler(SIGUSR2, handler, "usr2", 2);
  co_await send(SIGUSR1);
  co_await send(SIGUSR2);
  co_await send(SIGUSR1);
  add_signal_handler(SIGUSR1, handler, "replaced", 3);
  co_await send(SIGUSR1);
  const bool was_there = remove_signal_handler(SIGUSR1);
  log(was_there, " ", remove_signal_handler(SIGUSR1));
  const bool was_other_there = remove_signal_handler(SIGUSR2);
  log(was_other_there, " ", remove_signal_handler(SIGHUP));
}

// SIG-01: signals that come while the loop is busy are all delivered, in their order.
SCENARIO(signal_order) {
  auto done = get_running_loop().create_future();
  int calls = 0;
  auto handler = [&calls, &done](const char* what) {
    log(what);
    if (++calls == 5) done.set_result();
  };
  add_signal_handler(SIGUSR1, handler, "usr1");
  add_signal_handler(SIGUSR2, handler, "usr2");
  for (const int signum : {SIGUSR2, SIGUSR1, SIGUSR1, SIGUSR2, SIGUSR1}) kill_self(signum);
  log("sent");
  co_await done;
  co_await turns(3);
  log("calls ", calls);
}

// SIG-01, SIG-02: what is no signal, and what cannot be caught.
SCENARIO(signal_errors) {
  auto nothing = [] {};
  for (const int signum : {0, 1000}) {
    try {
      add_signal_handler(signum, nothing);
    } catch (const std::invalid_argument&) {
      log(error());
    }
    try {
      remove_signal_handler(signum);
    } catch (const std::invalid_argument&) {
      log(error());
    }
  }
  for (const int signum : {9, 19}) {
    try {
      add_signal_handler(signum, nothing);
    } catch (const RuntimeError&) {
      log(error());
    }
  }
  log(remove_signal_handler(9));
  co_return;
}

// SIG-01: how servers end: the signal cancels the main task, whose clean-up runs.
SCENARIO(signal_cancels) {
  add_signal_handler(SIGTERM, [self = current_task()]() mutable { self.cancel(); });
  get_running_loop().call_soon(kill_self, SIGTERM);
  bool is_cancelled = false;
  try {
    co_await sleep(1h);
  } catch (const CancelledError&) {
    log(name());
    is_cancelled = true;
  }
  if (!is_cancelled) co_return;
  co_await turns(3);
  log("clean");
}

// SIG-01: a handler that raises is reported; it stays, and the loop goes on.
SCENARIO(signal_failing) {
  Flag reported;
  get_running_loop().set_exception_handler(
      [&reported](EventLoop&, const ExceptionContext& context) {
        log("reported ", error(context.exception));
        reported.set();
      });
  add_signal_handler(SIGUSR1, [] { throw std::invalid_argument("oops"); });
  for (int i = 0; i < 2; ++i) {
    reported.clear();
    kill_self(SIGUSR1);
    co_await reported.wait();
  }
  log(remove_signal_handler(SIGUSR1));
  get_running_loop().set_exception_handler(nullptr);
}

ContextVar<int> number{"number", 0};

// SIG-01: a handler runs in a copy of its maker's context.
SCENARIO(signal_context) {
  Flag called;
  auto handler = [&called] {
    log("sees ", number.get());
    number.set(number.get() + 1);
    called.set();
  };
  number.set(5);
  add_signal_handler(SIGUSR1, handler);
  number.set(70);
  for (int i = 0; i < 2; ++i) {
    called.clear();
    kill_self(SIGUSR1);
    co_await called.wait();
  }
  log("maker sees ", number.get());
}

}  // namespace signals_scenarios
}  // namespace conformance
