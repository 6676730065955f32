# Sourced by the scripts beside it and by .ci/run.
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Prints a heading.
heading() {
  printf '\n=== %s\n' "$*"
}

# Compiles through ccache where it is installed; CMake reads the variable. Nothing more is set: with the sloppiness that
# precompiled headers ask for, ccache was seen to give an outdated one.
use_ccache() {
  if command -v ccache > /dev/null; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache
  fi
}

# Where the kernel refuses io_uring (a container's seccomp profile, an old kernel), its tests are skipped and say so.
# Everywhere else a refusal is a failure.
allow_missing_uring() {
  local refusal
  refusal=$(python3 - << 'PYTHON'
import ctypes
libc = ctypes.CDLL(None, use_errno=True)
io_uring_setup, params = 425, ctypes.create_string_buffer(120)
print("" if libc.syscall(io_uring_setup, 1, params) >= 0 else ctypes.get_errno())
PYTHON
  )
  if [ -n "$refusal" ]; then
    echo "This kernel refuses io_uring (errno $refusal): the tests of its backend are skipped."
    export ASYNCIO_ALLOW_NO_URING=1
  fi
}
