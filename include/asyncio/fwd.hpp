// Every public name, declared. Includes nothing dear: for headers that only mention our types.
#pragma once

#include <asyncio/config.hpp>

namespace asyncio {

inline namespace ASYNCIO_ABI {
template <class T = void>
class ASYNCIO_REFERS_TO_ARGUMENTS Task;
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

// sync
class Barrier;
class BoundedSemaphore;
class Condition;
class Event;
class Lock;
class Semaphore;
template <class L>
class Held;
template <class T>
class LifoQueue;
template <class T, class Compare>
class PriorityQueue;
template <class T, class Items>
class Queue;

// tasks
class Executor;
class TaskGroup;
class ThreadPoolExecutor;
class Timeout;
class Work;
enum class ReturnWhen : unsigned char;
enum class TimeoutState : unsigned char;
struct AsCompletedOptions;
struct ReturnExceptions;
struct ThreadPoolOptions;
struct ThreadPoolShutdown;
struct WaitForThread;
struct WaitOptions;
template <class H>
class AsCompleted;
template <class T, class Sent = void>
class AsyncGenerator;
template <class T = void>
class ConcurrentFuture;
template <class T>
struct RangeRaceResult;
template <class... Ts>
struct RaceResult;
template <class T = void>
class Started;
template <class H>
struct WaitResult;

// fs
class File;
class FileStatus;
struct OpenFileOptions;

// net
class DatagramBatch;
class Server;
class Socket;
class StreamReader;
class StreamWriter;
class UdpSocket;
struct Datagram;
struct DatagramInfo;
struct DatagramView;
struct UdpOptions;

// process
class ErrorRedirection;
class Process;
class Redirection;
class SignalSet;
struct SameAsStdout;
struct SubprocessOptions;

}  // namespace asyncio
