"""Classes dealt out anew among types of machine, as if they had nothing to do with them.

Called for the chance of a set, of one table or of several whose machines are relabelled together.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, product

import numpy as np

from osgrepro.analysis.statistics.partitions import Codes

PERMUTATIONS = 2_000
_SEED = 20_231_213
# The logarithm of a number of rows that nobody tries.
_COUNTED = 20.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Relabelling:
    """How labels are dealt out anew among units, each of which stands in one place or in several.

    Parameters
    ----------
    labels : array of int, shape (units,)
        The label of each unit: a class or, where there are several tables, one for each.
    places : array of int, shape (m,)
        The unit that stands in each place of the tables, one table after the other.
    groups : array of int, shape (units,), optional
        Labels only move among the units of one group; by default all are of one.
    read : array of int, shape (labels, m), optional
        What a label is in each place, by default itself; what a table lacks is never read.
    """

    labels: Codes
    places: Codes
    groups: Codes | None = None
    read: Codes | None = None

    def rows(self, most: int) -> tuple[Codes, bool]:
        """Return relabellings of all places, one a row, and whether they are all that there are.

        Where more than ``most`` differ, so many are drawn, always the same ones.
        """
        parts = self._parts()
        exact = math.prod(_distinct(self.labels[part]) for part in parts) <= most
        dealt = np.array(list(self._every(parts))) if exact else self._drawn(parts, most)
        labels = dealt[:, self.places]
        if self.read is not None:
            labels = self.read[labels, np.arange(len(self.places))]
        return labels, exact

    def _parts(self) -> list[Codes]:
        if self.groups is None:
            return [np.arange(len(self.labels))]
        return [np.flatnonzero(self.groups == group) for group in np.unique(self.groups)]

    def _every(self, parts: Sequence[Codes]) -> Iterator[Codes]:
        several = (_arrangements(self.labels[part]) for part in parts)
        for chosen in product(*several):
            row = self.labels.copy()
            for part, own in zip(parts, chosen, strict=True):
                row[part] = own
            yield row

    def _drawn(self, parts: Sequence[Codes], most: int) -> Codes:
        random = np.random.default_rng(_SEED)
        rows = np.tile(self.labels, (max(1, most), 1))
        for part in parts:
            rows[:, part] = random.permuted(rows[:, part], axis=1)
        return rows


def among_types(classes: Codes, types: Codes) -> Relabelling:
    """Return how the classes of one table are dealt out anew among types that agree in them."""
    _, first = np.unique(types, return_index=True)
    return Relabelling(labels=classes[first], places=types)


def _distinct(labels: Codes) -> float:
    """Return how many different rows the same labels can stand in; infinite: too many to count."""
    counts = np.unique(labels, return_counts=True)[1].tolist()
    if math.lgamma(len(labels) + 1) - sum(math.lgamma(count + 1) for count in counts) > _COUNTED:
        return math.inf
    distinct = math.factorial(len(labels))
    for count in counts:
        distinct //= math.factorial(count)
    return distinct


def _arrangements(labels: Codes) -> Codes:
    """Return each distinct row of the same labels."""
    known, counts = np.unique(labels, return_counts=True)
    arranged: Codes = known[_numbered(tuple(counts.tolist()))]
    return arranged


@lru_cache(maxsize=128)
def _numbered(counts: tuple[int, ...]) -> Codes:
    """Return each distinct row in which a number stands as often as its count says."""
    row = np.zeros(sum(counts), dtype=np.int64)

    def place(number: int, free: tuple[int, ...]) -> Iterator[Codes]:
        if number == len(counts):
            yield row.copy()
            return
        for chosen in combinations(free, counts[number]):
            row[list(chosen)] = number
            yield from place(number + 1, tuple(i for i in free if i not in chosen))

    return np.array(list(place(0, tuple(range(len(row))))))
