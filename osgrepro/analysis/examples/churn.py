"""Label churn between environments, seeds and repeats, and the examples that it strikes.

Called for one experiment at a time. An environment stands with what most of its runs predicted
under a seed; that its own repeats disagree is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis.cells import cell_codes
from osgrepro.analysis.examples.predictions import LabelReader, Predictions, predictions
from osgrepro.analysis.findings import (
    ChurnFactor,
    ChurnLevel,
    ChurnPair,
    ClassChurn,
    Examples,
    Flip,
    Interval,
    NotAssessable,
)
from osgrepro.analysis.seeds import TOO_MANY, seed_codes, too_many
from osgrepro.analysis.statistics import agreement
from osgrepro.analysis.statistics.intervals import share
from osgrepro.analysis.statistics.moments import Floats, Integers

_CONFIDENCE = 0.95
_PAIRS, _FLIPS = 50, 20
_MOST_GROUPS = 3000
# What two runs have in common at each level.
_LEVELS: dict[ChurnFactor, tuple[str, ...]] = {
    "repeats": ("cell", "seed"),
    "hardware": ("seed", "software"),
    "software": ("seed", "hardware"),
    "environments": ("seed",),
    "seeds": ("cell",),
}


def examples(runs: pd.DataFrame, labels: LabelReader | None) -> Examples | NotAssessable:
    """Return what the runs of an experiment predict, example by example.

    Parameters
    ----------
    runs : DataFrame
        Runs that ended well.
    labels : callable or None
        Reads labels by their hash, such as ``partial(dataset.labels, path)``.
    """
    known = predictions(runs, labels)
    if isinstance(known, NotAssessable):
        return known
    cells, names = cell_codes(known.runs)
    seeds, count = seed_codes(known.runs)
    if too_many(names, count):
        return TOO_MANY
    table = pd.DataFrame({"cell": cells, "seed": seeds, "row": known.rows})
    differ = agreement.churn(known.vectors)
    shown, tied = _shown(table, names, differ)
    compared = _Compared(known, names, table, shown, differ, _right(known))
    divided = [agreement.disagreement(*voting, known.classes) for voting in compared.votings()]
    shares = np.mean(divided, axis=0) if divided else np.zeros(known.vectors.shape[1])
    everywhere = int(np.all(np.array(divided) > 0, axis=0).sum()) if len(divided) > 1 else None
    return Examples(
        items=known.vectors.shape[1],
        classes=known.classes,
        runs=len(table),
        vectors=len(known.vectors),
        left_out=known.left_out,
        levels=tuple(compared.levels()),
        pairs=tuple(compared.pairs()),
        equal=compared.equal(),
        by_class=_by_class(known, shares),
        flipping=int((shares > 0).sum()),
        always=everywhere,
        flips=tuple(_flips(known, shares, shown)),
        tied=tied,
    )


def interval(churn: float, items: int) -> Interval:
    """Return the interval of the share of examples that two environments disagree on.

    The examples are what is drawn. A mean over seeds varies no more than a share of as many draws,
    so that the interval is wide enough for it, too.
    """
    low, high = share(churn / items, items, _CONFIDENCE)
    method = f"Clopper-Pearson, {items:,} examples"
    return Interval(low=low, high=high, confidence=_CONFIDENCE, method=method)


def _shown(
    table: pd.DataFrame, names: list[tuple[str, str]], differ: Integers
) -> tuple[pd.DataFrame, int]:
    """Return what most runs of each cell predict under each seed, and how often several do.

    Of predictions that are equally frequent the one stands that is nearest to all runs under the
    seed, so that no difference is made of a tie.
    """
    votes = table.groupby(["cell", "seed", "row"]).size().rename("voters").reset_index()
    votes = votes.merge(_apart(table, differ), on=["seed", "row"])
    order = ["cell", "seed", "voters", "apart", "row"]
    votes = votes.sort_values(order, ascending=[True, True, False, True, True])
    most = votes["voters"] == votes.groupby(["cell", "seed"])["voters"].transform("first")
    tied = votes[most].duplicated(["cell", "seed"]).groupby([votes["cell"], votes["seed"]]).any()
    shown: pd.DataFrame = votes.drop_duplicates(["cell", "seed"]).drop(columns=["voters", "apart"])
    cells = shown["cell"].to_numpy()
    for place, factor in enumerate(("software", "hardware")):
        shown[factor] = np.array([name[place] for name in names], dtype=object)[cells]
    return shown, int(tied.sum())


def _apart(table: pd.DataFrame, differ: Integers) -> pd.DataFrame:
    """Return on how many examples each row differs from all runs under a seed, together."""
    pieces = []
    for seed, rows in table.groupby("seed")["row"]:
        own, voters = np.unique(rows.to_numpy(), return_counts=True)
        apart = differ[np.ix_(own, own)] @ voters
        pieces.append(pd.DataFrame({"seed": seed, "row": own, "apart": apart}))
    together: pd.DataFrame = pd.concat(pieces)
    return together


@dataclass(frozen=True, slots=True)
class _Compared:
    """Runs as cell, seed and row of vectors, and on how many examples the vectors differ.

    ``shown`` is what stands for each cell under each seed; ``right`` how many labels of each vector
    are right, None where nobody knows.
    """

    known: Predictions
    names: list[tuple[str, str]]
    table: pd.DataFrame
    shown: pd.DataFrame
    differ: Integers
    right: Floats | None

    def levels(self) -> Iterator[ChurnLevel]:
        """Yield the churn at each level at which two runs can be compared."""
        for level, common in _LEVELS.items():
            table = self.table if level == "repeats" else self.shown
            if (churn := self._level(level, table, list(common))).pairs:
                yield churn

    def _level(self, level: ChurnFactor, table: pd.DataFrame, common: list[str]) -> ChurnLevel:
        votes = table.groupby([*common, "row"], sort=False).size().rename("voters").reset_index()
        groups = votes.groupby(common, sort=False)
        runs = groups["voters"].sum()
        pairs = int((runs * (runs - 1) // 2).sum())
        differing = total = largest = 0
        divided = votes[groups["row"].transform("size") > 1]
        for _, group in divided.groupby(common, sort=False):
            rows, voters = group["row"].to_numpy(), group["voters"].to_numpy()
            own, weights = self.differ[np.ix_(rows, rows)], np.outer(voters, voters)
            differing += int(weights[own > 0].sum()) // 2
            total += int((weights * own).sum()) // 2
            largest = max(largest, int(own.max()))
        mean = total / pairs if pairs else 0.0
        return ChurnLevel(
            between=level, pairs=pairs, differing=differing, mean=mean, largest=largest
        )

    def votings(self) -> Iterator[tuple[Any, Integers]]:
        """Yield for each seed with two environments the labels, and how many predict each row."""
        for _, group in self.shown.groupby("seed")["row"]:
            rows, voters = np.unique(group.to_numpy(), return_counts=True)
            if len(group) > 1:
                yield self.known.vectors[rows], voters

    def pairs(self) -> Iterator[ChurnPair]:
        """Yield the environments that disagree most, each with all that predict as it does."""
        wide = self.shown.pivot(index="cell", columns="seed", values="row").fillna(-1).astype(int)
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
        for _, group in self.shown.groupby("seed"):
            rows = np.unique(group["row"].to_numpy())
            same = right[rows][:, None] == right[rows][None, :]
            own = np.where(same, self.differ[np.ix_(rows, rows)], 0)
            if own.max() > largest:
                largest = int(own.max())
                places = np.unravel_index(own.argmax(), own.shape)
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


def _right(known: Predictions) -> Floats | None:
    """Return how many labels of each vector are right; None where nobody knows."""
    if known.truth is None:
        return None
    right = agreement.right(known.vectors, known.truth)
    return np.asarray(right.sum(axis=1), dtype=np.float64)


def _by_class(known: Predictions, shares: Floats) -> tuple[ClassChurn, ...]:
    """Return how often environments disagree on the examples of each class, most often first."""
    if known.truth is None:
        return ()
    counts = np.bincount(known.truth)
    sums = np.bincount(known.truth, weights=shares)
    order = sorted(np.flatnonzero(counts), key=lambda label: (-sums[label] / counts[label], label))
    return tuple(
        ClassChurn(
            label=int(label),
            examples=int(counts[label]),
            share=float(sums[label] / counts[label]),
        )
        for label in order
    )


def _flips(known: Predictions, shares: Floats, shown: pd.DataFrame) -> Iterator[Flip]:
    """Yield the examples on which environments disagree most often."""
    rows = np.unique(shown["row"].to_numpy())
    for place in np.argsort(-shares, kind="stable")[:_FLIPS]:
        if shares[place] > 0:
            yield Flip(
                example=int(place),
                truth=None if known.truth is None else int(known.truth[place]),
                labels=tuple(map(int, np.unique(known.vectors[rows, place]))),
                share=float(shares[place]),
            )
