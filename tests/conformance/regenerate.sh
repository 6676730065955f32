#!/bin/sh
# Makes expected/*.txt anew, or only those named, with CPython 3.14.
#   regenerate.sh [--check] [COMMAND [NAME...]]
# COMMAND runs a script; default: python3.14. --check writes nothing and fails where a trace differs.
set -eu
cd "$(dirname "$0")"
check=
if [ "${1:-}" = --check ]; then check=yes; shift; fi
python=${1:-python3.14}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] || set -- $(ls *.py | sed 's/\.py$//' | grep -vx scenario)
trace=$(mktemp)
trap 'rm -f "$trace"' EXIT
status=0
for name; do
  if ! PYTHONDONTWRITEBYTECODE=1 timeout 60 $python "$name.py" > "$trace"; then
    echo "failed: $name" >&2
    status=1
  elif [ -z "$check" ]; then
    cat "$trace" > "expected/$name.txt"
  elif ! diff -u "expected/$name.txt" "$trace" >&2; then
    status=1
  fi
done
exit $status
