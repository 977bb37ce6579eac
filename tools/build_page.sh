#!/usr/bin/env bash
# Builds the web page: tools/build_page.sh SOURCE_FOLDER OUT_FOLDER. npm's packages are installed once, into build/deps/page,
# by the lock file's checksums, and again only where it changed; then Vite runs, which takes a second or two.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
source="$(cd "$1" && pwd)"
mkdir -p "$2"
out="$(cd "$2" && pwd)"
deps="${PAGE_DEPS:-$here/../build/deps/page}"

if ! command -v npm >/dev/null; then
  echo "build_page: no npm here; run tools/setup.sh" >&2
  exit 1
fi
mkdir -p "$deps"
# Two build folders at once must not write over each other.
exec 9>"$deps/lock"
flock 9
wanted="$(cat "$source/package-lock.json" "$source/package.json" | sha256sum) $(node --version)"
if [[ "$(cat "$deps/stamp" 2>/dev/null)" != "$wanted" ]]; then
  rm -f "$deps/stamp"
  cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$deps/"
  # The packages' own install scripts are not needed and not run.
  (cd "$deps" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >&2)
  echo "$wanted" >"$deps/stamp"
fi
rm -rf "$deps/src"
cp -r "$source/src" "$source/freshness.html" "$source/vite.config.js" "$deps/"
(cd "$deps" && node_modules/.bin/vite build --outDir "$out" >&2)
