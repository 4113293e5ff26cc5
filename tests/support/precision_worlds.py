"""Simulated collaborative studies, of which s_R is known, and how often its interval holds it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from osgrepro.analysis.findings import Interval
from osgrepro.analysis.precision import s_R_interval
from osgrepro.analysis.statistics.moments import Moments


@dataclass(frozen=True, kw_only=True, slots=True)
class World:
    """A study: the runs of each laboratory, and the spread between laboratories when s_r is 1."""

    runs: tuple[int, ...]
    between: float

    @property
    def s_R(self) -> float:  # noqa: N802, the standard's symbol
        """The reproducibility that is to be found."""
        return math.hypot(self.between, 1.0)


def study(world: World, generator: np.random.Generator) -> Moments:
    """Return the moments of one simulated study, laboratories × one seed."""
    effects = generator.normal(0, world.between, len(world.runs))
    values = [
        effect + generator.normal(0, 1, n) for effect, n in zip(effects, world.runs, strict=True)
    ]
    return Moments(
        n=np.array([[n] for n in world.runs]),
        mean=np.array([[own.mean()] for own in values]),
        squares=np.array([[((own - own.mean()) ** 2).sum()] for own in values]),
        low=np.array([[own.min()] for own in values]),
        high=np.array([[own.max()] for own in values]),
    )


def coverage(worlds: Sequence[World], studies: int) -> list[float]:
    """Return for each world in which share of studies the interval of s_R holds s_R."""
    generator = np.random.default_rng(5725)
    shares = []
    for world in worlds:
        held = 0
        for _ in range(studies):
            interval = s_R_interval(study(world, generator))
            assert isinstance(interval, Interval)
            held += interval.low <= world.s_R <= interval.high
        shares.append(held / studies)
    return shares


def wrong_bounds(repeats: int, trials: int, classes: int, cells: int) -> float:
    """Return in which share of cells the bound of a tie lies below the truth.

    Each run of a cell ends in one of so many classes, all as likely; ``trials`` is what the bound
    counts of ``repeats`` that agree.
    """
    generator = np.random.default_rng(1934)
    ended = generator.integers(classes, size=(cells, repeats))
    agree = (ended == ended[:, :1]).all(1)
    bound = 1 - 0.05 ** (1 / trials)
    return float(agree.mean()) if 1 - 1 / classes > bound else 0.0
