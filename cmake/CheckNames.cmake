# Rules about what may be written where. Comments are not looked at.
#   cmake -D ROOT=<checkout> -P cmake/CheckNames.cmake
cmake_minimum_required(VERSION 3.25...4.0)

set(root "${ROOT}/include/asyncio")
file(GLOB_RECURSE headers RELATIVE "${root}" "${root}/*.hpp")
set(problems "")
set(resumes "")

foreach(header IN LISTS headers)
  file(READ "${root}/${header}" text)
  string(REGEX REPLACE "//[^\n]*" "" text "${text}")

  # One function resumes coroutines (docs/architecture.md, the trampoline).
  string(REGEX MATCHALL "(\\.|->)resume\\(" found "${text}")
  foreach(unused IN LISTS found)
    list(APPEND resumes "${header}")
  endforeach()

  # Suspending is written in core/ and tasks/; everything else composes.
  if(text MATCHES "await_suspend" AND NOT header MATCHES "^(core|tasks|testing)/|^testing\\.hpp$")
    list(APPEND problems "${header} has an await_suspend; suspend through core/wait_queue.hpp or core/perform.hpp")
  endif()

  # The ring has one home.
  if(text MATCHES "#[ \t]*include[ \t]*<liburing\\.h>" AND NOT header STREQUAL "os/io_uring.hpp")
    list(APPEND problems "${header} includes <liburing.h>; only os/io_uring.hpp does")
  endif()

  # Dear headers that nothing here needs.
  foreach(dear functional iostream sstream regex future)
    if(text MATCHES "#[ \t]*include[ \t]*<${dear}>")
      list(APPEND problems "${header} includes <${dear}>")
    endif()
  endforeach()

  if(NOT text MATCHES "#pragma once")
    list(APPEND problems "${header} has no #pragma once")
  endif()
  if(text MATCHES "\nusing namespace ")
    list(APPEND problems "${header} has a using directive at namespace scope")
  endif()
endforeach()

list(LENGTH resumes count)
if(count GREATER 1 OR (count EQUAL 0 AND EXISTS "${root}/core/task.hpp"))
  list(JOIN resumes ", " resumes)
  list(APPEND problems "coroutines are resumed in ${count} places instead of one: ${resumes}")
endif()

if(problems)
  list(JOIN problems "\n  " problems)
  message(FATAL_ERROR "names:\n  ${problems}")
endif()
message(STATUS "names: coroutines are resumed in: ${resumes}")
