#!/bin/sh
# Unpack PostgreSQL with PostGIS into a folder, on Debian and its relatives, without root:  unpack-postgres.sh DIR
# PostgreSQL finds its files relative to its programs; atlas/store/cluster/postgres.py sets the paths of its libraries.
set -eu
[ $# = 1 ] || { echo "usage: $0 DIR" >&2; exit 2; }
mkdir -p "$1"
TARGET=$(cd "$1" && pwd)
WORK="$TARGET.unfinished"
rm -rf "$WORK"
mkdir -p "$WORK/lists/partial" "$WORK/cache/archives/partial" "$WORK/packages" "$WORK/tree"
trap 'rm -rf "$WORK"' EXIT
trap 'exit 130' INT TERM

# The system's own package lists and locks belong to root.
apt() {
    tool=$1
    shift
    "apt-$tool" -o Dir::State::Lists="$WORK/lists" -o Dir::Cache="$WORK/cache" -o Debug::NoLocking=1 \
        -o APT::Sandbox::User="" -o Acquire::Retries=5 "$@"
}

closure() {
    apt cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks --no-replaces \
        --no-enhances --no-pre-depends "$@" | grep -E '^[a-z0-9]' | sed 's/:.*//' | sort -u
}

apt get -qq update || echo "some package lists could not be read; going on with the others" >&2
package=$(apt cache pkgnames | grep -E '^postgresql-[0-9]+-postgis-3$' | sort -V | tail -n 1)
[ -n "$package" ] || { echo "the package lists hold no postgresql-*-postgis-3" >&2; exit 1; }
major=$(echo "$package" | sed -E 's/^postgresql-([0-9]+)-.*/\1/')

# An empty record of what is installed, so that the whole of it is fetched; less what apt, dpkg and this shell need
# themselves, which is there or this would not run (the C library above all, which must be the machine's own).
: >"$WORK/status"
closure apt dpkg bash perl-base libstdc++6 | sort -u >"$WORK/present"
apt get -s -o Dir::State::status="$WORK/status" install --no-install-recommends "$package" |
    sed -n 's/^Inst \([^ ]*\) .*/\1/p' | sort -u >"$WORK/needed"
wanted=$(comm -23 "$WORK/needed" "$WORK/present" | grep -vE '^(debconf|ucf|adduser|init-system-helpers|ssl-cert|tzdata)$')

cd "$WORK/packages"
# shellcheck disable=SC2086 # one argument per package
apt get -qq download $wanted
for file in ./*.deb; do
    dpkg-deb -x "$file" "$WORK/tree"
done

# The links that the packages' own scripts would make.
extension="$WORK/tree/usr/share/postgresql/$major/extension"
[ -e "$extension/postgis.control" ] || ln -s postgis-3.control "$extension/postgis.control"
for library in blas/libblas.so.3 lapack/liblapack.so.3; do
    found=$(find "$WORK/tree/usr/lib" -path "*/$library" | head -n 1)
    if [ -n "$found" ]; then
        ln -sf "$library" "$(dirname "$(dirname "$found")")/$(basename "$library")"
    fi
done
rm -rf "$TARGET"
mv "$WORK/tree" "$TARGET"
