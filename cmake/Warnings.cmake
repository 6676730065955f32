# asyncio_warnings: what our own tests, examples and benchmarks are compiled with. Never part of asyncio::asyncio.
# They are errors where CMAKE_COMPILE_WARNING_AS_ERROR is set, which our presets do and a packager need not.
set(asyncio_warning_flags
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Woverloaded-virtual)

add_library(asyncio_warnings INTERFACE)
target_compile_options(asyncio_warnings INTERFACE ${asyncio_warning_flags})
