#!/usr/bin/env bash
# Brings an independent MLLP client (the package hl7) from PyPI into build/deps/mllp, for the test that sends with it. At
# once done where it is there. Where it cannot be had: says so and ends with 1; that part of the test is skipped, aloud.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[[ -x build/deps/mllp/bin/mllp_send ]] && exit 0
mkdir -p build/deps
if ! { python3 -m venv build/deps/mllp && build/deps/mllp/bin/pip install -q hl7==0.4.5; } >&2; then
  rm -rf build/deps/mllp
  echo "setup: no MLLP client from PyPI: the test that sends with it will be skipped" >&2
  exit 1
fi
