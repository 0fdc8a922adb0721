#!/usr/bin/env bash
# ./dev run as people and scripts use it: it comes up, says in run.json what there is, serves it, and stops cleanly.
#   tests/run.sh BUILD_FOLDER sqlite|postgres
set -euo pipefail
cd "$(dirname "$0")/.."
build=$1 store=$2
folder=$(mktemp -d)
data=$folder/data
script=''

fail() {
  echo "run: $*" >&2
  cat "$folder/output" >&2
  tail -n 30 "$data/pileus.log" >&2 2>/dev/null || true
  exit 1
}
clean_up() {
  [ -z "$script" ] || kill -TERM "$script" 2>/dev/null || true
  wait
  [ ! -d "$data/postgres" ] || tests/postgres.sh stop "$data/postgres" >/dev/null 2>&1 || true
  rm -rf "$folder"
}
trap clean_up EXIT

# Nine free ports in a row; below those that the system gives to others.
free_base() {
  python3 - <<'PYTHON'
import random, socket

def free(port):
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True

while True:
    base = random.randrange(20000, 30000)
    if all(free(base + i) for i in range(9)):
        print(base)
        break
PYTHON
}

# start OPTIONS…: runs until run.json is there.
start() {
  ./dev run --build-dir "$build" --data "$data" --base-port "$base" --store "$store" "$@" >"$folder/output" 2>&1 &
  script=$!
  while [ ! -e "$data/run.json" ]; do
    kill -0 "$script" 2>/dev/null || fail "./dev run ended early"
    sleep 0.1
  done
}

# stop SIGNAL: it ends with status 0, and neither run.json nor the server is left.
stop() {
  local pid status=0
  pid=$(jq .pid "$data/run.json")
  kill "-$1" "$script"
  wait "$script" || status=$?
  script=''
  [ "$status" = 0 ] || fail "SIG$1: exit status $status"
  [ ! -e "$data/run.json" ] || fail "run.json is left behind"
  ! kill -0 "$pid" 2>/dev/null || fail "the server is left behind"
}

field() { jq -r "$1" "$data/run.json"; }
request() { curl -sS --noproxy '*' -m 30 --cacert "$(field .ca)" "$@"; }
status_of() { request -o /dev/null -w '%{http_code}' "$@"; }
expect() { [ "$2" = "$3" ] || fail "$1: expected $2, got $3"; }

base=$(free_base)
start --accounts 3
expect accounts "user01 user02 user03" "$(field '[.accounts[].name] | join(" ")')"
expect password user02-pw "$(field '.accounts[1].password')"
expect port $((base + 8)) "$(field .ports.admin)"
for host in localhost 127.0.0.1; do
  expect "login at $host" 207 "$(status_of -X PROPFIND -H 'Depth: 0' -u user01:user01-pw "https://$host:$base/dav/principals/user01/")"
done
expect "no password" 401 "$(status_of -X PROPFIND "$(field .urls.dav)")"
expect ready 200 "$(status_of "$(field .urls.readyz)")"
expect "another's home" 404 "$(status_of -X PROPFIND -H 'Depth: 0' -u user01:user01-pw "$(field .urls.calendars)user02/")"
expect "a file" 201 "$(status_of -u user03:user03-pw -T README.md "$(field .urls.files)user03/kept.md")"

# What fail2ban reads is what the server writes.
for name in user01 'x" client=192.0.2.1 ' $'two\nlines'; do
  expect "a wrong password" 401 "$(status_of -X PROPFIND -u "$name:wrong" "$(field .urls.dav)")"
done
expect "a malformed field" 401 "$(status_of -X PROPFIND -H 'Authorization: Basic !!!' "$(field .urls.dav)")"
if command -v fail2ban-regex >/dev/null; then
  seen=$(fail2ban-regex --out '<ip>' "$(field .log)" conf/fail2ban/filter.d/pileus.conf | sort | uniq -c | xargs)
  expect "addresses that fail2ban sees" "4 127.0.0.1" "${seen//::1/127.0.0.1}"
fi
stop INT

start --accounts 4
expect "accounts after a restart" 4 "$(field '.accounts | length')"
expect "what was kept" 200 "$(status_of -u user03:user03-pw "$(field .urls.files)user03/kept.md")"
stop TERM

start --fresh
expect "the demo account" demo "$(field '.accounts[0].name')"
expect "its events" 3 "$(request -u demo:demo-pw -X PROPFIND -H 'Depth: 1' "$(field .urls.calendars)demo/calendar/" | grep -o '<[A-Za-z:]*href>[^<]*calendar/[^<]*<' | wc -l)"
expect "what was kept after --fresh" 401 "$(status_of -u user03:user03-pw "$(field .urls.files)user03/kept.md")"
stop INT
echo "run: $store: started, served, stopped and started again"
