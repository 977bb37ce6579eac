#!/usr/bin/env bash
# Fetches Apache Kafka's jars (tools/kafka_pom.xml) through Maven into build/kafka, for the tests that run a real broker
# (tests/support/kafka_server.h), and checks them against tools/kafka_jars.sha256. At once done where they are there.
# Where Maven or its repository is missing: says so and ends with 1; those tests are then skipped, aloud.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
jars=build/kafka
sums=$PWD/tools/kafka_jars.sha256

complete() { (cd "$jars" 2>/dev/null && sha256sum --quiet --strict -c "$sums" >&2); }

# What was checked once is not read again: the stamp names the list that it was checked against.
stamp="$jars/.checked-$(sha256sum "$sums" | cut -c1-16)"
[[ -e "$stamp" ]] && exit 0
if ! command -v mvn >/dev/null; then
  echo "setup: no mvn here, so no Apache Kafka: tests on a real broker will be skipped" >&2
  exit 1
fi
echo "setup: fetching Apache Kafka through Maven" >&2
mkdir -p build
fresh=$(mktemp -d build/kafka.XXXXXX)
trap 'rm -rf "$fresh"' EXIT
if ! mvn -q -B -C -Dstyle.color=never -f tools/kafka_pom.xml dependency:copy-dependencies -DincludeScope=runtime \
  -DoutputDirectory="$PWD/$fresh" >&2; then
  echo "setup: Apache Kafka could not be fetched: tests on a real broker will be skipped" >&2
  exit 1
fi
rm -rf "$jars"
mv "$fresh" "$jars"
chmod 755 "$jars"
complete || { echo "setup: Apache Kafka's jars are not the expected ones" >&2; exit 1; }
touch "$stamp"
