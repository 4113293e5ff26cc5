"""The runs of both sides of a replay as rows that can be matched, cell by cell.

Called by ``replay_plan``.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from osgrepro.analysis import replication
from osgrepro.analysis.replication import Cell, Row
from osgrepro.common.models import Image, Matrix, Run
from osgrepro.results import records
from osgrepro.workflow.replication import matching

Cells = Mapping[Cell, Sequence[Row]]


def by_cell(rows: Sequence[Row], seeds: Sequence[int]) -> Cells:
    """Return the remote runs that ended well, by cell, and of the first seed that each ran with.

    One seed is enough to put a cause to the test; each more would cost as much again.
    """
    ended_well: dict[Cell, list[Row]] = defaultdict(list)
    for row in rows:
        if row["status"] == "ok" and not replication.emulates(row):
            ended_well[replication.cell(row)].append(row)
    chosen = {cell: _seed(own, seeds) for cell, own in ended_well.items()}
    return {
        cell: [row for row in own if row["seed"] == chosen[cell]] or own
        for cell, own in ended_well.items()
    }


def _seed(rows: Sequence[Row], seeds: Sequence[int]) -> int:
    """Return the first of a campaign's seeds that remote rows ran with, or its first."""
    there = {row["seed"] for row in rows}
    return next((seed for seed in seeds if seed in there), seeds[0])


def experiments_of(everything: Matrix) -> dict[str, Hashable]:
    """Return what each experiment of the campaign is, as its runs will record it."""
    first = {run.experiment: run for run in everything.runs}
    return {
        name: matching.proof(matching.EXPERIMENT, planned_row(everything, run, None))
        for name, run in first.items()
    }


def planned_row(everything: Matrix, run: Run, image: Image | None) -> dict[str, Any]:
    """Return what the row of a run will say of its definition."""
    definition = records.expected_definition(everything, run, image)
    return {
        "code_sha256": definition["code_sha256"],
        "params_json": _dumped(definition["params"]),
        "data_json": _dumped(definition["data"]),
        "seed": definition["seed"],
        "threads_requested": str(definition["threads"]),
        "environment_json": _dumped(definition["environment"]),
        "image_sha256": definition["image_sha256"],
    }


def _dumped(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def runs_by_cell(everything: Matrix) -> dict[tuple[Cell, int], Run]:
    """Return the runs of a campaign by cell and seed: of repeats, the last."""
    return {
        ((run.experiment, run.software, run.hardware), run.seed): run for run in everything.runs
    }
