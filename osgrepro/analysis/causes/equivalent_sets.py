"""Sets of attributes that divide the environments as a cause does, however many they have.

Called for each cause. A cache's size may stand for maker and instructions together; what an
emulation can change comes first, since only that can be confirmed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import combinations

import numpy as np

from osgrepro.analysis.statistics.partitions import Codes, counterexample, joint

# Sets of one size that are looked at.
_SETS = 20_000


def equivalent_sets(
    columns: Sequence[Codes], chosen: frozenset[int], largest: int
) -> list[frozenset[int]]:
    """Return the minimal sets whose joint division is that of ``chosen``, and not ``chosen``.

    Parameters
    ----------
    columns : sequence of arrays of int, shape (n,)
        How each attribute divides the n environments.
    chosen : frozenset of int
        Some of them.
    largest : int
        The size of the largest set that is searched. None of the sets found contains another.
    """
    n = len(columns[0])
    division = joint([columns[i] for i in sorted(chosen)], n)
    # Only what is the same within each part can take part in it.
    coarser = [i for i, own in enumerate(columns) if counterexample(division, own) is None]
    minimal: list[frozenset[int]] = []
    for size in range(1, min(largest, len(coarser)) + 1):
        if math.comb(len(coarser), size) > _SETS:
            break
        for members in map(frozenset, combinations(coarser, size)):
            if any(smaller <= members for smaller in minimal):
                continue
            if np.array_equal(joint([columns[i] for i in sorted(members)], n), division):
                minimal.append(members)
    return [members for members in minimal if members != chosen]
