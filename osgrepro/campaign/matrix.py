"""A campaign becomes runs: experiments x hardware x software x seeds x repeats, with stable ids.

Pure: what an id stands for (the code's hash, the data's hashes) is passed in by the workflow.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from itertools import product

from osgrepro.common.models import (
    Campaign,
    Code,
    DataFile,
    Definitions,
    Matrix,
    Run,
    RunDefinition,
)

RUN_ID_DIGITS = 24  # 96 bits: a million runs collide with a chance below 1e-17
DEFINITION_DIGITS = 12  # of one experiment: people type the first of them


def expand(
    campaign: Campaign,
    *,
    code: Mapping[str, Code],
    data: Mapping[str, tuple[DataFile, ...]],
) -> Matrix:
    """Return all runs of ``campaign``, in the order experiment, hardware, software, seed, repeat.

    Parameters
    ----------
    campaign : Campaign
        What to expand.
    code, data : mapping
        By experiment name: what it executes, and the files it reads in the campaign's order.
    """
    empty = Matrix(campaign=campaign, runs=(), code=code, data=data)
    return replace(empty, runs=tuple(_runs(empty)))


def select(matrix: Matrix, keep: Callable[[Run], bool], limit: int | None = None) -> Matrix:
    """Return ``matrix`` with only the runs that ``keep`` wants, at most ``limit`` of them."""
    return replace(matrix, runs=tuple(run for run in matrix.runs if keep(run))[:limit])


def _runs(matrix: Matrix) -> Iterator[Run]:
    campaign = matrix.campaign
    for experiment, hardware, software, seed in product(
        campaign.experiments, campaign.hardware, campaign.software, campaign.seeds
    ):
        shared = matrix.definition(experiment.name, software.name)
        made = RunDefinition(shared=shared, hardware=hardware.name, seed=seed)
        base = hashlib.sha256(_canonical(made.hashed()))
        for repeat in range(1, campaign.repeats + 1):
            digest = base.copy()
            digest.update(b"#%d" % repeat)
            yield Run(
                run_id=digest.hexdigest()[:RUN_ID_DIGITS],
                experiment=experiment.name,
                software=software.name,
                hardware=hardware.name,
                seed=seed,
                repeat=repeat,
            )


def definition_ids(matrix: Matrix) -> dict[tuple[str, str], str]:
    """Return the name of the definition of each experiment in each software environment.

    It hashes what a run_id does, less what tells the runs of one definition apart: hardware,
    software, seed and repeat. Software counts only by what the campaign sets for it.
    """
    campaign = matrix.campaign
    ids = {}
    for experiment, software in product(campaign.experiments, campaign.software):
        shared = matrix.definition(experiment.name, software.name)
        digest = hashlib.sha256(_canonical(shared.hashed())).hexdigest()
        ids[experiment.name, software.name] = digest[:DEFINITION_DIGITS]
    return ids


def current_definitions(matrix: Matrix) -> Definitions:
    """Return what the campaign would run now, as its dataset remembers it."""
    ids: dict[str, dict[str, str]] = {}
    for (experiment, software), definition in definition_ids(matrix).items():
        ids.setdefault(experiment, {})[software] = definition
    hardware = tuple(environment.name for environment in matrix.campaign.hardware)
    return Definitions(ids=ids, hardware=hardware)


def _canonical(value: Mapping[str, object]) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
