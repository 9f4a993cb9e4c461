#!/bin/sh
# Installs the programs that tests drive and pip does not have: Chromium with fonts, and MariaDB (never as a service).
# Does nothing where they are present. Who is not root is told the command; the tests that need them are then skipped.
set -eu

packages="chromium-headless-shell fonts-liberation fonts-noto-color-emoji mariadb-server"

has() { command -v "$1" >/dev/null; }

if has chromium-headless-shell && [ -x /usr/sbin/mariadbd ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! has apt-get; then
    if ! { has chromium && [ -x /usr/sbin/mariadbd ]; }; then
        echo "Some tests need: apt-get install --no-install-recommends $packages" >&2
    fi
    exit 0
fi

no_services=/usr/sbin/policy-rc.d
if [ ! -e "$no_services" ]; then
    trap 'rm -f "$no_services"' EXIT
    printf '#!/bin/sh\nexit 101\n' >"$no_services"
    chmod +x "$no_services"
fi
log=$(mktemp)
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get -qq update && apt-get -qq install -y --no-install-recommends $packages; } >"$log" 2>&1 </dev/null; then
    # The full Chromium serves too, only slower.
    if ! { has chromium && [ -x /usr/sbin/mariadbd ]; }; then
        cat "$log" >&2
        exit 1
    fi
fi
rm -f "$log"
