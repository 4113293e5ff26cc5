"""The pairs of environments that disagree on most examples, and the pair that is right as often.

Called for the churn of an experiment.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from osgrepro.analysis.examples.predictions import Predictions
from osgrepro.analysis.findings import ChurnPair, Interval
from osgrepro.analysis.statistics import agreement
from osgrepro.analysis.statistics.intervals import share
from osgrepro.analysis.statistics.moments import Floats, Integers

_CONFIDENCE = 0.95
_PAIRS = 50
_MOST_GROUPS = 3000


@dataclass(frozen=True, slots=True)
class Compared:
    """What stands for each cell under each seed, and on how many examples two predictions differ.

    ``names`` are the cells' (software, hardware); ``standing`` has ``cell``, ``seed`` and the
    ``row`` of ``known.vectors``, and ``differ`` compares these rows; ``right`` is how many labels
    of each row are right, None where nobody knows.
    """

    known: Predictions
    names: list[tuple[str, str]]
    standing: pd.DataFrame
    differ: Integers
    right: Floats | None

    def pairs(self) -> Iterator[ChurnPair]:
        """Yield the environments that disagree most, each with all that predict as it does."""
        wide = (
            self.standing.pivot(index="cell", columns="seed", values="row").fillna(-1).astype(int)
        )
        profiles, groups = np.unique(wide.to_numpy(), axis=0, return_inverse=True)
        if len(profiles) > _MOST_GROUPS:
            return
        kappas = agreement.kappas(self.known.vectors, self.differ, self.known.classes)
        shape = (len(profiles), len(profiles))
        total, seeds, kappa = np.zeros(shape), np.zeros(shape, dtype=int), np.zeros(shape)
        for rows in profiles.T:
            both = np.outer(rows >= 0, rows >= 0)
            total += np.where(both, self.differ[np.ix_(rows, rows)], 0)
            kappa += np.where(both, kappas[np.ix_(rows, rows)], 0)
            seeds += both
        alike = np.bincount(groups.ravel())
        first_cell = [int(wide.index[np.argmax(groups.ravel() == g)]) for g in range(len(alike))]
        first, second = np.nonzero(np.triu(total > 0))
        mean = total[first, second] / seeds[first, second]
        for place in np.argsort(-mean, kind="stable")[:_PAIRS]:
            a, b = int(first[place]), int(second[place])
            rows = profiles[[a, b]]
            yield self._pair(
                (first_cell[a], first_cell[b]),
                rows[:, (rows >= 0).all(axis=0)],
                float(kappa[a, b] / seeds[a, b]),
                alike=(int(alike[a]), int(alike[b])),
            )

    def _pair(
        self, cells: tuple[int, int], rows: Integers, kappa: float, alike: tuple[int, int]
    ) -> ChurnPair:
        items = self.known.vectors.shape[1]
        churn = float(self.differ[rows[0], rows[1]].mean())
        right = self.right
        return ChurnPair(
            first=self.names[cells[0]],
            second=self.names[cells[1]],
            alike=alike,
            seeds=rows.shape[1],
            churn=churn,
            share=churn / items,
            interval=interval(churn, items),
            kappa=kappa if np.isfinite(kappa) else None,
            accuracies=None
            if right is None
            else (float(right[rows[0]].mean() / items), float(right[rows[1]].mean() / items)),
        )

    def equal(self) -> ChurnPair | None:
        """Return the environments that are right equally often, and disagree most, of one seed."""
        right, largest, widest = self.right, 0, None
        if right is None:
            return None
        for _, group in self.standing.groupby("seed"):
            rows = np.unique(group["row"].to_numpy())
            same = right[rows][:, None] == right[rows][None, :]
            apart = np.where(same, self.differ[np.ix_(rows, rows)], 0)
            if apart.max() > largest:
                largest = int(apart.max())
                places = np.unravel_index(apart.argmax(), apart.shape)
                widest = group, rows[list(places)]
        if widest is None:
            return None
        group, rows = widest
        holders = [group.loc[group["row"] == row, "cell"] for row in rows]
        kappas = agreement.kappas(
            self.known.vectors[rows], self.differ[np.ix_(rows, rows)], self.known.classes
        )
        return self._pair(
            (int(holders[0].iloc[0]), int(holders[1].iloc[0])),
            rows[:, None],
            float(kappas[0, 1]),
            alike=(len(holders[0]), len(holders[1])),
        )


def interval(churn: float, items: int) -> Interval:
    """Return the interval of the share of examples that two environments disagree on.

    The examples are what is drawn. A mean over seeds varies no more than a share of as many draws,
    so that the interval is wide enough for it, too.
    """
    low, high = share(churn / items, items, _CONFIDENCE)
    method = f"Clopper-Pearson, {items:,} examples"
    return Interval(low=low, high=high, confidence=_CONFIDENCE, method=method)
