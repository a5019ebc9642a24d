#!/bin/sh
# System packages that the atlas needs:  setup-system.sh database | tests | package NAME
#   database  PostgreSQL with PostGIS: installed with apt where this is root or may use sudo, unpacked into the state
#             folder on Debian-likes otherwise; elsewhere the command to run is named.
#   tests     Chromium and what single tests run, where they may be installed; else the tests are skipped, and this
#             says so.
#   package   one Debian package by name, where it may be installed; else the command to run is named.
# Does nothing where all is there, and never asks for a password.
set -eu
cd "$(dirname "$0")/.."
STATE_DIR=${ATLAS_STATE_DIR:-.atlas}

python() {
    for candidate in ${PYTHON:-} python3.13 python3.12 python3.11 python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
            "$candidate" "$@"
            return
        fi
    done
    echo "Python 3.11 or newer is needed: install it, or name it with PYTHON=/path/to/python" >&2
    return 1
}

# Prints what is to stand before a command so that it runs as root; fails where that may not be.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        echo env
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        echo "sudo -n env"
    else
        return 1
    fi
}

# A new machine may still be installing updates, which holds the lock, and a mirror may fail once.
apt_get() {
    runner=$1
    shift
    $runner DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Acquire::Retries=5 "$@"
}

# The lists of packages are read once, however many are installed.
apt_install() {
    runner=$1
    shift
    [ -n "${updated:-}" ] || apt_get "$runner" update
    updated=yes
    apt_get "$runner" install -y --no-install-recommends "$@" >/dev/null
}

# Debian's package makes and starts a server on port 5432 when it is installed, which nobody asked for here.
install_postgres() {
    runner=$1
    package=$(apt-cache pkgnames | grep -E '^postgresql-[0-9]+-postgis-3$' | sort -V | tail -n 1)
    quiet=/etc/postgresql-common/createcluster.d/earth-embedding-atlas.conf
    if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
        $runner mkdir -p "$(dirname "$quiet")"
        echo 'create_main_cluster = false' | $runner tee "$quiet" >/dev/null
    fi
    apt_install "$runner" "$package"
    $runner rm -f "$quiet"
}

database() {
    if python -m atlas.store.cluster.postgres "$STATE_DIR" 2>/dev/null; then
        return
    fi
    if ! command -v apt-get >/dev/null 2>&1; then
        python -m atlas.store.cluster.postgres "$STATE_DIR"
        return
    fi
    if runner=$(as_root); then
        echo "installing PostgreSQL with PostGIS" >&2
        apt_get "$runner" update
        updated=yes
        install_postgres "$runner"
    else
        echo "neither root nor sudo: unpacking PostgreSQL with PostGIS into $STATE_DIR/system" >&2
        scripts/unpack-postgres.sh "$STATE_DIR/system"
    fi
    python -m atlas.store.cluster.postgres "$STATE_DIR"
}

browser() {
    for name in chromium chromium-browser google-chrome; do
        if command -v "$name" >/dev/null 2>&1; then
            return
        fi
    done
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "browser tests are skipped: Chromium is not installed" >&2
    elif runner=$(as_root); then
        echo "installing Chromium for the browser tests" >&2
        apt_install "$runner" chromium || echo "browser tests are skipped: Chromium could not be installed" >&2
    else
        echo "browser tests are skipped: Chromium is not installed, and installing it needs root or sudo" >&2
    fi
}

package() {
    if dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null | grep -q 'ok installed'; then
        return
    fi
    if command -v apt-get >/dev/null 2>&1 && runner=$(as_root); then
        echo "installing $1" >&2
        apt_install "$runner" "$1"
    else
        echo "the package $1 is missing, and installing it needs root or sudo: apt-get install $1" >&2
        return 1
    fi
}

# libatomic1 is for the Node.js that Playwright brings.
tests() {
    browser
    for name in gdal-bin nginx-light caddy pgbouncer libatomic1; do
        package "$name" || true
    done
}

case ${1:-} in
database | tests) "$1" ;;
package) package "${2:?a package name}" ;;
*)
    echo "usage: $0 database | tests | package NAME" >&2
    exit 2
    ;;
esac
