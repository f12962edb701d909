#!/usr/bin/env bash
# make bench, make soak: runs what tests/bench or tests/soak holds, and keeps a dated log of it.
# usage: proof.sh bench|soak
set -euo pipefail
cd "$(dirname "$0")/../.."
kind=$1
entry=tests/$kind/run.sh
if [ ! -x "$entry" ]; then
  echo "$kind: not there yet ($entry is to come)" >&2
  exit 1
fi

deploy/setup/toolchain.sh
lists=(run test)
[ "$kind" != bench ] || lists+=(bench)
deploy/setup/apt.sh "${lists[@]}"
deploy/setup/venv.sh
deploy/setup/frontend.sh build
echo "$kind: building benhan and the load programs (profile release)"
cargo build --release -p benhan -p benhan-bench

logs=${CARGO_TARGET_DIR:-target}/$kind
mkdir -p "$logs"
log=$logs/$(date -u +%Y-%m-%dT%H%M%SZ).log
export BENHAN_BIN="${CARGO_TARGET_DIR:-target}/release/benhan"
"$entry" 2>&1 | tee "$log"
echo "$kind: log kept in $log"
