"""How often sets of attributes would determine the classes if these had nothing to do with them.

Called for the sets that an attribution names. Among few machines with many attributes some set
nearly always fits, whatever the classes: only what seldom fits by chance says something.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from osgrepro.analysis.findings import Chance
from osgrepro.analysis.statistics.partitions import Codes

PERMUTATIONS = 2_000
_SEED = 20_231_213
# Words of 64 bits, or pairs, that are looked at for one answer: a second on one core.
_WORK = 30_000_000
_SETS = 100_000
# Words that are held at once.
_CHUNK = 4_000_000

Bits = NDArray[np.uint64]


def chance(columns: Sequence[Codes], target: Codes, size: int) -> Chance | None:
    """Return how often some set of ``size`` columns determines the target by chance.

    Parameters
    ----------
    columns : sequence of arrays of int, shape (n,)
        How each attribute divides the n environments; no two alike.
    target : array of int, shape (n,)
        The class of each.
    size : int
        How many attributes the sets have. Sets that tell all environments apart would determine
        anything: they are not searched.

    Returns
    -------
    Chance or None
        None where there are more sets than can be looked at.

    Notes
    -----
    The labels are permuted among the environments, and each of the sets is held against them, so
    that the search itself is part of what is tested. Where all distinct relabellings are few, each
    is tried; else 2,000 drawn ones, and the share is (b + 1)/(m + 1): B. Phipson and G. K. Smyth,
    Statistical Applications in Genetics and Molecular Biology 9 (2010), article 39. Fewer are
    drawn where many environments make each dear.
    """
    sets = _agreeing(columns, size)
    if sets is None:
        return None
    # Of many environments the pairs, of few the sets are what costs.
    work = max(1, sets.size, math.comb(len(target), 2))
    labels, exact = _relabelled(target, budget=_WORK // work)
    rows = max(1, _CHUNK // work)
    chunks = (labels[start : start + rows] for start in range(0, len(labels), rows))
    count = sum(int(_determining(sets, chunk).any(axis=1).sum()) for chunk in chunks)
    own = _determining(sets, target[None])[0]
    return Chance(
        size=size,
        share=count / len(labels) if exact else (count + 1) / (len(labels) + 1),
        relabellings=len(labels),
        exact=exact,
        determining=int(own.sum()),
        searched=len(own),
    )


def _agreeing(columns: Sequence[Codes], size: int) -> Bits | None:
    """Return for each set which pairs of environments agree in all of its columns, as bits.

    The shape is (sets, words); sets in which no pair agrees are left out. None: too many sets.
    """
    if not columns or size > len(columns) or math.comb(len(columns), size) > _SETS:
        return None
    pairs = np.array([_pairs(column) for column in columns])
    chosen = np.array(list(combinations(range(len(columns)), size)))
    agree = pairs[chosen[:, 0]]
    for place in range(1, size):
        agree &= pairs[chosen[:, place]]
    kept: Bits = agree[agree.any(axis=1)]
    return kept


def _pairs(codes: Codes) -> Bits:
    """Return which pairs of things have the same code, as words of 64 bits."""
    first, second = np.triu_indices(len(codes), 1)
    bits: Bits = _packed((codes[first] == codes[second])[None])[0]
    return bits


def _packed(bits: NDArray[np.bool_]) -> Bits:
    """Return rows of truth values as rows of words."""
    octets = np.packbits(bits, axis=1)
    padding = -octets.shape[1] % 8
    whole = np.pad(octets, ((0, 0), (0, padding)))
    words: Bits = np.ascontiguousarray(whole).view(np.uint64)
    return words


def _relabelled(target: Codes, budget: int) -> tuple[Codes, bool]:
    """Return relabellings, one a row, and whether they are all that there are."""
    counts = np.bincount(target)
    distinct = math.factorial(len(target))
    for count in counts.tolist():
        distinct //= math.factorial(count)
    if distinct <= min(PERMUTATIONS, budget):
        return np.array(list(_arrangements(counts.tolist(), len(target)))), True
    random = np.random.default_rng(_SEED)
    drawn = max(1, min(PERMUTATIONS, budget))
    return random.permuted(np.tile(target, (drawn, 1)), axis=1), False


def _arrangements(counts: list[int], n: int) -> Iterator[list[int]]:
    """Yield each distinct row of labels in which label i stands ``counts[i]`` times."""

    def place(label: int, free: tuple[int, ...], row: list[int]) -> Iterator[list[int]]:
        if label == len(counts):
            yield list(row)
            return
        for chosen in combinations(free, counts[label]):
            for index in chosen:
                row[index] = label
            yield from place(label + 1, tuple(i for i in free if i not in chosen), row)

    yield from place(0, tuple(range(n)), [0] * n)


def _determining(sets: Bits, labels: Codes) -> NDArray[np.bool_]:
    """Return for each row of labels which sets determine it; the shape is (rows, sets).

    No pair of things that agrees in such a set has two labels.
    """
    first, second = np.triu_indices(labels.shape[1], 1)
    apart = _packed(labels[:, first] != labels[:, second])
    clashes: NDArray[np.bool_] = np.asarray((sets[None] & apart[:, None]).any(axis=2))
    return ~clashes
