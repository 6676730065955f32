#!/usr/bin/env bash
# Consumes the library in every way a user can.
#   tests/package/run.sh CHECKOUT WORK_DIR CXX CMAKE
set -euo pipefail

checkout=$1 work=$2 cxx=$3 cmake=$4
here=$checkout/tests/package
generator=$(command -v ninja > /dev/null && echo Ninja || echo "Unix Makefiles")
failures=0

rm -rf "$work"
mkdir -p "$work"

version=$(awk '/define ASYNCIO_VERSION_/ { v = v s $3; s = "." } END { print v }' "$checkout/include/asyncio/config.hpp")
if echo '#include <liburing.h>' | "$cxx" -x c++ -fsyntax-only - 2> /dev/null; then
  liburing=-luring
else
  liburing=
fi

# Runs one way; prints its log only if it fails.
way() {
  local name=$1
  shift
  if "$@" > "$work/log" 2>&1; then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    sed 's/^/        /' "$work/log"
    failures=$((failures + 1))
  fi
}

configure() {
  local project=$1 name=$2
  shift 2
  "$cmake" -S "$here/$project" -B "$work/$name" -G "$generator" -DCMAKE_CXX_COMPILER="$cxx" "$@"
}

says_hello() {
  "$1" | grep -q "hello from a consumer"
}

build_and_run() {
  configure "$@" && "$cmake" --build "$work/$2" && says_hello "$work/$2/consumer"
}

install_package() {
  local prefix=$1
  shift
  "$cmake" -S "$checkout" -B "$work/library" -G "$generator" -DCMAKE_CXX_COMPILER="$cxx" -DASYNCIO_BUILD_TESTS=OFF \
    -DASYNCIO_BUILD_EXAMPLES=OFF -DASYNCIO_BUILD_BENCHMARKS=OFF "$@" &&
    "$cmake" --install "$work/library" --prefix "$prefix"
}

# The package is moved after its installation: nothing in it may name the place where it was made.
installed() {
  install_package "$work/first" && mv "$work/first" "$work/moved" &&
    ! grep -rIlE "$work|$checkout" "$work/moved" &&
    build_and_run find_package installed -DCMAKE_PREFIX_PATH="$work/moved" -DWANTED_VERSION="$version"
}

# The same compiler call as always, in an installation that was configured without io_uring.
installed_without_uring() {
  install_package "$work/epoll_only" -DASYNCIO_URING=OFF &&
    build_and_run find_package installed_epoll -DCMAKE_PREFIX_PATH="$work/epoll_only" &&
    ! ldd "$work/installed_epoll/consumer" | grep liburing
}

# While the version is 0.y, another y is another interface.
other_version_is_refused() {
  ! configure find_package refused -DCMAKE_PREFIX_PATH="$work/moved" -DWANTED_VERSION=99.0 2> "$work/refused.log" &&
    grep -q "99.0" "$work/refused.log"
}

plain_compiler() {
  "$cxx" -std=c++20 -O1 -I "$checkout/include" "$here/main.cpp" -o "$work/plain" -pthread $liburing &&
    says_hello "$work/plain"
}

two_sources() {
  "$cxx" -std=c++20 -I "$checkout/include" "$checkout/tests/odr/one.cpp" "$checkout/tests/odr/two.cpp" \
    -o "$work/two" -pthread $liburing && "$work/two"
}

way "cmake --install, moved, find_package" installed
way "cmake --install without io_uring" installed_without_uring
way "find_package refuses another version" other_version_is_refused
way "add_subdirectory" build_and_run add_subdirectory subdirectory -DASYNCIO_CHECKOUT="$checkout"
way "FetchContent" build_and_run fetch_content fetched -DFETCHCONTENT_SOURCE_DIR_ASYNCIO="$checkout"
way "compiler command line" plain_compiler
way "compiler command line, two sources" two_sources

exit "$((failures > 0))"
