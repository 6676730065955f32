#!/usr/bin/env bash
# Builds everything with g++ and runs the tests, from a fresh clone on a bare system.
#   scripts/test.sh [PRESET]    default: dev; the others are in CMakePresets.json
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

preset=${1:-dev}
scripts/setup.sh
use_ccache
allow_missing_uring

heading "configure"
cmake --preset "$preset"
heading "build"
cmake --build --preset "$preset"
heading "test"
ctest --preset "$preset"
