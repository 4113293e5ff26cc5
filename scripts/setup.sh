#!/usr/bin/env bash
# Make .venv from requirements/dev.txt, whole or not at all; `make` calls this when either changed.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null; then
    say "osgrepro needs Python 3.10 or newer; '$python' is none. Name one: make PYTHON=python3.11 …"
    exit 2
fi
# Debian and Ubuntu ship Python without the module that puts pip into a virtual environment.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
    if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
        say "installing python3-venv"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq && apt-get install -qq -y --no-install-recommends python3-venv >/dev/null
    else
        say "Python's module ensurepip is missing. Install it: sudo apt-get install python3-venv"
        exit 2
    fi
fi
say "making .venv with $("$python" --version) from requirements/dev.txt"
rm -rf .venv
"$python" -m venv .venv
.venv/bin/python -m pip install --quiet --quiet --require-hashes --requirement requirements/dev.txt
.venv/bin/python -m pip install --quiet --quiet --no-deps --no-build-isolation --editable .
touch .venv/.stamp
