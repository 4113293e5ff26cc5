"""A campaign becomes runs: experiments x hardware x software x seeds x repeats, with stable ids.

Pure: what an id stands for (the code's hash, the data's hashes) is passed in by the workflow.
"""

from __future__ import annotations

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
        for repeat, run_id in enumerate(made.run_ids(campaign.repeats), start=1):
            yield Run(
                run_id=run_id,
                experiment=experiment.name,
                software=software.name,
                hardware=hardware.name,
                seed=seed,
                repeat=repeat,
            )


def definition_ids(matrix: Matrix) -> dict[tuple[str, str], str]:
    """Return the name of the definition of each experiment in each software environment."""
    campaign = matrix.campaign
    return {
        (experiment.name, software.name): matrix.definition(experiment.name, software.name).id
        for experiment, software in product(campaign.experiments, campaign.software)
    }


def current_definitions(matrix: Matrix) -> Definitions:
    """Return what the campaign would run now, as its dataset remembers it."""
    ids: dict[str, dict[str, str]] = {}
    for (experiment, software), definition in definition_ids(matrix).items():
        ids.setdefault(experiment, {})[software] = definition
    hardware = tuple(environment.name for environment in matrix.campaign.hardware)
    return Definitions(ids=ids, hardware=hardware)
