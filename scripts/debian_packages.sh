#!/usr/bin/env bash
# Makes sure that programs of the tests are there: `debian_packages.sh [--optional] PROGRAM=PACKAGE…` installs Debian's
# packages where that is allowed. Tests that lack an optional one are skipped, and say so.
set -euo pipefail

optional=
if [ "${1-}" = --optional ]; then optional=yes; shift; fi

missing=()
for pair in "$@"; do
  PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
done
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
  as_root=none
elif [ "$(id -u)" = 0 ]; then
  as_root=()
elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
  as_root=(sudo -n)
else
  as_root=none
fi

if [ "${as_root[*]-}" = none ]; then
  if [ -n "$optional" ]; then
    echo "Some tests are skipped without: ${missing[*]}. On Debian: sudo apt-get install ${missing[*]}." >&2
    exit 0
  fi
  echo "The browser tests need: ${missing[*]}." >&2
  echo "On Debian: sudo apt-get install ${missing[*]}. Elsewhere set CHROMIUM and FIREFOX to their programs." >&2
  exit 1
fi

echo "Installing ${missing[*]}"
"${as_root[@]}" apt-get update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}" || {
  [ -n "$optional" ] || exit 1
  echo "Not to be had here: ${missing[*]}" >&2
}
# The tests run servers of their own, and nobody has asked for one that listens for everybody.
for service in coturn nginx; do
  if [[ " ${missing[*]} " = *" $service "* ]] && [ -d /run/systemd/system ]; then
    "${as_root[@]}" systemctl disable --now "$service" || true
  fi
done
