# shellcheck shell=bash
# Sourced by the other scripts: where things are, and how they speak.

repo=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${XDG_CACHE_HOME:-${HOME:-/root}/.cache}/erc-chat
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
bin=$CARGO_TARGET_DIR/debug
# Tools that `scripts/install` brings for this project alone, after those of the machine.
export PATH=$PATH:${CARGO_HOME:-${HOME:-/root}/.cargo}/bin:$cache/tools/bin

say() { printf '\n== %s\n' "$*"; }
fail() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# A Node that Vite takes: the machine's, or the one that `scripts/install` brought.
node_fits() {
  has node && node -e 'const [a, b] = process.versions.node.split(".").map(Number);
    process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'
}
[ -d "$cache/node/node_modules/node/bin" ] && ! node_fits &&
  export PATH=$cache/node/node_modules/node/bin:$PATH

# The window's interface: built when its sources are newer than what was built.
build_interface() {
  (
    cd "$repo/desktop"
    if [ ! -d node_modules ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
      npm ci --no-audit --no-fund
    fi
    npm run build
  )
}
