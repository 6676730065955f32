#!/usr/bin/env bash
# Installs what building and testing needs, on Debian 12, Ubuntu 24.04 or newer. Does nothing where all is there.
#   scripts/setup.sh [PACKAGE...]    the packages, too (used by .ci/run for its compilers)
set -euo pipefail

missing=()

# need PACKAGE COMMAND...: the package is missing unless the command succeeds.
need() {
  local package=$1
  shift
  "$@" > /dev/null 2>&1 || missing+=("$package")
}

has_header() {
  echo "#include <$1>" | g++ -std=c++20 -x c++ -E - -o /dev/null
}

is_installed() {
  [ "$(dpkg-query -W -f '${Status}' "$1" 2> /dev/null)" = "install ok installed" ]
}

has_catch2() {
  has_header catch2/catch_test_macros.hpp || has_header catch2/catch.hpp
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif command -v sudo > /dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    echo "setup.sh: not root and no sudo; as root run: $*" >&2
    exit 1
  fi
}

install_packages() {
  as_root apt-get install -y -q --no-install-recommends "$@"
}

need g++ command -v g++
need cmake command -v cmake
need ninja-build command -v ninja
need python3 command -v python3
need curl command -v curl
need liburing-dev has_header liburing.h
need libfmt-dev has_header fmt/format.h
need catch2 has_catch2
for package in "$@"; do
  need "$package" is_installed "$package"
done

# Pleasant to have: faster rebuilds, load, half-closed connections. Tried once, and not worth a failure or a password.
wanted=()
tried=$(dirname "${BASH_SOURCE[0]}")/../build/.setup-tried
if [ ! -e "$tried" ] && { [ "$(id -u)" = 0 ] || [ ${#missing[@]} != 0 ]; }; then
  for tool in ccache wrk socat; do
    command -v "$tool" > /dev/null || wanted+=("$tool")
  done
  mkdir -p "$(dirname "$tried")" && touch "$tried"
fi

if [ ${#missing[@]} = 0 ] && [ ${#wanted[@]} = 0 ]; then
  exit 0
fi
if ! command -v apt-get > /dev/null; then
  if [ ${#missing[@]} = 0 ]; then
    exit 0
  fi
  echo "setup.sh: no apt-get here; please install: ${missing[*]}" >&2
  exit 1
fi

as_root apt-get update -q || echo "setup.sh: apt-get update failed; trying with the lists that are there" >&2
if [ ${#missing[@]} != 0 ]; then
  echo "setup.sh: installing ${missing[*]}"
  install_packages "${missing[@]}"
fi
for package in "${wanted[@]}"; do
  install_packages "$package" || echo "setup.sh: $package is not available; going on without it" >&2
done
