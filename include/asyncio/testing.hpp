// What tests need: a virtual clock, seeds, a scripted kernel and fault plans; not in asyncio.hpp.
// Reference: none in Python; docs/testing.md.
#pragma once

#include <asyncio/testing/deadlock.hpp>
#include <asyncio/testing/fault_plan.hpp>
#include <asyncio/testing/for_each_fault.hpp>
#include <asyncio/testing/random.hpp>
#include <asyncio/testing/run.hpp>
#include <asyncio/testing/script.hpp>
#include <asyncio/testing/scripted_backend.hpp>
#include <asyncio/testing/virtual_time_backend.hpp>
