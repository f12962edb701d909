#!/usr/bin/env bash
# Runs a command beside a throw-away PostgreSQL that nobody else sees, and removes the server afterwards.
# The command finds it in BENHAN_TEST_POSTGRES. A server named there already is used as it is.
# usage: with-postgres.sh COMMAND [ARGUMENT...]
set -euo pipefail
if [ -n "${BENHAN_TEST_POSTGRES:-}" ]; then
  exec "$@"
fi

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -x "$bin/initdb" ] || { echo "postgres: no server found under /usr/lib/postgresql; run make setup" >&2; exit 1; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/benhan-postgres.XXXXXX")
as=()
if [ "$(id -u)" -eq 0 ]; then
  as=(runuser -u postgres --) # the server refuses uid 0
  chown postgres: "$dir"
fi
# From a directory that the other user may enter, or every call warns.
pg() { (cd "$dir" && "${as[@]}" "$bin/$@"); }

stop() {
  pg pg_ctl stop -D "$dir/data" -m immediate -s >/dev/null 2>&1 || true
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

pg initdb -D "$dir/data" -U benhan -A trust --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$dir/initdb.log" 2>&1 ||
  { cat "$dir/initdb.log" >&2; exit 1; }
# Our tests kill Benhan, never this server: it may forgo its own fsync.
cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 200
fsync = off
full_page_writes = off
timezone = 'UTC'
CONF

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
started=
for _ in 1 2 3; do # another program may take the port between the question and the start
  port=$(free_port)
  if pg pg_ctl start -D "$dir/data" -l "$dir/log" -o "-p $port" -w -t 60 -s >/dev/null; then
    started=yes
    break
  fi
done
[ -n "$started" ] || { echo "postgres: the server did not start:" >&2; cat "$dir/log" >&2; exit 1; }
pg createdb -h 127.0.0.1 -p "$port" -U benhan benhan_test

export BENHAN_TEST_POSTGRES="postgres://benhan@127.0.0.1:$port/benhan_test"
echo "postgres: $("$bin/postgres" --version | awk '{ print $3 }') on 127.0.0.1:$port"
"$@"
