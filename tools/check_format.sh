#!/usr/bin/env bash
# Every C++ file that git knows is as clang-format (.clang-format) would write it. Changes nothing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mapfile -d '' -t files < <(git ls-files -z -- '*.h' '*.cc')
clang-format --dry-run --Werror "${files[@]}"
echo "check: ${#files[@]} files are formatted"
