// What tests need: a virtual clock, seeds, a scripted kernel and fault plans; not in asyncio.hpp.
// Reference: none in Python; docs/testing.md.
#pragma once

#include <asyncio/testing/run.hpp>
