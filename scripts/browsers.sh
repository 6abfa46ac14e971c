#!/usr/bin/env bash
# Makes sure that the two browsers of the tests are there; installs Debian's packages where that is allowed.
set -euo pipefail

missing=()
command -v "${CHROMIUM:-chromium}" >/dev/null || missing+=(chromium)
command -v "${FIREFOX:-firefox-esr}" >/dev/null || missing+=(firefox-esr)
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
  echo "The browser tests need: ${missing[*]}." >&2
  echo "On Debian: sudo apt-get install ${missing[*]}. Elsewhere set CHROMIUM and FIREFOX to their programs." >&2
  exit 1
fi

echo "Installing ${missing[*]}"
"${as_root[@]}" apt-get update
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "${missing[@]}"
