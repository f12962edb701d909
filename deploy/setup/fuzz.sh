#!/usr/bin/env bash
# Fuzzes every target of every fuzz crate under tests/fuzz for a while each.
# usage: fuzz.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-20}
target_dir=${CARGO_TARGET_DIR:-target}/fuzz
passed=0 failed=0

# The codecs forbid unsafe code, so a sanitizer would only slow them; without one the stable compiler does.
flags=(--sanitizer none --target-dir "$target_dir")
for manifest in $(find tests/fuzz -maxdepth 2 -name Cargo.toml | sort); do
  crate=$(dirname "$manifest")
  for target in $(cargo fuzz list --fuzz-dir "$crate"); do
    echo "fuzz: $crate $target, $seconds s"
    found=$target_dir/corpus/$target
    mkdir -p "$found"
    corpora=("$found")
    for seeds in "$crate/seeds/$target" "$crate/corpus/$target"; do
      [ ! -d "$seeds" ] || corpora+=("$seeds") # read, never written
    done
    words=()
    [ ! -f "$crate/$target.dict" ] || words=(-dict="$crate/$target.dict")
    if cargo fuzz run --fuzz-dir "$crate" "${flags[@]}" "$target" "${corpora[@]}" -- "${words[@]}" \
      -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 -max_len=65536 -verbosity=0 -print_final_stats=1 \
      -artifact_prefix="$target_dir/" >"$target_dir/$target.log" 2>&1; then
      passed=$((passed + 1))
      grep -E 'number_of_executed_units|peak_rss_mb' "$target_dir/$target.log" || true
    else
      failed=$((failed + 1))
      tail -60 "$target_dir/$target.log"
    fi
  done
done
[ $((passed + failed)) -gt 0 ] || { echo "fuzz: no target under tests/fuzz" >&2; exit 1; }
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
