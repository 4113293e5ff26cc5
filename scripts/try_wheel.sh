#!/usr/bin/env bash
# Build the wheel, install it into an empty environment, and use it in an empty folder.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
.venv/bin/python -m build --wheel --no-isolation --outdir "$work/dist" . >"$work/build.log" 2>&1 || {
    cat "$work/build.log"
    exit 1
}
python3=$(.venv/bin/python -c 'import sys; print(sys._base_executable)')
"$python3" -m venv "$work/venv"
# The locked versions, so that this tries the wheel and not the day's newest dependencies.
"$work/venv/bin/python" -m pip install --quiet --quiet --constraint <(sed -E 's/ *\\$//; /--hash=/d' requirements/dev.txt) \
    "$work"/dist/*.whl
mkdir "$work/empty"
cd "$work/empty"
for campaign in demo osg-2022; do
    "$work/venv/bin/osgrepro" plan "$campaign" >"plan-$campaign.txt"
    "$work/venv/bin/osgrepro" render "$campaign" --out "$campaign" >/dev/null
    test -n "$(find "$campaign" -name '*.sub' -print -quit)"
done
grep -q '780 runs' plan-osg-2022.txt
"$work/venv/bin/osgrepro" help campaign | grep -q '^# The campaign file'
echo "the wheel plans and renders the shipped campaigns from an empty folder"
