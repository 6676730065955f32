#!/usr/bin/env bash
# Builds the example HTTP server, lets curl and our own client talk to it, and stops it with Ctrl-C's signal.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

build=build/demo
scripts/setup.sh
use_ccache

heading "build examples/http_server.cpp and examples/http_get.cpp"
cmake --preset release -B "$build" -DASYNCIO_BUILD_TESTS=OFF -DASYNCIO_BUILD_BENCHMARKS=OFF > /dev/null
cmake --build "$build" --target example_http_server example_http_get

work=$(mktemp -d)
server=
cleanup() {
  if [ -n "$server" ]; then
    kill -KILL "$server" 2> /dev/null || true
  fi
  rm -rf "$work"
}
trap cleanup EXIT

# Shows a command, then runs it.
run() {
  printf '$ %s\n' "$*"
  "$@"
  printf '\n'
}

heading "start the server"
# A shell starts background jobs with SIGINT ignored; this one is to be stopped by it.
env --default-signal=INT "$build/examples/http_server" 0 > "$work/log" 2>&1 &
server=$!
for _ in $(seq 100); do
  if grep -q "listening on" "$work/log" || ! kill -0 "$server" 2> /dev/null; then
    break
  fi
  sleep 0.05
done
cat "$work/log"
url=$(grep -oE 'http://[0-9.]+:[0-9]+' "$work/log" | head -1)

heading "curl"
run curl -sS --max-time 10 -i "$url/"
heading "curl, two requests on one connection"
run curl -sS --max-time 10 -o /dev/null -o /dev/null -w '%{http_code}, connections opened: %{num_connects}\n' "$url/" "$url/"
heading "our own client"
run timeout 10 "$build/examples/http_get" "$url/"
if command -v wrk > /dev/null; then
  heading "two seconds of load"
  run wrk -t1 -c64 -d2 "$url/"
fi

heading "Ctrl-C"
lines=$(wc -l < "$work/log")
kill -INT "$server"
status=0
wait "$server" || status=$?
server=
tail -n "+$((lines + 1))" "$work/log"
case $status in
  0 | 130) echo "the server stopped gracefully (status $status)" ;;
  *) echo "the server did not stop gracefully: status $status" && exit 1 ;;
esac
