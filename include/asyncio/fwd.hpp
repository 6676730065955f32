// Every public name, declared. Includes nothing dear: for headers that only mention our types.
#pragma once

#include <asyncio/config.hpp>

namespace asyncio {

inline namespace ASYNCIO_ABI {
template <class T = void>
class Task;
class EventLoop;
}  // namespace ASYNCIO_ABI

// core
class AnyFuture;
class AnyTask;
class BaseExceptionGroup;
class BrokenBarrierError;
class CancelledError;
class Context;
class ExceptionGroup;
class Handle;
class IncompleteReadError;
class InvalidStateError;
class KeyboardInterrupt;
class LimitOverrunError;
class LookupError;
class QueueEmpty;
class QueueFull;
class QueueShutDown;
class Runner;
class RuntimeError;
class SendfileNotAvailableError;
class SystemExit;
class TimeoutError;
class TimerHandle;
enum class Backend;
enum class FutureState : unsigned char;
struct ExceptionContext;
struct None;
struct RunOptions;
struct TaskOptions;
template <class T>
class ContextVar;
template <class T = void>
class Future;
template <class T>
class Outcome;
template <class T = void>
class TaskHandle;

// tasks
class TaskGroup;
class Timeout;
enum class ReturnWhen : unsigned char;
enum class TimeoutState : unsigned char;
struct AsCompletedOptions;
struct ReturnExceptions;
struct WaitOptions;
template <class H>
class AsCompleted;
template <class H>
struct WaitResult;

// net
class Server;
class Socket;
class StreamReader;
class StreamWriter;

// process
class ErrorRedirection;
class Process;
class Redirection;
class SignalSet;
struct SameAsStdout;
struct SubprocessOptions;

}  // namespace asyncio
