#!/usr/bin/env bash
# tools/fuzz.sh [SECONDS] [FROM]: puts damaged documents through each parser and through all of de-identification, under
# AddressSanitizer and UBSan, for SECONDS each (60), from seed FROM (0). A failure prints the seed that makes its input
# again. The corpora are services/deid/fuzz and services/deid/parse/fuzz; `make test` runs a little of the same.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60} from=${2:-0}
[ -f build/asan/build.ninja ] || cmake --preset asan >/dev/null
ninja -C build/asan freshet_deid_parse_test freshet_deid_test >/dev/null
export FRESHET_FUZZ_SECONDS=$seconds FRESHET_FUZZ_FROM=$from ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=1}
export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1:halt_on_error=1}
status=0
run() { # name, program, filter
  local out
  if out=$("build/asan/bin/$2" --gtest_filter="$3" 2>&1); then
    printf '%-10s %s\n' "$1" "$(grep -o '^[0-9]* inputs' <<<"$out")"
  else
    printf '%-10s FAILED\n%s\n' "$1" "$out"
    status=1
  fi
}
for format in $(build/asan/bin/freshet_deid_parse_test --gtest_list_tests --gtest_filter='All/ParseFuzz.Anything*' |
  grep -o 'ByCode/[A-Za-z]*' | cut -d/ -f2); do
  run "$format" freshet_deid_parse_test "All/ParseFuzz.AnythingIsReadOrRefusedByCode/$format"
done
run "all" freshet_deid_test 'FuzzTest.*'
exit $status
