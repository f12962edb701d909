#!/usr/bin/env bash
# Runs a command beside a demo hospital on free ports and in a temporary data directory.
# The command finds it by BENHAN_URL, BENHAN_CA (the TLS certificate authority) and BENHAN_DATA_DIR
# (with ports.json and demo.json). The server must also stop cleanly when it is told to.
# usage: with-demo.sh COMMAND [ARGUMENT...]      (BENHAN_BIN names the executable)
set -euo pipefail
cd "$(dirname "$0")/../.."
bin=${BENHAN_BIN:-target/debug/benhan}
[ -x "$bin" ] || { echo "demo: $bin is not built; run make build" >&2; exit 1; }

dir=$(mktemp -d "${TMPDIR:-/tmp}/benhan-demo.XXXXXX")
export BENHAN_DATA_DIR="$dir/data"
for listener in HTTPS MLLP ASTM DICOM METRICS; do
  export "BENHAN_LISTEN_$listener=127.0.0.1:0"
done
# Nobody listens there until a test does: codes to patients' phones.
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
export BENHAN_MESSAGES_URL="http://127.0.0.1:$(free)/messages"
# One kind of sheet for each patient: a downtime kit is typeset slowly by a build for testing.
export BENHAN_DOWNTIME_FORMS='["to-dieu-tri"]'

server=
stop() {
  if [ -n "$server" ] && kill -0 "$server" 2>/dev/null; then
    kill -TERM "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$dir"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
gave_up() {
  echo "demo: $1; the end of its log:" >&2
  tail -40 "$dir/log" >&2
  exit 1
}

"$bin" serve --demo --data-dir "$BENHAN_DATA_DIR" >"$dir/log" 2>&1 &
server=$!

port() { python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["https"])' "$BENHAN_DATA_DIR/ports.json" 2>/dev/null; }
export BENHAN_CA="$BENHAN_DATA_DIR/tls/ca.pem"
export BENHAN_DEMO="$BENHAN_DATA_DIR/demo.json"
deadline=$((SECONDS + ${BENHAN_DEMO_SECONDS:-600}))
until https=$(port) && curl -sf --max-time 5 --cacert "$BENHAN_CA" "https://localhost:$https/readyz" >/dev/null 2>&1; do
  kill -0 "$server" 2>/dev/null || gave_up "the server ended before it was ready"
  [ "$SECONDS" -lt "$deadline" ] || gave_up "the server was not ready in time"
  sleep 0.2
done
export BENHAN_URL="https://localhost:$https"
echo "demo: ready at $BENHAN_URL after ${SECONDS} s"

status=0
"$@" || status=$?
[ "$status" -eq 0 ] || { echo "demo: the end of the server's log:" >&2; tail -40 "$dir/log" >&2; }

kill -0 "$server" 2>/dev/null || gave_up "the server died meanwhile"
kill -TERM "$server"
stopped=0
wait "$server" || stopped=$?
server=
[ "$stopped" -eq 0 ] || { tail -40 "$dir/log" >&2; echo "demo: the server stopped with status $stopped" >&2; exit 1; }
exit "$status"
