"""Claims over metrics that tie by chance without being shares: how often they are wrong.

usage: python tests/support/coarse_worlds.py [TIMES]
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from claim_worlds import Values, claim

from osgrepro.analysis.claims.agreement import Agreed, agreed
from osgrepro.analysis.claims.trials import put_to_trial, told_together

ITEMS, LABELS, BATCH = 200, 3, 32
_FALL = 30.0
Labels = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Metric = Callable[[Labels, Labels], Values]


def macro_f1(predicted: Labels, true: Labels) -> Values:
    """Return the mean of all labels' F1 scores; the last axis is the items'."""
    scores = []
    for label in range(LABELS):
        hits = ((predicted == label) & (true == label)).sum(-1)
        scores.append(2 * hits / ((predicted == label).sum(-1) + (true == label).sum()))
    return np.mean(scores, axis=0)


def of_batches(predicted: Labels, true: Labels) -> Values:
    """Return the mean of all batches' accuracies, of which the last is of fewer items."""
    right = (predicted == true).astype(np.float64)
    return np.mean([right[..., n : n + BATCH].mean(-1) for n in range(0, ITEMS, BATCH)], axis=0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Coarse:
    """Machines whose runs each label so many of 40 items otherwise, the first one ``loud`` times.

    ``metric`` is None for a continuous one, which scatters by 1. Model a is better by ``effect``.
    A ``bad`` share of its runs are 30 lower in a continuous one, which the others make up for.
    """

    metric: Metric | None
    repeats: int
    flipped: float = 1.0
    effect: float = 0.0
    loud: float = 1.0
    bad: float = 0.0
    machines: int = 13

    def study(self, random: np.random.Generator) -> dict[str, pd.DataFrame]:
        """Return the runs of both models."""
        shape = (self.machines, self.repeats)
        louder = np.where(np.arange(self.machines) == 0, self.loud, 1.0)[:, None]
        if self.metric is None:
            a, b = louder * random.standard_normal((2, *shape))
            if self.bad:
                a += _FALL * (self.bad - (random.random(shape) < self.bad))
            return {"a": _runs(a + self.effect), "b": _runs(b)}
        true = random.integers(0, LABELS, ITEMS)
        usual = np.where(random.random(ITEMS) < 0.9, true, random.integers(0, LABELS, ITEMS))
        some = random.choice(ITEMS, 40, replace=False)
        chance = np.minimum(0.5, louder * self.flipped / len(some))[..., None]
        predicted = np.broadcast_to(usual, (2, *shape, ITEMS)).copy()
        others = (usual[some] + random.integers(1, LABELS, (2, *shape, len(some)))) % LABELS
        flips = random.random(others.shape) < chance
        predicted[..., some] = np.where(flips, others, usual[some])
        a, b = self.metric(predicted, true)
        return {"a": _runs(a + self.effect), "b": _runs(b)}


def _runs(values: Values) -> pd.DataFrame:
    machine, repeat = np.indices(values.shape).reshape(2, -1)
    return pd.DataFrame(
        {
            "experiment": "x",
            "software": "s",
            "hardware": [f"h{number:02}" for number in machine],
            "seed": 1,
            "repeat": repeat,
            "status": "ok",
            "metric.m": values.ravel(),
        }
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Rates:
    """In which share of studies some machine holds, or contradicts, the whole does, or differs."""

    holds: float
    contradicts: float
    yes: float
    apart: float


def rates(world: Coarse, times: int) -> Rates:
    """Return how often what is said of the claim that a is better."""
    random, asked = np.random.default_rng(2004), claim(metric="m")
    told: list[Agreed] = []
    for _ in range(times):
        told += agreed(told_together([put_to_trial(asked, world.study(random), {})])[0])
    return Rates(
        holds=sum(any(cell.holds for cell in own.of.cells) for own in told) / times,
        contradicts=sum(any(cell.contradicts for cell in own.of.cells) for own in told) / times,
        yes=sum(own.answer == "yes" for own in told) / times,
        apart=sum(own.heterogeneity is not None and own.heterogeneity.p < 0.05 for own in told)
        / times,
    )


COARSE = (macro_f1, of_batches)


def main(times: int) -> None:
    """Print how often claims without an effect are decided, and those with one."""
    for repeats in (2, 3, 5):
        for metric in COARSE:
            for flipped, loud in ((0.3, 1.0), (1.0, 1.0), (3.0, 1.0), (0.5, 10.0)):
                own = Coarse(metric=metric, repeats=repeats, flipped=flipped, loud=loud)
                _print(f"{metric.__name__}, {repeats}, {flipped}, loud {loud}", own, times)
        for effect, loud in (
            (0.0, 1.0),
            (0.0, 10.0),
            (1.0, 1.0),
            (3.0, 1.0),
            (6.0, 1.0),
            (3.0, 10.0),
        ):
            own = Coarse(metric=None, repeats=repeats, effect=effect, loud=loud)
            _print(f"continuous, {repeats}, effect {effect}, loud {loud}", own, times)


def _print(name: str, world: Coarse, times: int) -> None:
    sys.stdout.write(f"{name}: {rates(world, times)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
