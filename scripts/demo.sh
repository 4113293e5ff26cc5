#!/usr/bin/env bash
# The way of a campaign from file to Parquet, command by command, as a user would type it.
set -euo pipefail
cd "$(dirname "$0")/.."
PATH="$PWD/.venv/bin:$PATH"
work=${OSGREPRO_DEMO_DIR:-demo.runs}

step() {
    printf '\n\033[1m$ osgrepro %s\033[0m\n' "$*"
    osgrepro "$@"
}

step plan submit/demo.toml
trap 'step pool down' EXIT
step pool up
step build submit/demo.toml
step submit submit/demo.toml --workspace "$work"
step collect submit/demo.toml --workspace "$work" --wait
step analyze "$work/dataset.parquet"
step report "$work/dataset.parquet" --force
