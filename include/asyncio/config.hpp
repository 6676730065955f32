// The version, and what this build can use.
// Reference: none in Python; docs/architecture.md explains the inline namespace.
#pragma once

#define ASYNCIO_VERSION_MAJOR 0
#define ASYNCIO_VERSION_MINOR 1
#define ASYNCIO_VERSION_PATCH 0

#if !defined(__linux__)
#error "asyncio: only Linux is supported (io_uring and epoll)"
#endif
#if !defined(__cpp_impl_coroutine)
#error "asyncio: coroutines are needed; compile with -std=c++20 (g++ 12, clang 16 or newer)"
#endif
#if !defined(__cpp_exceptions)
#error "asyncio: exceptions are needed; compile without -fno-exceptions"
#endif

/// 1 where the io_uring backend is compiled in. CMake's ASYNCIO_URING sets it for every consumer;
/// without CMake, liburing's presence decides.
#if !defined(ASYNCIO_HAS_URING)
#if __has_include(<liburing.h>)
#define ASYNCIO_HAS_URING 1
#else
#define ASYNCIO_HAS_URING 0
#endif
#endif

// A program in which two translation units disagree on ASYNCIO_HAS_URING must not link:
// the types that cross translation units live in an inline namespace named after the choice.
#if ASYNCIO_HAS_URING
#define ASYNCIO_ABI abi_uring
#else
#define ASYNCIO_ABI abi_epoll
#endif

/// g++ 12 destroys capturing lambda temporaries twice inside a co_await expression (docs/gcc12.md).
#if defined(__GNUC__) && !defined(__clang__) && __GNUC__ < 13
#define ASYNCIO_CLOSURE_TEMPORARIES_BROKEN 1
#else
#define ASYNCIO_CLOSURE_TEMPORARIES_BROKEN 0
#endif

/// On Task: the frame of a coroutine that is awaited where it is called may lie in its caller's
/// (clang 20 and newer).
#if defined(__has_cpp_attribute)
#if __has_cpp_attribute(clang::coro_await_elidable)
#define ASYNCIO_AWAIT_ELIDABLE [[clang::coro_await_elidable]]
#endif
#endif
#if !defined(ASYNCIO_AWAIT_ELIDABLE)
#define ASYNCIO_AWAIT_ELIDABLE
#endif

// Opt-in, for a check at compile time that never builds a program (docs/lifetimes.md): clang 18 and
// newer then find a Task whose arguments, closure or object die before it runs.
#if defined(ASYNCIO_STRICT_LIFETIMES) && defined(__clang__)
#if __has_cpp_attribute(clang::coro_return_type) && __has_cpp_attribute(clang::coro_lifetimebound)
#define ASYNCIO_LIFETIMES_ARE_CHECKED 1
#endif
#endif
#if defined(ASYNCIO_LIFETIMES_ARE_CHECKED)
/// Of what a coroutine returns: it may refer to every argument of the call.
#define ASYNCIO_REFERS_TO_ARGUMENTS [[clang::coro_return_type, clang::coro_lifetimebound]]
/// Marks a function that returns another's Task and is no coroutine, which the check asks for.
#define ASYNCIO_CORO_WRAPPER [[clang::coro_wrapper]]
#else
#define ASYNCIO_REFERS_TO_ARGUMENTS
#define ASYNCIO_CORO_WRAPPER
#endif

/// For the few functions on the path of every awaited call, which g++ 12 leaves out of line at -O2:
/// benchmarks/micro, case call, 170 instructions without and 140 with it.
#define ASYNCIO_ALWAYS_INLINE __attribute__((always_inline)) inline
