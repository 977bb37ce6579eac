#!/usr/bin/env bash
# Brings real Singer taps and a real Airbyte source from PyPI into build/deps/taps/<name>, an environment each (their pins
# clash), for the test that runs them. At once done where they are there. What cannot be had is said, and ends with 1; the
# test skips that part, aloud.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mkdir -p build/deps/taps
status=0
bring() { # bring NAME PACKAGE PROGRAM
  [[ -x build/deps/taps/$1/bin/$3 ]] && return
  if ! { python3 -m venv "build/deps/taps/$1" && "build/deps/taps/$1/bin/pip" install -q "$2"; } >&2; then
    rm -rf "build/deps/taps/$1"
    echo "setup: no $2 from PyPI: its part of the test of taps will be skipped" >&2
    status=1
  fi
}
bring pipelinewise pipelinewise-tap-postgres==1.8.4 tap-postgres
bring meltano meltanolabs-tap-postgres==0.10.0 tap-postgres
bring faker airbyte-source-faker==7.2.1 source-faker
exit $status
