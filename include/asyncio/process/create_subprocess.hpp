// create_subprocess_exec() and create_subprocess_shell().
// Reference: https://docs.python.org/3/library/asyncio-subprocess.html#creating-subprocesses
#pragma once

#include <asyncio/os/signal.hpp>
#include <asyncio/process/process.hpp>
#include <asyncio/process/redirection.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <ranges>

namespace asyncio {

/// Arguments as a list: `create_subprocess_exec(argv("cat", "-n"), {.stdin_ = PIPE})`.
template <std::convertible_to<std::string_view>... S>
  requires(sizeof...(S) > 0)
[[nodiscard]] std::vector<std::string> argv(const S&... arguments) {
  std::vector<std::string> result;
  result.reserve(sizeof...(S));
  (result.emplace_back(std::string_view(arguments)), ...);
  return result;
}

namespace detail {

inline void check_no_nul(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) throw std::invalid_argument("embedded null byte");
}

/// A copy of all that the options point at.
[[nodiscard]] inline os::SpawnRequest make_request(std::vector<std::string> arguments,
                                                   const SubprocessOptions& options) {
  if (arguments.empty())
    throw std::invalid_argument("asyncio: a subprocess needs a program's name");
  if (options.limit == 0) throw std::invalid_argument("Limit cannot be <= 0");
  os::SpawnRequest request;
  request.arguments = std::move(arguments);
  if (options.env) request.environment.emplace(options.env->begin(), options.env->end());
  request.directory = options.cwd;
  request.passed.assign(options.pass_fds.begin(), options.pass_fds.end());
  request.starts_session = options.start_new_session;
  request.group = options.process_group;
  request.restores_signals = options.restore_signals;
  check_no_nul(request.directory);
  for (const std::string& argument : request.arguments) check_no_nul(argument);
  if (request.environment)
    for (const std::string& variable : *request.environment) check_no_nul(variable);
  return request;
}

/// The descriptors that a child gets, until it has them, and our streams.
class ChildStreams {
 public:
  ChildStreams(EventLoop& loop, std::size_t limit) noexcept : loop_(loop), limit_(limit) {}

  /// Returns: what becomes standard input; inherited if nothing does.
  [[nodiscard]] int connect_input(const Redirection& where, std::optional<StreamWriter>& stream) {
    if (where.kind() != Redirection::Kind::pipe) return connect_other(where);
    os::ignore_broken_pipes();
    os::Pipe pipe = os::make_pipe();
    stream.emplace(make_writer(make_connection(std::move(pipe.writer), pipe_writer_medium)));
    return keep(std::move(pipe.reader));
  }
  /// The same for an output.
  [[nodiscard]] int connect_output(const Redirection& where, std::optional<StreamReader>& stream) {
    if (where.kind() != Redirection::Kind::pipe) return connect_other(where);
    os::Pipe pipe = os::make_pipe();
    stream.emplace(make_reader(make_connection(std::move(pipe.reader), pipe_reader_medium)));
    return keep(std::move(pipe.writer));
  }

 private:
  [[nodiscard]] Ref<Connection> make_connection(os::Fd fd, const Medium& medium) {
    os::set_nonblocking(fd.get());
    return Connection::make(loop_, std::move(fd), limit_, medium);
  }
  [[nodiscard]] int connect_other(const Redirection& where) {
    if (where.kind() == Redirection::Kind::null_device) return keep(os::open_null_device());
    if (where.kind() != Redirection::Kind::descriptor) return os::SpawnRequest::inherited;
    if (where.fd() < 0) throw std::invalid_argument("asyncio: a negative number is no descriptor");
    return where.fd();
  }
  int keep(os::Fd fd) {
    kept_.push_back(std::move(fd));
    return kept_.back().get();
  }

  EventLoop& loop_;
  std::size_t limit_;
  std::vector<os::Fd> kept_;
};

/// All that can fail for want of memory or descriptors is done before the child exists.
[[nodiscard]] inline Process start_process(os::SpawnRequest& request,
                                           const SubprocessOptions& options) {
  EventLoop& loop = get_running_loop();
  ChildStreams streams(loop, options.limit);
  const Ref<Child> child = Child::make(loop);
  Process process(child);
  auto& [input, output, errors] = request.standard;
  input = streams.connect_input(options.stdin_, process.stdin_);
  output = streams.connect_output(options.stdout_, process.stdout_);
  if (options.stderr_.kind() == Redirection::Kind::standard_output)
    errors = output == os::SpawnRequest::inherited ? STDOUT_FILENO : output;
  else
    errors = streams.connect_output(options.stderr_, process.stderr_);
  child->start(os::spawn(request));
  return process;
}

template <class OnDemand = void>
Task<Process> create_process(os::SpawnRequest request, SubprocessOptions options) {
  co_await sleep(std::chrono::seconds(0));  // the place to be cancelled: no child exists yet
  co_return start_process(request, options);
}

}  // namespace detail

/// Starts a program; the first argument names it, in PATH unless it contains a slash, the others
/// are its arguments. `Process p = co_await create_subprocess_exec(argv("cat", "-n"), {…});`
/// Throws: std::system_error that names the program, or the directory; std::invalid_argument for a
/// string with a null byte; then nothing was started and every pipe is closed.
/// Cancellation: nothing was started.
/// Cost: the thread stands still until the kernel has executed the program.
/// Needs: Linux 5.4.
template <std::ranges::input_range R>
  requires std::convertible_to<std::ranges::range_reference_t<R>, std::string_view> &&
           (!std::convertible_to<const R&, std::string_view>)
[[nodiscard("co_await create_subprocess_exec()")]] Task<Process> create_subprocess_exec(
    R&& arguments, const SubprocessOptions& options = {}) {
  std::vector<std::string> copied;
  for (auto&& argument : arguments) copied.emplace_back(std::string_view(argument));
  return detail::create_process(detail::make_request(std::move(copied), options), options);
}
/// The same without options: `create_subprocess_exec("touch", path)`.
template <std::convertible_to<std::string_view>... S>
  requires(sizeof...(S) > 0)
[[nodiscard("co_await create_subprocess_exec()")]] Task<Process> create_subprocess_exec(
    const S&... arguments) {
  return detail::create_process(detail::make_request(argv(arguments...), {}), {});
}

/// Runs a command with /bin/sh; pid and returncode are the shell's. Quoting is the caller's task:
/// an argument from elsewhere is safe with create_subprocess_exec() only.
/// Otherwise as create_subprocess_exec().
template <class OnDemand = void>
[[nodiscard("co_await create_subprocess_shell()")]] Task<Process> create_subprocess_shell(
    std::string_view command, const SubprocessOptions& options = {}) {
  return detail::create_process(detail::make_request(argv("/bin/sh", "-c", command), options),
                                options);
}

}  // namespace asyncio
