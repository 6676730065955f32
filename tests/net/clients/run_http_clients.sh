#!/usr/bin/env bash
# Drives examples/http_server with clients that others wrote: run_http_clients.sh PATH_OF_http_server [io_uring|epoll].
# Clients that this machine lacks are skipped, with a line that says so. Exit status 0: all that ran went well; 1: not.
set -u
set -m # so that a server in the background sees Ctrl-C, which shells without job control ignore for it
program=$1
here=$(cd "$(dirname "$0")" && pwd)
if [ $# -gt 1 ]; then export ASYNCIO_BACKEND=$2; fi
failures=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

check() { # check NAME EXPECTED ACTUAL
  if [ "$2" = "$3" ]; then
    echo "ok: $1"
  else
    echo "FAILED: $1: expected '$2', got '$3'"
    failures=$((failures + 1))
  fi
}
has() {
  command -v "$1" >/dev/null && return 0
  echo "skipped: there is no $1"
  return 1
}

"$program" 0 >"$output" &
server=$!
for _ in $(seq 100); do
  port=$(sed -n 's|^listening on http://127.0.0.1:\([0-9]*\)$|\1|p' "$output")
  [ -n "$port" ] && break
  sleep 0.05
done
[ -n "${port:-}" ] || { echo "FAILED: the server did not start"; kill "$server"; exit 1; }
url=http://127.0.0.1:$port
nl=$'\r\n'

if has curl; then
  check "curl: a page" "Hello, world!" "$(curl -s --max-time 10 "$url/")"
  check "curl: three pages, one connection" "1 0 0" \
    "$(echo $(curl -s --max-time 10 -o /dev/null -o /dev/null -o /dev/null -w '%{num_connects} ' "$url/a" "$url/b" "$url/c"))"
  check "curl: HEAD" "200 0" "$(curl -s --max-time 10 -I -o /dev/null -w '%{http_code} %{size_download}' "$url/")"
  check "curl: another method" "405" "$(curl -s --max-time 10 -X DELETE -o /dev/null -w '%{http_code}' "$url/")"
  check "curl: HTTP/1.0" "200" "$(curl -s --max-time 10 -0 -o /dev/null -w '%{http_code}' "$url/")"
  check "curl: a head that is too large" "431" \
    "$(curl -s --max-time 10 -H "X: $(head -c 20000 /dev/zero | tr '\0' x)" -o /dev/null -w '%{http_code}' "$url/")"
fi

# bash itself: pipelining, then nonsense.
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET /3 HTTP/1.1\r\nConnection: close\r\n\r\n' >&3
check "bash: three requests in one packet" "3" "$(timeout 10 cat <&3 | grep -c '^HTTP/1.1 200 OK')"
exec 3>&-
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'nonsense\r\n\r\n' >&3
check "bash: nonsense" "HTTP/1.1 400 Bad Request" "$(timeout 10 head -1 <&3 | tr -d '\r')"
exec 3>&-

if has socat; then
  check "socat: half-close" "2" \
    "$(printf 'GET / HTTP/1.1%s%sGET / HTTP/1.1%s%s' "$nl" "$nl" "$nl" "$nl" |
      timeout 10 socat -t 5 - "TCP:127.0.0.1:$port" | grep -c '^HTTP/1.1 200 OK')"
  check "socat: half a request" "HTTP/1.1 400 Bad Request" \
    "$(printf 'GET / HT' | timeout 10 socat -t 5 - "TCP:127.0.0.1:$port" | head -1 | tr -d '\r')"
fi
if has wrk; then
  check "wrk: no errors" "" "$(timeout 20 wrk -t1 -c30 -d1s "$url/" | grep -E 'Socket errors|Non-2xx')"
fi
if has python3; then
  timeout 30 python3 "$here/asyncio_client.py" "$port"
  check "python: asyncio, 50 clients" "0" "$?"
fi

# A request that is under way when Ctrl-C comes is answered.
exec 3<>"/dev/tcp/127.0.0.1/$port"
printf 'GET /late HTTP/1.1\r\n' >&3
sleep 0.1
kill -INT "$server"
printf 'Connection: close\r\n\r\n' >&3
check "Ctrl-C: the request is answered" "HTTP/1.1 200 OK" "$(timeout 10 head -1 <&3 | tr -d '\r')"
exec 3>&-
wait "$server"
check "Ctrl-C: exit status" "0" "$?"
check "Ctrl-C: says so" "stopped" "$(tail -1 "$output")"

[ "$failures" -eq 0 ]
