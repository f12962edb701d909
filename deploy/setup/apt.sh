#!/usr/bin/env bash
# Installs the Debian packages of the named lists that this machine lacks, saying which.
# usage: apt.sh LIST...      (a LIST is a file name in packages/ without .txt)
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

wanted=$(for list in "$@"; do awk '!/^#/ && NF { print $1 }' "$here/packages/$list.txt"; done)
if ! command -v dpkg-query >/dev/null; then
  echo "setup: this is not Debian; make sure that you have:" $wanted
  exit 0
fi

missing=()
for package in $wanted; do
  status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null || true)
  [ "$status" = installed ] || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then
  echo "setup: Debian packages ($*): all here"
  exit 0
fi

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "setup: please install as root:  apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "setup: installing ${missing[*]}${as_root:+ (through sudo)}"
install() {
  "${as_root[@]}" apt-get update -q -o Acquire::Retries=2 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "${missing[@]}"
}
# Mirrors fail for a moment now and then: one more try, then it is an error.
install || { echo "setup: apt failed; trying once more" >&2; install; }
