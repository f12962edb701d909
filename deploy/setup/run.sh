#!/usr/bin/env bash
# make run: from a bare machine to a running demo hospital. When all is built it only starts it.
# usage: run.sh DATA_DIR
set -euo pipefail
cd "$(dirname "$0")/../.."
step() { printf '\n[%d s] %s\n' "$SECONDS" "$1"; }

deploy/setup/toolchain.sh
deploy/setup/apt.sh run
step "front end"
deploy/setup/frontend.sh build
step "building benhan (profile dev: quick to build; make bench measures the release profile)"
cargo build -p benhan
step "starting the demo hospital; its data is in $1, Ctrl-C stops it"
exec "${CARGO_TARGET_DIR:-target}/debug/benhan" serve --demo --data-dir "$1"
