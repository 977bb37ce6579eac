#!/usr/bin/env bash
# Brings what the chart is tested with (tests/contracts/chart_test.py) to build/helm:
#
#   bin/helm            Helm, built by Go
#   python/             kubernetes-validate: the schemas of Kubernetes
#   crds/               resource definitions of the Prometheus operator and KEDA, out of their Go modules
#   compose-spec.json   the schema of compose files, likewise
#
# At once done where it is there. Where Go or its module proxy is missing: says so and ends with 1; those tests are then
# skipped, aloud. The first time takes some minutes, most of them for Go's modules: `make test` waits ten for it, and what was
# fetched by then is there the next time.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
there=build/helm
helm=helm.sh/helm/v3/cmd/helm@v3.19.0
operator=github.com/prometheus-operator/prometheus-operator@v0.85.0
keda=github.com/kedacore/keda/v2@v2.17.2
compose=github.com/compose-spec/compose-go/v2@v2.9.0

wanted="$(cat "${BASH_SOURCE[0]}" tools/chart_python.txt | sha256sum)"
[[ "$(cat "$there/stamp" 2>/dev/null)" == "$wanted" ]] && exit 0
if ! command -v go >/dev/null; then
  echo "setup: no go here, so no Helm: tests of the chart will be skipped" >&2
  exit 1
fi
mkdir -p build
exec 9>build/helm.lock
flock 9
[[ "$(cat "$there/stamp" 2>/dev/null)" == "$wanted" ]] && exit 0
echo "setup: building Helm, fetching schemas" >&2
new="$(mktemp -d build/helm.XXXXXX)"
trap 'rm -rf "$new"' EXIT
mkdir "$new/crds"

# Prints where a module's files are.
module() { (cd "$new" && go mod download -json "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])'); }
fetch() {
  local folder
  folder="$(module "$operator")/example/prometheus-operator-crd" &&
    cp "$folder"/monitoring.coreos.com_{servicemonitors,prometheusrules}.yaml "$new/crds" &&
    folder="$(module "$keda")/config/crd/bases" &&
    cp "$folder"/keda.sh_{scaledobjects,triggerauthentications}.yaml "$new/crds" &&
    cp "$(module "$compose")/schema/compose-spec.json" "$new" &&
    python3 -m pip --disable-pip-version-check --quiet install --root-user-action ignore --no-compile \
      --target "$new/python" -r tools/chart_python.txt >&2 &&
    GOBIN="$PWD/$new/bin" go install -ldflags="-s -w" "$helm" >&2
}
if ! fetch; then
  echo "setup: Helm and its schemas could not be fetched: tests of the chart will be skipped" >&2
  exit 1
fi
chmod -R u+w "$new"
echo "$wanted" >"$new/stamp"
rm -rf "$there"
mv "$new" "$there"
chmod 755 "$there"
