"""What a dataset has of what a bound takes, in each of its places."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osgrepro.analysis.findings import (
    NONDETERMINISTIC,
    AgainstSeeds,
    Cell,
    ExperimentFindings,
    Findings,
    Interval,
    MetricPrecision,
    Precision,
    in_percent,
    in_shares,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """What an experiment has in one software environment, or in one cell of it.

    Only runs with an outcome class count: what failed, or was not seeded, bounds nothing.
    ``repeats`` are those of each of ``seeds`` seeds, where there are fewest. ``reach`` is how many
    times s_R its interval reaches to with so many ``laboratories``, None where there is none.
    ``sd`` is how far the primary metric of independent runs is apart, None where nothing tells:
    of repeats or, with several seeds, of seeds. ``tests`` are the cells of the experiment.
    ``points`` is how many percentage points 1 of the metric is; None: it is no accuracy.
    ``disagree`` is whether its repeats do.
    """

    name: str
    repeats: int
    environments: int
    seeds: int
    laboratories: int = 0
    reach: float | None = None
    sd: float | None = None
    tests: int = 1
    points: float | None = None
    disagree: bool = False


NOWHERE = Place(name="", repeats=0, environments=0, seeds=0)


def cells(findings: Findings) -> Iterator[Place]:
    """Yield every cell with its repeats; one whose runs all failed has none."""
    for experiment in findings.experiments:
        for software, own in _by_software(experiment):
            known = _environments(own)
            most = max((cell.seeds for cell in known), default=1)
            for cell in own:
                seeds = cell.seeds if cell.classes else most
                yield Place(
                    name=f"{experiment.name}, {software}, {cell.hardware}",
                    repeats=_placed(cell) // seeds,
                    environments=len(known),
                    seeds=seeds,
                    sd=cell.sd if seeds == 1 else _between_seeds(experiment, software),
                    tests=len(experiment.cells),
                    points=_points(experiment),
                    disagree=cell.repeatability == NONDETERMINISTIC,
                )


def tables(findings: Findings) -> Iterator[Place]:
    """Yield each experiment in each software environment with its environments and seeds."""
    for experiment in findings.experiments:
        for software, own in _by_software(experiment):
            known = _environments(own)
            laboratories, reach = _reach(experiment, software)
            yield Place(
                name=f"{experiment.name}, {software}",
                repeats=min((_placed(cell) // cell.seeds for cell in own), default=0),
                environments=len(known),
                seeds=min((min(cell.seeds, _placed(cell)) for cell in known), default=0),
                laboratories=laboratories,
                reach=reach,
            )


def _points(experiment: ExperimentFindings) -> float | None:
    """Return how many percentage points 1 of the primary metric is, if it is an accuracy."""
    metric = experiment.primary or ""
    values = [end for cell in experiment.cells for end in (cell.minimum, cell.maximum)]
    if in_percent(metric, values):
        return 1.0
    return 100.0 if in_shares(metric, values) else None


def _by_software(experiment: ExperimentFindings) -> Iterator[tuple[str, list[Cell]]]:
    """Yield the cells of each software environment; emulated ones only where no other is."""
    for software in dict.fromkeys(cell.software for cell in experiment.cells):
        own = [cell for cell in experiment.cells if cell.software == software]
        yield software, [cell for cell in own if not (cell.emulated or cell.simulated_gpu)] or own


def _environments(own: Sequence[Cell]) -> list[Cell]:
    return [cell for cell in own if cell.classes]


def _placed(cell: Cell) -> int:
    return sum(cell.classes.values())


def _reach(experiment: ExperimentFindings, software: str) -> tuple[int, float | None]:
    """Return the laboratories of the primary metric, and how far the interval of s_R reaches."""
    measured = _primary(experiment, software)
    if measured is None or not isinstance(known := measured.precision, Precision):
        return 0, None
    interval = known.s_R_interval
    if isinstance(interval, Interval) and known.s_R > 0:
        return known.laboratories, interval.high / known.s_R
    return known.laboratories, None


def _between_seeds(experiment: ExperimentFindings, software: str) -> float | None:
    """Return how far single runs with different seeds are apart on one machine."""
    measured = _primary(experiment, software)
    if measured is None or not isinstance(seeds := measured.against_seeds, AgainstSeeds):
        return None
    within = measured.precision.s_r if isinstance(measured.precision, Precision) else 0.0
    return math.hypot(seeds.seeds, within)


def _primary(experiment: ExperimentFindings, software: str) -> MetricPrecision | None:
    here = (software, experiment.primary)
    own = (row for row in experiment.precision if (row.software, row.metric) == here)
    return next(own, None)
