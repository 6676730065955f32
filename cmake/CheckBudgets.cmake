# What a header costs its includer: lines after preprocessing. A change that needs more raises the number here, in the
# same commit, with the reason.
#   cmake -D ROOT=<checkout> -D CXX=<compiler> -D HAS_URING=<0|1> -P cmake/CheckBudgets.cmake
cmake_minimum_required(VERSION 3.25...4.0)

# header (or folder/*)     lines
set(budgets
  "fwd.hpp                   120"  # a line for each public name, of which there are more than a hundred
  "detail/*                10000"
  "detail/timer_heap.hpp   40000"  # deadlines are std::chrono's, 31,000 lines
  "core/task.hpp           60000"  # a task belongs to a loop: <chrono>, <atomic> and <string> come with it
  "sync/*                  70000"  # a primitive belongs to the loop that runs, whose epoll does files on threads
  "asyncio.hpp             90000")  # <algorithm>, <deque>, <thread>, <stop_token> and <mutex> of network, files and executors

set(problems "")
set(report "")
foreach(budget IN LISTS budgets)
  string(REGEX REPLACE " +" ";" budget "${budget}")
  list(GET budget 0 pattern)
  list(GET budget 1 limit)
  file(GLOB headers RELATIVE "${ROOT}/include" "${ROOT}/include/asyncio/${pattern}")
  foreach(header IN LISTS headers)
    string(REPLACE "asyncio/" "" short_name "${header}")
    if(NOT header MATCHES "\\.hpp$" OR (pattern MATCHES "\\*" AND ";${budgets}" MATCHES ";${short_name} "))
      continue()  # not a header, or one with a line of its own
    endif()
    execute_process(
      COMMAND "${CXX}" -std=c++20 -E -P -DASYNCIO_HAS_URING=${HAS_URING} "-I${ROOT}/include" -x c++
              -include "${header}" /dev/null
      OUTPUT_VARIABLE text ERROR_VARIABLE errors RESULT_VARIABLE status)
    if(NOT status EQUAL 0)
      list(APPEND problems "${header} does not preprocess:\n${errors}")
      continue()
    endif()
    string(LENGTH "${text}" with_newlines)
    string(REPLACE "\n" "" text "${text}")
    string(LENGTH "${text}" without_newlines)
    math(EXPR lines "${with_newlines} - ${without_newlines}")
    string(APPEND report "  ${header}: ${lines} of ${limit} lines\n")
    if(lines GREATER limit)
      list(APPEND problems "${header}: ${lines} lines, its budget is ${limit}")
    endif()
  endforeach()
endforeach()

message("${report}")
if(problems)
  list(JOIN problems "\n  " problems)
  message(FATAL_ERROR "include budgets:\n  ${problems}")
endif()
