"""Classes dealt out anew among environments, as if they had nothing to do with them.

Called for the chance of a set, of one table or of several whose environments are relabelled
together.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

import numpy as np

from osgrepro.analysis.statistics.partitions import Codes

PERMUTATIONS = 2_000
_SEED = 20_231_213
# The logarithm of a number of rows that nobody tries.
_COUNTED = 20.0


@dataclass(frozen=True, slots=True)
class Relabelling:
    """How labels are dealt out anew among things.

    Parameters
    ----------
    labels : array of int, shape (n,)
        The label of each of n things.
    groups : array of int, shape (n,), optional
        Labels only move among the things of one group; by default all are of one.
    """

    labels: Codes
    groups: Codes | None = None

    def rows(self, most: int) -> tuple[Codes, bool]:
        """Return relabellings, one a row, and whether they are all that there are.

        Where more than ``most`` differ, so many are drawn, always the same ones.
        """
        parts = self._parts()
        if math.prod(_distinct(self.labels[part]) for part in parts) <= most:
            return np.array(list(self._every(parts))), True
        random = np.random.default_rng(_SEED)
        rows = np.tile(self.labels, (max(1, most), 1))
        for part in parts:
            rows[:, part] = random.permuted(rows[:, part], axis=1)
        return rows, False

    def _parts(self) -> list[Codes]:
        if self.groups is None:
            return [np.arange(len(self.labels))]
        return [np.flatnonzero(self.groups == group) for group in np.unique(self.groups)]

    def _every(self, parts: Sequence[Codes]) -> Iterator[Codes]:
        several = (list(_arrangements(self.labels[part])) for part in parts)
        for chosen in product(*several):
            row = self.labels.copy()
            for part, own in zip(parts, chosen, strict=True):
                row[part] = own
            yield row


@dataclass(frozen=True, kw_only=True, slots=True)
class Together:
    """How several tables are relabelled at once: each thing takes along its labels in all of them.

    Parameters
    ----------
    things : Relabelling
        What each thing has in all tables, as one label; the groups are of things that the same
        tables have.
    places : array of int, shape (m,)
        The thing that stands in each place of the tables, one table after the other.
    read : array of int, shape (labels, m)
        What a label is in each place; what a table lacks is never read.
    """

    things: Relabelling
    places: Codes
    read: Codes

    def rows(self, most: int) -> tuple[Codes, bool]:
        """Return relabellings of all places, one a row, and whether they are all there are."""
        labels, exact = self.things.rows(most)
        return self.read[labels[:, self.places], np.arange(len(self.places))], exact


def _distinct(labels: Codes) -> float:
    """Return how many different rows the same labels can stand in; infinite: too many to count."""
    counts = np.unique(labels, return_counts=True)[1].tolist()
    if math.lgamma(len(labels) + 1) - sum(math.lgamma(one + 1) for one in counts) > _COUNTED:
        return math.inf
    distinct = math.factorial(len(labels))
    for count in counts:
        distinct //= math.factorial(count)
    return distinct


def _arrangements(labels: Codes) -> Iterator[Codes]:
    """Yield each distinct row of the same labels."""
    known, counts = np.unique(labels, return_counts=True)

    def place(number: int, free: Iterable[int], row: Codes) -> Iterator[Codes]:
        if number == len(known):
            yield row.copy()
            return
        free = tuple(free)
        for chosen in combinations(free, int(counts[number])):
            row[list(chosen)] = known[number]
            yield from place(number + 1, (i for i in free if i not in chosen), row)

    yield from place(0, range(len(labels)), labels.copy())
