"""Two models on the same test items, compared on those that only one of them gets right."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from osgrepro.analysis.statistics.moments import Floats
from osgrepro.analysis.statistics.shares import ExactShare


@dataclass(frozen=True, kw_only=True, slots=True)
class PairedItems:
    """The difference of two shares of the same items, by McNemar's exact test.

    Of ``items``, ``divided`` are right in one model alone, a share ``won`` of them in the first.
    Means over several runs are parts of an item, which count as so many ``draws`` as they vary by.

    Notes
    -----
    Without a difference, either model is as likely to win an item that divides them: Q. McNemar,
    Psychometrika 12, 153 (1947), here with the binomial distribution. The interval is that of C. J.
    Clopper and E. S. Pearson, Biometrika 26, 404 (1934), for the share won. Of parts of items the
    draws are (Σ|d|)²/Σd², as many as there are where all are whole.
    """

    value: float
    items: int
    divided: float
    won: float
    draws: float
    degrees: float = math.inf

    @property
    def variance(self) -> float:
        """The variance of the difference, never 0: half an item more of each kind is counted."""
        shrunk = (self.won * self.draws + 0.5) / (self.draws + 1)
        return 4 * shrunk * (1 - shrunk) * (self.draws + 1) / self.items**2

    def above(self, bound: float) -> float:
        """Return the one-sided p-value of the true difference being above a bound."""
        return self._share.above(self._won(bound)) if self.draws else 1.0

    def below(self, bound: float) -> float:
        """Return the one-sided p-value of the true difference being below a bound."""
        return self._share.below(self._won(bound)) if self.draws else 1.0

    def interval(self, tail: float) -> tuple[float, float]:
        """Return the interval that leaves ``tail`` of the probability on each side."""
        if not self.draws:
            # Of so many items none divides them, as would happen if fewer than this did.
            reach = 1 - tail ** (1 / self.items)
            return -reach, reach
        low, high = self._share.interval(tail)
        return (2 * low - 1) * self.divided / self.items, (2 * high - 1) * self.divided / self.items

    @property
    def _share(self) -> ExactShare:
        return ExactShare(value=self.won, items=self.draws)

    def _won(self, difference: float) -> float:
        """Return which share of the items that divide the models makes such a difference."""
        return (difference * self.items / self.divided + 1) / 2


def paired_items(differences: Floats) -> PairedItems:
    """Return the comparison of two models by items.

    Parameters
    ----------
    differences : array
        For each item how often the first model is right less how often the second is, −1 to 1: the
        means of their runs.
    """
    sizes = np.abs(differences)
    divided, squares = float(sizes.sum()), float((differences**2).sum())
    return PairedItems(
        value=float(differences.mean()),
        items=len(differences),
        divided=divided,
        won=float(differences[differences > 0].sum()) / divided if divided else 0.5,
        draws=divided**2 / squares if divided else 0.0,
    )
