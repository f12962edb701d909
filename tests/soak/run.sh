#!/usr/bin/env bash
# make soak: the long proofs, one after the other, each bounded; stops by itself. Exit 1 when anything was lost.
# A line with the time stands before and after each; `make soak` keeps the whole as a dated log.
#   SOAK_HOURS      steady load with memory watched        (default 1)
#   SOAK_KILLS      kill -9 under load, so often           (default 200)
#   SOAK_SEEDS      runs of the gateway's simulation       (default 100000, from SOAK_SEEDS_FROM, 1)
#   SOAK_OUTAGE     hours without a server, compressed     (default 8)
#   SOAK_LINK_CUTS  link between gateway and server cut    (default 10)
#   FUZZ_SECONDS    for each fuzz target                   (default 600)
#   SOAK_ONLY       some of: kills links seeds outage steady fuzz (default all)
set -uo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}
export BENHAN_BIN=${BENHAN_BIN:-$target/release/benhan}
export BENCH_PROGRAMS=$target/release
export BENCH_WORK=${BENCH_WORK:-$target/soak/work}
hours=${SOAK_HOURS:-1} kills=${SOAK_KILLS:-200} cuts=${SOAK_LINK_CUTS:-10} fuzz=${FUZZ_SECONDS:-600}
seeds=${SOAK_SEEDS:-100000} from=${SOAK_SEEDS_FROM:-1} outage=${SOAK_OUTAGE:-8}
lost=()

say() { printf '%s  soak: %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$1"; }

# proof NAME COMMAND…: runs it, says when and how it ended, and goes on to the next one either way.
proof() {
  local name=$1 begun=$SECONDS
  shift
  [[ " ${SOAK_ONLY:-kills links seeds outage steady fuzz} " == *" $name "* ]] || return 0
  say "$name begins: $*"
  if "$@"; then
    say "$name held, $((SECONDS - begun)) s"
  else
    say "$name FAILED after $((SECONDS - begun)) s"
    lost+=("$name")
  fi
}

# The stories of tests/it on both databases, built and run with the release profile; a filter that matches nothing is no proof.
stories() { deploy/setup/with-postgres.sh cargo nextest run --profile soak --cargo-profile release -p benhan-tests --no-tests=fail "$@"; }

link_cuts() {
  for ((cut = 1; cut <= cuts; cut++)); do
    say "link cut $cut of $cuts"
    stories -E 'test(/^link::/)' || return 1
  done
}

# Tests of the gateway alone, which need no executable and no database; a seed that does not hold is printed with its command.
gateway() { cargo nextest run --profile soak --cargo-profile release -p benhan-device-gateway --no-tests=fail "$@"; }

simulated() {
  say "simulation: $seeds seeds from $from"
  BENHAN_SIMULATION_SEEDS=$seeds BENHAN_SIMULATION_FROM=$from gateway --success-output immediate -E 'test(/^simulation::/)'
}

without_server() { BENHAN_OUTAGE_HOURS=$outage gateway --success-output immediate -E 'test(/^outage::/)'; }

say "$(nproc) CPUs, load $(cut -d' ' -f1-3 /proc/loadavg), $("$BENHAN_BIN" --version), commit $(git rev-parse --short HEAD 2>/dev/null || echo '?')"
cargo build --release --quiet -p benhan -p benhan-bench || exit 1
export BENHAN_KILLS=$kills
proof kills stories alone_nothing_acknowledged
proof links link_cuts
proof seeds simulated
proof outage without_server
proof steady .venv/bin/python -u tests/soak/steady.py --hours "$hours"
proof fuzz deploy/setup/fuzz.sh "$fuzz"

if [ ${#lost[@]} -gt 0 ]; then
  say "FAILED: ${lost[*]}"
  exit 1
fi
say "all held"
