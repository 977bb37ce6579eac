#!/usr/bin/env bash
# Installs the packages of tools/packages.txt that are missing, through apt-get, then the inference engine and the model
# (setup_model.sh). With none missing it asks nobody and takes no time. Needs root (or sudo) only where a package is
# missing.
set -euo pipefail
here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"

mapfile -t wanted < <(sed -e 's/#.*//' -e 's/[[:space:]]//g' "${PACKAGES:-$here/packages.txt}" | sed '/^$/d')

# Other packagings of Node.js bring npm along, and Debian's cannot be installed beside them.
if command -v npm >/dev/null; then
  mapfile -t wanted < <(printf '%s\n' "${wanted[@]}" | grep -vxE 'nodejs|npm')
fi

missing_packages() {
  local installed
  # dpkg-query fails where it does not know one of the names; what it knows is still listed.
  installed="$(dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null |
    awk '$2 == "installed" { print $1 }' || true)"
  comm -23 <(printf '%s\n' "${wanted[@]}" | sort -u) <(sort -u <<<"$installed")
}

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "setup: needs Debian 12 (apt-get and dpkg-query)" >&2
  exit 2
fi
mapfile -t missing < <(missing_packages)
if ((${#missing[@]} == 0)); then
  exec "$here/setup_model.sh"
fi

as_root=()
if (($(id -u) != 0)); then
  if ! command -v sudo >/dev/null; then
    echo "setup: as root, run: apt-get install --no-install-recommends ${missing[*]}" >&2
    exit 2
  fi
  as_root=(sudo)
fi
echo "setup: installing ${missing[*]}" >&2
apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3)
# Standard output stays free for whoever calls us.
"${as_root[@]}" "${apt[@]}" update >&2
"${as_root[@]}" "${apt[@]}" install --no-install-recommends "${missing[@]}" >&2

mapfile -t missing < <(missing_packages)
if ((${#missing[@]} != 0)); then
  echo "setup: still missing: ${missing[*]}" >&2
  exit 1
fi
exec "$here/setup_model.sh"
