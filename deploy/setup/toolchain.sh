#!/usr/bin/env bash
# Says what is missing of the two things that we do not install ourselves: Rust and Node.
set -euo pipefail
cd "$(dirname "$0")/../.."
fail() { echo "setup: $1" >&2; exit 1; }

rust=$(awk -F'"' '/^channel/ { print $2 }' rust-toolchain.toml)
command -v cargo >/dev/null || fail "Rust $rust is needed (rustup, or your distribution); cargo was not found on PATH"
have=$(rustc --version | awk '{ print $2 }')
[ "$(printf '%s\n%s\n' "$rust" "${have%%-*}" | sort -V | head -1)" = "$rust" ] || fail "Rust $rust or newer is needed; this is $have"
cargo fmt --version >/dev/null 2>&1 || fail "rustfmt is needed: rustup component add rustfmt"
cargo clippy --version >/dev/null 2>&1 || fail "clippy is needed: rustup component add clippy"

command -v node >/dev/null || fail "Node 20.19 or newer is needed; node was not found on PATH"
have_node=$(node --version | tr -d v)
[ "$(printf '%s\n20.19.0\n' "$have_node" | sort -V | head -1)" = 20.19.0 ] || fail "Node 20.19 or newer is needed; this is $have_node"
command -v npm >/dev/null || fail "npm is needed beside Node"
echo "setup: Rust $have, Node $have_node"
