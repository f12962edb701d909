#!/usr/bin/env bash
# Fuzzes every target of every fuzz crate under tests/fuzz for a while each, as many at once as there are cores.
# usage: fuzz.sh [SECONDS]
set -euo pipefail
cd "$(dirname "$0")/../.."
export seconds=${1:-20}
export target_dir=${CARGO_TARGET_DIR:-target}/fuzz
host=$(rustc -vV | sed -n 's/^host: //p')
export programs=$target_dir/$host/release
mkdir -p "$target_dir"

fuzz_one() {
  local crate=$1 target=$2 found=$target_dir/corpus/$2 log=$target_dir/$2.log
  mkdir -p "$found"
  local corpora=("$found") words=()
  for seeds in "$crate/seeds/$target" "$crate/corpus/$target"; do
    [ ! -d "$seeds" ] || corpora+=("$seeds") # read, never written
  done
  [ ! -f "$crate/$target.dict" ] || words=(-dict="$crate/$target.dict")
  local ended=passed
  "$programs/$target" "${corpora[@]}" "${words[@]}" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=512 \
    -max_len=65536 -verbosity=0 -print_final_stats=1 -artifact_prefix="$target_dir/" >"$log" 2>&1 || ended=failed
  echo "$target" >>"$target_dir/$ended"
  echo "fuzz: $crate $target, $seconds s: $ended, $(grep -oE '(executed_units|peak_rss_mb): +[0-9]+' "$log" | tr -s ' ' | paste -sd' ' || true)"
  [ "$ended" = passed ] || tail -60 "$log"
}
export -f fuzz_one

# A short run does not earn back what full optimisation, one crate a core, costs to build.
units=1
[ "$seconds" -gt 60 ] || { units=16; export CARGO_PROFILE_RELEASE_OPT_LEVEL=1; }

# The codecs forbid unsafe code, so a sanitizer would only slow them; without one the stable compiler does.
rm -f "$target_dir/passed" "$target_dir/failed"
touch "$target_dir/passed" "$target_dir/failed"
for manifest in $(find tests/fuzz -maxdepth 2 -name Cargo.toml | sort); do
  crate=$(dirname "$manifest")
  cargo fuzz build --fuzz-dir "$crate" --sanitizer none --codegen-units "$units" --target-dir "$target_dir" >"$target_dir/build.log" 2>&1 ||
    { tail -60 "$target_dir/build.log" >&2; exit 1; }
  cargo fuzz list --fuzz-dir "$crate" | sed "s|^|$crate |"
done >"$target_dir/targets"
xargs -P "$(nproc)" -L 1 bash -c 'fuzz_one "$@"' fuzz <"$target_dir/targets"
passed=$(wc -l <"$target_dir/passed") failed=$(wc -l <"$target_dir/failed")
[ $((passed + failed)) -gt 0 ] || { echo "fuzz: no target under tests/fuzz" >&2; exit 1; }
echo "fuzz: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
