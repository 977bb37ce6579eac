#!/usr/bin/env bash
# tools/setup.sh installs what is missing, once, and nothing else: with apt-get and dpkg-query played by this test.
set -euo pipefail
setup="$(pwd)/tools/setup.sh"
room="$(mktemp -d)"
trap 'rm -rf "$room"' EXIT
cd "$room"

cat >packages.txt <<'END'
# what is needed
alpha
beta   # for its own reason
END
mkdir bin
cat >bin/dpkg-query <<'END'
#!/bin/sh
# Knows what `installed` lists; fails where it is asked for more, as the real one does.
while read -r package; do echo "$package installed"; done <installed
exit 1
END
cat >bin/apt-get <<'END'
#!/bin/sh
echo "$DEBIAN_FRONTEND $*" >>calls
case "$*" in *install*) [ -e broken ] || printf 'alpha\nbeta\n' >installed ;; esac
echo noise
END
printf '#!/bin/sh\necho 0\n' >bin/id
chmod +x bin/*

fail() { echo "FAILED: $*" >&2; exit 1; }
run() { rm -f calls; touch calls; status=0; PATH="$room/bin:$PATH" PACKAGES="$room/packages.txt" "$setup" >out 2>err || status=$?; }

echo alpha >installed
run
[ "$status" = 0 ] || fail "status $status"
[ ! -s out ] || fail "standard output is not free"
grep -q '^noninteractive .*update' calls || fail "no update"
grep -q '^noninteractive .*install --no-install-recommends beta$' calls || fail "not just beta: $(cat calls)"

run
[ "$status" = 0 ] && [ ! -s calls ] || fail "a second run calls apt-get"

echo alpha >installed
touch broken
run
[ "$status" = 1 ] || fail "a package that stays away is no success: $status"
grep -q 'still missing: beta' err || fail "does not say what is missing"
echo "setup_test: passed"
