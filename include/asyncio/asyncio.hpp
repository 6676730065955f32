// The umbrella: everything but <asyncio/testing.hpp>.
// Reference: https://docs.python.org/3/library/asyncio.html
#pragma once

#include <asyncio/config.hpp>

#if defined(ASYNCIO_LIFETIMES_ARE_CHECKED)
// The check is for the program: what the library does with arguments is its own affair, and it has
// many functions that give a Task on. The standard library's come along where they are first seen.
#pragma clang attribute push([[clang::coro_wrapper]], apply_to = function)
#pragma clang attribute push([[clang::coro_disable_lifetimebound]], apply_to = function)
#endif

#include <asyncio/core/exception_group.hpp>
#include <asyncio/core/run.hpp>
#include <asyncio/fs/file.hpp>
#include <asyncio/fwd.hpp>
#include <asyncio/net/open_connection.hpp>
#include <asyncio/net/resolve.hpp>
#include <asyncio/net/socket.hpp>
#include <asyncio/net/start_server.hpp>
#include <asyncio/net/udp_socket.hpp>
#include <asyncio/net/unix_streams.hpp>
#include <asyncio/process/create_subprocess.hpp>
#include <asyncio/process/signal_handler.hpp>
#include <asyncio/process/signal_set.hpp>
#include <asyncio/sync/barrier.hpp>
#include <asyncio/sync/condition.hpp>
#include <asyncio/sync/event.hpp>
#include <asyncio/sync/lock.hpp>
#include <asyncio/sync/queue.hpp>
#include <asyncio/sync/semaphore.hpp>
#include <asyncio/tasks/as_completed.hpp>
#include <asyncio/tasks/as_outcome.hpp>
#include <asyncio/tasks/async_generator.hpp>
#include <asyncio/tasks/async_with.hpp>
#include <asyncio/tasks/concurrently.hpp>
#include <asyncio/tasks/gather.hpp>
#include <asyncio/tasks/race.hpp>
#include <asyncio/tasks/results.hpp>
#include <asyncio/tasks/run_coroutine_threadsafe.hpp>
#include <asyncio/tasks/shield.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/tasks/staggered_race.hpp>
#include <asyncio/tasks/started.hpp>
#include <asyncio/tasks/task_group.hpp>
#include <asyncio/tasks/timeout.hpp>
#include <asyncio/tasks/to_thread.hpp>
#include <asyncio/tasks/wait.hpp>
#include <asyncio/tasks/wait_for.hpp>

#if defined(ASYNCIO_LIFETIMES_ARE_CHECKED)
#pragma clang attribute pop
#pragma clang attribute pop
#endif
