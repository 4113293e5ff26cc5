"""Worlds whose variance components are known, and how often the analysis of their runs is right.

Every world has a seed of its own, so that the figures are the same each time. The tests draw a few
hundred studies; as a program it draws thousands:

usage: python tests/support/component_worlds.py [TIMES]
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis.components import components
from osgrepro.analysis.findings import Components, Interval

Generator = np.random.Generator
Values = np.ndarray[Any, np.dtype[np.float64]]
AXES = ("hardware", "software", "seed")


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """Hardware × software × seeds × repeats, and the variance of each effect.

    ``variances`` are by the factors' positions, the residual's by (); ``missing`` is the share of
    runs that failed.
    """

    name: str
    shape: tuple[int, int, int, int]
    variances: Mapping[tuple[int, ...], float]
    missing: float = 0.0

    def truth(self) -> dict[str, float]:
        """Return the variance of each component by its name; what is not planted is 0."""
        return {
            " × ".join(AXES[axis] for axis in axes) or "residual": variance
            for axes, variance in self.variances.items()
        }

    def study(self, random: Generator) -> pd.DataFrame:
        """Return the runs of one study."""
        values = np.zeros(self.shape)
        for axes, variance in self.variances.items():
            size = [
                length if axis in axes or not axes else 1 for axis, length in enumerate(self.shape)
            ]
            values = values + variance**0.5 * random.standard_normal(size)
        return runs(values)[random.random(values.size) >= self.missing]


def runs(values: Values) -> pd.DataFrame:
    """Return a run for each value of an array of hardware × software × seeds × repeats."""
    hardware, software, seed, repeat = np.indices(values.shape).reshape(4, -1)
    return pd.DataFrame(
        {
            "experiment": "x",
            "hardware": [f"h{number:02}" for number in hardware],
            "software": [f"s{number}" for number in software],
            "seed": seed,
            "repeat": repeat,
            "status": "ok",
            "metric.m": values.ravel(),
        }
    )


_GRID = {(0,): 1.0, (1,): 0.5, (0, 1): 0.3, (): 0.1}
_SEEDS = {(0,): 1.0, (1,): 0.3, (2,): 0.5, (0, 1): 0.3, (0, 2): 0.3, (1, 2): 0.1, (0, 1, 2): 0.2}
WORLDS = (
    World(name="13 × 6", shape=(13, 6, 1, 5), variances=_GRID),
    World(name="13 × 2", shape=(13, 2, 1, 5), variances=_GRID),
    World(name="6 × 4", shape=(6, 4, 1, 3), variances=_GRID),
    World(name="13 × 6, no interaction", shape=(13, 6, 1, 5), variances={**_GRID, (0, 1): 0.0}),
    World(name="13 × 6, small effects", shape=(13, 6, 1, 3), variances={**_GRID, (): 4.0}),
    World(name="13 × 6, tied", shape=(13, 6, 1, 2), variances={**_GRID, (): 0.0}),
    World(name="6 × 4, a tenth failed", shape=(6, 4, 1, 3), variances=_GRID, missing=0.1),
    World(name="6 × 3 × 5 seeds", shape=(6, 3, 5, 2), variances={**_SEEDS, (): 0.1}),
    World(name="4 × 2", shape=(4, 2, 1, 2), variances=_GRID),
    World(name="3 × 2", shape=(3, 2, 1, 2), variances=_GRID),
)

QUICK, FEW = (WORLDS[1], WORLDS[3], WORLDS[6]), WORLDS[-2:]


def coverage(world: World, times: int) -> dict[str, float]:
    """Return how often the interval of each component holds the truth.

    A component without an interval counts as one that misses, unless nothing varies by it in truth.
    """
    random, truth = np.random.default_rng(len(world.name)), world.truth()
    held = dict.fromkeys(truth, 0)
    for _ in range(times):
        estimated = components(world.study(random), "m")
        if not isinstance(estimated, Components):
            continue
        for component in estimated.components:
            interval, variance = component.interval, truth[component.factor]
            if isinstance(interval, Interval):
                held[component.factor] += interval.low <= variance <= interval.high
            else:
                held[component.factor] += component.variance == variance == 0
    return {factor: count / times for factor, count in held.items()}


def moved(world: World, times: int) -> dict[str, tuple[float, float]]:
    """Return how far each component moves when one run of a full study is missing.

    The median and the largest of the changes, relative to the sum of all components.
    """
    random = np.random.default_rng(len(world.name))
    changes: dict[str, list[float]] = {}
    for _ in range(times):
        study = world.study(random)
        before = _variances(study)
        after = _variances(study.drop(index=random.choice(study.index)))
        total = sum(before.values())
        for factor, variance in before.items():
            changes.setdefault(factor, []).append(abs(after[factor] - variance) / total)
    return {factor: (float(np.median(own)), max(own)) for factor, own in changes.items()}


def _variances(study: pd.DataFrame) -> dict[str, float]:
    estimated = components(study, "m")
    assert isinstance(estimated, Components)
    return {component.factor: component.variance for component in estimated.components}


def main(times: int) -> None:
    """Print the coverage of all worlds, and how far one missing run moves the components."""
    for world in WORLDS:
        shares = coverage(world, times).items()
        shown = ", ".join(f"{name} {100 * share:.1f}" for name, share in shares)
        sys.stdout.write(f"{world.name} | covers, %: {shown}\n")
        if not world.missing:
            changes = moved(world, max(times // 10, 10)).items()
            shown = ", ".join(f"{name} {100 * a:.2f} / {100 * b:.1f}" for name, (a, b) in changes)
            sys.stdout.write(f"{world.name} | moved, median / most, %: {shown}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000)
