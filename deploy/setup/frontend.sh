#!/usr/bin/env bash
# The front end: `build` leaves frontend/dist fresh and does nothing when it is; `test` checks everything.
# usage: frontend.sh build|test
set -euo pipefail
cd "$(dirname "$0")/../../frontend"

packages() {
  if [ node_modules/.installed -nt package-lock.json ] && [ node_modules/.installed -nt package.json ]; then
    return
  fi
  echo "frontend: installing npm packages"
  local flags=(--no-audit --no-fund --loglevel=error)
  npm ci "${flags[@]}" || { echo "frontend: npm failed; trying once more" >&2; npm ci "${flags[@]}"; }
  touch node_modules/.installed
}

fresh() {
  [ -f dist/index.html ] && [ -z "$(find . \( -name node_modules -o -name dist -o -name e2e \) -prune -o -type f -newer dist/index.html -print -quit)" ]
}

case "${1:-}" in
  build)
    if fresh; then
      echo "frontend: dist is up to date"
    else
      packages
      echo "frontend: building"
      npm run --silent build
    fi
    ;;
  test)
    packages
    for script in check test build budget; do
      echo "frontend: npm run $script"
      npm run --silent "$script"
    done
    ;;
  *)
    echo "usage: frontend.sh build|test" >&2
    exit 2
    ;;
esac
