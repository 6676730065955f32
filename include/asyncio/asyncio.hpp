// The umbrella: everything but <asyncio/testing.hpp>.
// Reference: https://docs.python.org/3/library/asyncio.html
#pragma once

#include <asyncio/config.hpp>
#include <asyncio/core/exception_group.hpp>
#include <asyncio/core/run.hpp>
#include <asyncio/fwd.hpp>
#include <asyncio/net/open_connection.hpp>
#include <asyncio/net/resolve.hpp>
#include <asyncio/net/socket.hpp>
#include <asyncio/net/start_server.hpp>
#include <asyncio/process/create_subprocess.hpp>
#include <asyncio/process/signal_handler.hpp>
#include <asyncio/process/signal_set.hpp>
#include <asyncio/tasks/as_completed.hpp>
#include <asyncio/tasks/as_outcome.hpp>
#include <asyncio/tasks/async_with.hpp>
#include <asyncio/tasks/gather.hpp>
#include <asyncio/tasks/shield.hpp>
#include <asyncio/tasks/sleep.hpp>
#include <asyncio/tasks/staggered_race.hpp>
#include <asyncio/tasks/task_group.hpp>
#include <asyncio/tasks/timeout.hpp>
#include <asyncio/tasks/wait.hpp>
#include <asyncio/tasks/wait_for.hpp>
