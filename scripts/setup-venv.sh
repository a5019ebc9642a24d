#!/bin/sh
# Builds the Python environment: scripts/setup-venv.sh PYTHON FOLDER
# Every package is checked against its hash in constraints/all.txt.
set -eu
python=$1
venv=$2

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        # Debian and Ubuntu keep venv's pip in its own package.
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        scripts/setup-system.sh package "python$version-venv"
    fi
    "$python" -m venv --clear "$venv"
fi
echo "Installing the Python packages into $venv (about a minute) ..."
pip() {
    "$venv/bin/python" -m pip --quiet --disable-pip-version-check "$@"
}

# pip takes one package after the other and compiles them on one core, uv takes a quarter of its time. It looks where
# pip is told to look.
with_uv() {
    only=$(mktemp)
    awk '/^[^ ]/ { wanted = /^uv==/ } wanted' constraints/all.txt >"$only"
    pip install --require-hashes -r "$only" || { rm -f "$only"; return 1; }
    rm -f "$only"
    : "${UV_DEFAULT_INDEX=$(pip config get global.index-url 2>/dev/null || true)}"
    : "${UV_INDEX=$(pip config get global.extra-index-url 2>/dev/null || true)}"
    : "${UV_FIND_LINKS=$(pip config get global.find-links 2>/dev/null || true)}"
    export UV_DEFAULT_INDEX UV_INDEX UV_FIND_LINKS
    "$venv/bin/uv" pip install --quiet --python "$venv/bin/python" --require-hashes --compile-bytecode \
        --index-strategy unsafe-best-match -r constraints/all.txt
}

if ! with_uv; then
    echo "uv could not install them, see above; pip does, which takes two minutes" >&2
    pip install --require-hashes -r constraints/all.txt
fi
pip install --no-deps --no-build-isolation -e packages/stac-emb -e .
