#!/bin/sh
# Builds the Python environment: scripts/setup-venv.sh PYTHON FOLDER
# Every package is checked against its hash in constraints/all.txt.
set -eu
python=$1
venv=$2

if [ ! -x "$venv/bin/python" ] || ! "$venv/bin/python" -c '' 2>/dev/null; then
    if ! "$python" -c 'import ensurepip' 2>/dev/null; then
        # Debian and Ubuntu keep venv's pip in a package of its own.
        version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        scripts/setup-system.sh package "python$version-venv"
    fi
    "$python" -m venv --clear "$venv"
fi
echo "Installing the Python packages into $venv (a minute or two) ..."
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes -r constraints/all.txt
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e packages/stac-emb -e .
