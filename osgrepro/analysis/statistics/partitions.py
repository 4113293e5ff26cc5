"""The smallest sets of partitions that determine a target: the search behind the attribution.

A partition of n things is an integer code for each. A set of partitions determines the target
where things with equal codes in all of them have equal targets.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Codes = NDArray[np.int64]

# Of so few values a dictionary makes codes ten times as fast as sorting does.
_FEW = 256
# Sets of one size whose data are looked at, about a millisecond each among thousands of things.
_LOOKS = 2_000


def canonical(values: Any) -> Codes:
    """Return codes numbered by first appearance: the same for equal partitions."""
    values = np.asarray(values)
    if len(values) <= _FEW and values.dtype.kind in "biuU":
        known: dict[Any, int] = {}
        return np.array(
            [known.setdefault(value, len(known)) for value in values.tolist()], np.int64
        )
    _, first, inverse = np.unique(values, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int64)
    rank[np.argsort(first)] = np.arange(len(first))
    return np.asarray(rank[inverse.reshape(-1)], dtype=np.int64)


def joint(columns: list[Codes], n: int) -> Codes:
    """Return the common refinement of partitions of ``n`` things; one block where there is none."""
    code = np.zeros(n, dtype=np.int64)
    for column in columns:
        # Renumbered at each step, so that no product leaves 64 bits.
        code = canonical(code * (int(column.max(initial=0)) + 1) + column)
    return code


def blocks(columns: list[Codes]) -> int:
    """Return how many blocks the common refinement of some partitions has, at least one."""
    return int(joint(columns, len(columns[0])).max()) + 1


def counterexample(code: Codes, target: Codes) -> tuple[int, int] | None:
    """Return two things in one block of ``code`` with different targets, or None."""
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    start = first[inverse.reshape(-1)]
    differs = target != target[start]
    if not differs.any():
        return None
    second = int(np.argmax(differs))
    return int(start[second]), second


class Search:
    """Finds the smallest determining sets among ``columns``, and remembers why others are none.

    Two things with different targets are told apart by some columns only, and every determining set
    has one of these (a minimal hitting set; Reiter 1987). So a failed set's counterexample says
    by which columns it has to grow, and rules out most other sets without a look at the data.
    """

    def __init__(self, columns: list[Codes], target: Codes) -> None:
        self._columns = columns
        self._target = target
        self._table = np.stack(columns) if columns else np.empty((0, len(target)), np.int64)
        self._witnesses: dict[frozenset[int], None] = {}
        self._looks = 0
        self.searched = 0

    def smallest(self, largest: int) -> list[tuple[int, ...]]:
        """Return all determining sets of the smallest size; none where it is above ``largest``.

        A search that has to look at too many sets stops; ``searched`` is the size up to which all
        sets were searched.
        """
        for size in range(1, largest + 1):
            minimal: set[frozenset[int]] = set()
            self._looks = 0
            self._grow(frozenset(), size, set(), minimal)
            if self._looks > _LOOKS:
                return []
            self.searched = size
            if minimal:
                return sorted(tuple(sorted(columns)) for columns in minimal)
        return []

    def _grow(
        self,
        chosen: frozenset[int],
        size: int,
        seen: set[frozenset[int]],
        minimal: set[frozenset[int]],
    ) -> None:
        if chosen in seen or self._looks > _LOOKS:
            return
        seen.add(chosen)
        witness = self._witness(chosen)
        if witness is None:
            minimal.add(chosen)
        elif len(chosen) < size:
            for column in witness:
                self._grow(chosen | {column}, size, seen, minimal)

    def _witness(self, chosen: frozenset[int]) -> frozenset[int] | None:
        """Return the columns that tell a counterexample apart, or None where there is none."""
        for known in self._witnesses:
            if known.isdisjoint(chosen):
                return known
        self._looks += 1
        code = joint([self._columns[i] for i in sorted(chosen)], len(self._target))
        pair = counterexample(code, self._target)
        if pair is None:
            return None
        apart = np.flatnonzero(self._table[:, pair[0]] != self._table[:, pair[1]])
        witness = frozenset(apart.tolist())
        self._witnesses[witness] = None
        return witness
