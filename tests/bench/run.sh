#!/usr/bin/env bash
# make bench: our hospital and its peers on the same work, in turn, on this machine; medians side by side.
# usage: run.sh [--runs N] [--seconds S] [--only mllp,images,observations,signing,trail,ward,drill]
# BENHAN_BIN names the executable to measure; the load programs are built beside it.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
# Both together, so that both are built from the same libraries.
cargo build --release --quiet -p benhan -p benhan-bench
export BENHAN_BIN=${BENHAN_BIN:-$target/release/benhan}
export BENCH_PROGRAMS=$target/release
# Not under /tmp, which may be memory: what is measured is a disk.
export BENCH_WORK=${BENCH_WORK:-$target/bench/work}
exec .venv/bin/python -u tests/bench/compare.py "$@"
