# provider (epoll) + consumer (epoll) links; provider (epoll) + consumer (io_uring) must not.
cmake_minimum_required(VERSION 3.25...4.0)

file(MAKE_DIRECTORY "${WORK}")

function(compile source has_uring)
  execute_process(
    COMMAND "${CXX}" -std=c++20 "-I${INCLUDE}" -DASYNCIO_HAS_URING=${has_uring} -c "${SOURCE}/${source}.cpp"
            -o "${WORK}/${source}_${has_uring}.o"
    COMMAND_ERROR_IS_FATAL ANY)
endfunction()

function(link consumer status_variable output_variable)
  execute_process(
    COMMAND "${CXX}" "${WORK}/provider_0.o" "${WORK}/${consumer}.o" -o "${WORK}/${consumer}" -pthread ${LIBURING}
    RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  set(${status_variable} "${status}" PARENT_SCOPE)
  set(${output_variable} "${output}" PARENT_SCOPE)
endfunction()

compile(provider 0)
compile(consumer 0)
compile(consumer 1)

link(consumer_0 status output)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "the same settings must link:\n${output}")
endif()
link(consumer_1 status output)
if(status EQUAL 0)
  message(FATAL_ERROR "translation units with different ASYNCIO_HAS_URING linked")
endif()
if(NOT output MATCHES "undefined reference to [^\n]*pass_on|undefined symbol: [^\n]*pass_on")
  message(FATAL_ERROR "the link failed, but for another reason:\n${output}")
endif()
