"""How often sets of attributes would determine the classes if these had nothing to do with them.

Called for the sets that an attribution names. Among few machines with many attributes some set
nearly always fits, whatever the classes: only what seldom fits by chance says something.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from osgrepro.analysis.causes.relabelling import PERMUTATIONS, Relabelling
from osgrepro.analysis.findings import Chance
from osgrepro.analysis.statistics.partitions import Codes, joint

# Words of 64 bits that are looked at for one answer: a second on one core.
_WORK = 30_000_000
# So many relabellings are drawn also where that takes up to ten times as long. Without a single hit
# they bound the chance by 0.5 %, and by 2 % among the most sets there can be.
_ENOUGH = 200
_SETS = 100_000
# Pairs of environments that are held against each relabelling before those that fit are looked at
# as a whole: all pairs of up to 91 environments. Of more environments, so many sets are looked at.
_PAIRS, _SETS_OF_MANY = 4_096, 20_000
# Environments that are looked at for what a word costs; most sets fit in no pair.
_SELDOM = 16
# Words that are held at once.
_CHUNK = 4_000_000

Bits = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class _Sets:
    """Sets of attributes: their members, and which of the pairs of environments agree in each."""

    members: NDArray[np.int64]
    agree: Bits
    first: Codes
    second: Codes
    whole: bool

    @property
    def work(self) -> int:
        """How many words one relabelling costs."""
        n = int(self.second.max(initial=0)) + 1
        # Of many environments those that fit in the pairs are looked at as a whole.
        looks = 0 if self.whole else len(self.members) * n // _SELDOM
        return max(1, self.agree.size, n, looks)

    def determining(self, columns: Sequence[Codes], labels: Codes) -> NDArray[np.bool_]:
        """Return for each row of labels which sets determine it; the shape is (rows, sets).

        No pair of environments that agrees in such a set has two labels.
        """
        apart = _packed(labels[:, self.first] != labels[:, self.second])
        fits = ~np.asarray((self.agree[None] & apart[:, None]).any(axis=2))
        if self.whole:
            return fits
        for place in np.flatnonzero(fits.any(axis=0)).tolist():
            rows = np.flatnonzero(fits[:, place])
            starts = _starts(columns, self.members[place])
            later = np.flatnonzero(starts != np.arange(len(starts)))
            own = labels[rows]
            fits[rows, place] = (own[:, later] == own[:, starts[later]]).all(axis=1)
        return fits


def chance(
    columns: Sequence[Codes], target: Codes, size: int, relabelling: Relabelling
) -> Chance | None:
    """Return how often some set of ``size`` columns determines the target by chance.

    Parameters
    ----------
    columns : sequence of arrays of int, shape (n,)
        How each attribute divides the n environments; no two alike.
    target : array of int, shape (n,)
        The class of each.
    size : int
        How many attributes the sets have. Sets that tell all units of the relabelling apart would
        determine anything: they are not searched.
    relabelling : Relabelling
        How the target is dealt out anew.

    Returns
    -------
    Chance or None
        None where there are more sets than can be looked at.

    Notes
    -----
    The labels are permuted among the units, and each of the sets is held against them, so that the
    search itself is part of what is tested. Where all distinct relabellings are few, each
    is tried; else 2,000 drawn ones, and the share is (b + 1)/(m + 1): B. Phipson and G. K. Smyth,
    Statistical Applications in Genetics and Molecular Biology 9 (2010), article 39. Fewer are
    drawn where many sets or environments make each dear.
    """
    kept = _distinct(relabelling.places, *columns)
    columns, target = [own[kept] for own in columns], target[kept]
    sets = _sets(columns, relabelling.places[kept], size)
    if sets is None:
        return None
    drawn = max(_WORK // sets.work, min(_ENOUGH, 10 * _WORK // sets.work))
    labels, exact = relabelling.rows(min(drawn, PERMUTATIONS))
    labels = labels[:, kept]
    rows = max(1, _CHUNK // sets.work)
    chunks = (labels[start : start + rows] for start in range(0, len(labels), rows))
    count = sum(int(sets.determining(columns, chunk).any(axis=1).sum()) for chunk in chunks)
    own = sets.determining(columns, target[None])[0]
    return Chance(
        size=size,
        share=count / len(labels) if exact else (count + 1) / (len(labels) + 1),
        relabellings=len(labels),
        exact=exact,
        determining=int(own.sum()),
        searched=len(own),
    )


def _distinct(units: Codes, *columns: Codes) -> Codes:
    """Return the places of which no two have one unit and the same values: they end alike."""
    places: Codes = np.sort(np.unique([units, *columns], axis=1, return_index=True)[1])
    return places


def _sets(columns: Sequence[Codes], units: Codes, size: int) -> _Sets | None:
    """Return the sets of some columns in which environments of two units agree; None: too many."""
    n = len(units)
    whole = math.comb(n, 2) <= _PAIRS
    most = _SETS if whole else _SETS_OF_MANY
    if not columns or size > len(columns) or math.comb(len(columns), size) > most:
        return None
    first, second = _pairs(units)
    agreeing = np.array([_packed((own[first] == own[second])[None])[0] for own in columns])
    members = np.array(list(combinations(range(len(columns)), size)))
    agree = agreeing[members[:, 0]]
    for place in range(1, size):
        agree &= agreeing[members[:, place]]
    kept = agree.any(axis=1)
    if not whole:
        for place in np.flatnonzero(~kept).tolist():
            kept[place] = bool((units[_starts(columns, members[place])] != units).any())
    return _Sets(members[kept], agree[kept], first, second, whole)


def _pairs(units: Codes) -> tuple[Codes, Codes]:
    """Return all pairs of environments of two units or, of many, some that are spread over them."""
    n = len(units)
    if math.comb(n, 2) <= _PAIRS:
        first, second = np.triu_indices(n, 1)
    else:
        # Each with its neighbours: one, two and more places further on.
        places = np.arange(_PAIRS)
        first = places % n
        second = (first + 1 + places // n) % n
    apart = units[first] != units[second]
    return first[apart], second[apart]


def _starts(columns: Sequence[Codes], members: NDArray[np.int64]) -> Codes:
    """Return for each environment the first one that agrees with it in all of these columns."""
    code = joint([columns[i] for i in members.tolist()], len(columns[0]))
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    starts: Codes = first[inverse.reshape(-1)]
    return starts


def _packed(bits: NDArray[np.bool_]) -> Bits:
    """Return rows of truth values as rows of words."""
    octets = np.packbits(bits, axis=1)
    padding = -octets.shape[1] % 8
    whole = np.pad(octets, ((0, 0), (0, padding)))
    words: Bits = np.ascontiguousarray(whole).view(np.uint64)
    return words
