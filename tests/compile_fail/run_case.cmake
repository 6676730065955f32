# Compiles CASE and compares the compiler's answer with the file's first line; see CMakeLists.txt beside this file.
cmake_minimum_required(VERSION 3.25...4.0)

file(STRINGS "${CASE}" expectation LIMIT_COUNT 1)

execute_process(
  COMMAND "${CXX}" -std=c++20 -fsyntax-only -fdiagnostics-color=never -Wall -Wextra -Werror=unused-result ${FLAGS}
          "-I${INCLUDE}" -DASYNCIO_HAS_URING=${HAS_URING} "${CASE}"
  OUTPUT_VARIABLE output ERROR_VARIABLE output RESULT_VARIABLE status)

if(expectation MATCHES "^// expect-success")
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "this must compile:\n${output}")
  endif()
  return()
endif()

if(NOT expectation MATCHES "^// expect-error(-anywhere)?: (.+)$")
  message(FATAL_ERROR "the first line must be // expect-error: <regex> or // expect-success")
endif()
set(anywhere "${CMAKE_MATCH_1}")
set(sentence "${CMAKE_MATCH_2}")

if(status EQUAL 0)
  message(FATAL_ERROR "this must not compile")
endif()
if(anywhere)
  set(answer "${output}")
else()
  string(REGEX MATCH "[^\n]*(error|warning): [^\n]*" answer "${output}")
endif()
if(NOT answer MATCHES "${sentence}")
  message(FATAL_ERROR "expected: ${sentence}\nfirst answer: ${answer}\neverything:\n${output}")
endif()
message("${answer}")
