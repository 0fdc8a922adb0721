#!/usr/bin/env bash
# A private PostgreSQL for tests, on a Unix socket only.
#   tests/postgres.sh start DIR    makes (if need be) and starts a cluster in DIR and prints its libpq connection string
#   tests/postgres.sh database DIR NAME   makes an empty database of that name and prints its connection string
#   tests/postgres.sh halt DIR     stops it and keeps its data
#   tests/postgres.sh stop DIR     stops it and removes its data; DIR can be removed then
# Durability is on, for measurements that compare. PILEUS_TEST_POSTGRES_FAST=1 turns it off and keeps all in memory.
set -euo pipefail

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 2 ] || usage
verb=$1
directory=$(mkdir -p "$2" && cd "$2" && pwd)

programs=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$programs" ] || programs=$(dirname "$(command -v initdb || true)")
[ -x "$programs/initdb" ] || { echo "postgres.sh: PostgreSQL is not installed (apt-get install postgresql)" >&2; exit 3; }

# PostgreSQL refuses to run as root. As its own user it may still pass through root's folders, where that can be given.
as_user() {
  local pass=(setpriv --reuid=postgres --regid=postgres --clear-groups --inh-caps=+dac_override --ambient-caps=+dac_override)
  if [ "$(id -u)" != 0 ]; then
    "$@"
  elif "${pass[@]}" true 2>/dev/null; then
    (cd / && "${pass[@]}" "$@")
  else
    (cd / && runuser -u postgres -- "$@")
  fi
}

# The path of a Unix socket is at most 107 octets long, so it doesn't live below DIR.
socket_of() { cat "$directory/socket"; }

start() {
  local parent=/tmp
  [ -z "${PILEUS_TEST_POSTGRES_FAST:-}" ] || [ ! -w /dev/shm ] || parent=/dev/shm
  if [ ! -f "$directory/socket" ] || [ ! -d "$(socket_of)" ]; then mktemp -d $parent/pileus-pg.XXXXXX > "$directory/socket"; fi
  local cluster=$directory/cluster socket
  socket=$(socket_of)
  [ "$(id -u)" != 0 ] || chown postgres "$socket"
  if [ ! -d "$cluster" ]; then
    mkdir "$cluster"
    [ "$(id -u)" != 0 ] || chown postgres "$cluster"
    # The server's user must be able to reach the folder; where it isn't, the cluster lives beside the socket.
    if as_user touch "$cluster/reached" 2>/dev/null; then
      rm "$cluster/reached"
    else
      rmdir "$cluster"; cluster=$socket/cluster; ln -sfn "$cluster" "$directory/cluster"
    fi
    as_user "$programs/initdb" -D "$cluster" -U pileus -A trust -E UTF8 --locale=C.UTF-8 --no-sync >&2
  fi
  local fsync=on
  [ -z "${PILEUS_TEST_POSTGRES_FAST:-}" ] || fsync=off
  if ! as_user "$programs/pg_ctl" -D "$(readlink -f "$directory/cluster")" status >/dev/null 2>&1; then
    as_user "$programs/pg_ctl" -D "$(readlink -f "$directory/cluster")" -w -t 60 -l "$socket/log" \
      -o "-k '$socket' -c listen_addresses='' -c fsync=$fsync -c max_connections=100 -c shared_buffers=64MB" start >&2
  fi
  echo "host=$socket user=pileus dbname=postgres"
}

database() {
  local socket name=$1
  socket=$(socket_of)
  "$programs/psql" -q -h "$socket" -U pileus -d postgres -c "CREATE DATABASE \"$name\"" >&2
  echo "host=$socket user=pileus dbname=$name"
}

halt() {
  [ -f "$directory/socket" ] || exit 0
  as_user "$programs/pg_ctl" -D "$(readlink -f "$directory/cluster")" -m fast stop >&2 || true
}

stop() {
  [ -f "$directory/socket" ] || exit 0
  local socket
  socket=$(socket_of)
  as_user "$programs/pg_ctl" -D "$(readlink -f "$directory/cluster")" -m immediate stop >&2 || true
  case $socket in /tmp/pileus-pg.* | /dev/shm/pileus-pg.*) rm -rf "$socket" ;; esac
  rm -rf "$directory/cluster" "$directory/socket"
}

case $verb in
  start) start ;;
  database) [ $# = 3 ] || usage; database "$3" ;;
  halt) halt ;;
  stop) stop ;;
  *) usage ;;
esac
