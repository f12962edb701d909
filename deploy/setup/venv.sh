#!/usr/bin/env bash
# Makes .venv with the pinned Python packages of the third-party checks and the prebuilt cargo tools.
# Does nothing when the pins have not changed.
set -euo pipefail
cd "$(dirname "$0")/../.."
pins=(tests/third_party/requirements.txt deploy/setup/cargo-tools.txt)

# Debian's own Python first: the one on PATH may be a version manager's that changes under the venv.
python=
for candidate in /usr/bin/python3 python3; do
  if "$candidate" -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || { echo "setup: Python 3.11 or newer with its venv module is needed (Debian: python3-venv)" >&2; exit 1; }

stamp=$("$python" --version; cat "${pins[@]}")
if [ "$(cat .venv/made-from 2>/dev/null || true)" = "$stamp" ] && .venv/bin/python -c '' 2>/dev/null; then
  echo "setup: Python packages and cargo tools: all here"
  exit 0
fi

echo "setup: making .venv with $("$python" --version)"
rm -rf .venv
"$python" -m venv .venv
fill() {
  .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -r "${pins[0]}" &&
    .venv/bin/python -m pip install -q --disable-pip-version-check --no-deps -r "${pins[1]}"
}
fill || { echo "setup: pip failed; trying once more" >&2; fill; }
.venv/bin/python -m pip check
printf '%s' "$stamp" > .venv/made-from
