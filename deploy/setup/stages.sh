#!/usr/bin/env bash
# Runs make targets one after the other, stops at the first that fails, and prints the time of each at the end.
# usage: stages.sh TARGET...
set -uo pipefail
cd "$(dirname "$0")/../.."
logs=${CARGO_TARGET_DIR:-target}/test-logs
rm -rf "$logs"
mkdir -p "$logs"
times=() failed=

for stage in "$@"; do
  printf '\n━━ %s\n' "$stage"
  begun=$SECONDS
  ${MAKE:-make} --no-print-directory "$stage" 2>&1 | tee "$logs/$stage.log"
  status=${PIPESTATUS[0]}
  times+=("$(printf '%-14s %6d s' "$stage" $((SECONDS - begun)))")
  if [ "$status" -ne 0 ]; then
    failed=$stage
    break
  fi
done

printf '\n━━ time of each stage\n'
printf '%s\n' "${times[@]}"
printf '%-14s %6d s\n' total "$SECONDS"

# What the test runners themselves counted: nextest, vitest, node --test, and our own "N passed, N failed".
cat "$logs"/*.log | sed 's/\x1b\[[0-9;]*m//g' | awk '
  /^ *Summary \[.*tests run:/ { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1) } }
  /^ *Tests  .*passed/        { for (i = 2; i <= NF; i++) { if ($i ~ /^passed/) p += $(i-1); if ($i ~ /^failed/) f += $(i-1) } }
  /^(ℹ|#) pass [0-9]+$/       { p += $3 }
  /^(ℹ|#) fail [0-9]+$/       { f += $3 }
  /^([a-z0-9-]+: )?[0-9]+ passed, [0-9]+ failed$/ { p += $(NF-3); f += $(NF-1) }
  END { printf "%d passed, %d failed\n", p, f }'

if [ -n "$failed" ]; then
  echo "FAILED at the stage '$failed'; again alone: make $failed"
  exit 1
fi
