"""How far labels of the same examples agree: churn, Cohen's κ, and what environments divide on.

Pure functions of arrays: a row of labels for each different prediction of all examples.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from osgrepro.analysis.statistics.moments import Floats, Integers

Labels = np.ndarray[Any, np.dtype[Any]]
_VOTES = 2_000_000


def churn(labels: Labels) -> Integers:
    """Return on how many examples each two rows differ, as a symmetric matrix.

    Parameters
    ----------
    labels : array of shape (rows, examples)
        Whole numbers.

    Notes
    -----
    M. Milani Fard, Q. Cormier, K. Canini, M. Gupta, Launch and Iterate: Reducing Prediction Churn,
    NIPS 29 (2016), here as a number of examples instead of a share.
    """
    differ = np.zeros((len(labels), len(labels)), dtype=np.int64)
    # Most examples have one label in all rows, and tell nothing.
    divided = np.zeros(labels.shape[1], dtype=bool)
    for row in labels[1:]:
        divided |= row != labels[0]
    telling = np.ascontiguousarray(labels[:, divided])
    for number, row in enumerate(telling):
        below = np.count_nonzero(telling[number + 1 :] != row, axis=1)
        differ[number, number + 1 :] = differ[number + 1 :, number] = below
    return differ


def kappas(labels: Labels, differ: Integers, classes: int) -> Floats:
    """Return Cohen's κ of each two rows; NaN where both have one and the same label throughout.

    Parameters
    ----------
    labels, differ : array, array
        As for :func:`churn`, and what it returned.
    classes : int
        More than the largest label.

    Notes
    -----
    κ = (p_o − p_e)/(1 − p_e): J. Cohen, Educational and Psychological Measurement 20, 37 (1960).
    The expected agreement p_e takes the frequencies of labels alone, not the table of pairs.
    """
    items = labels.shape[1]
    counts = np.stack([np.bincount(row, minlength=classes) for row in labels]) / items
    expected = counts @ counts.T
    with np.errstate(invalid="ignore", divide="ignore"):
        values = (1 - differ / items - expected) / (1 - expected)
    return np.where(np.isclose(expected, 1), np.nan, values)


def disagreement(labels: Labels, voters: Integers, classes: int) -> Floats:
    """Return for each example the share of pairs of voters that disagree on its label.

    Parameters
    ----------
    labels : array of shape (rows, examples)
        Whole numbers below ``classes``.
    voters : array of int
        How many predict each row; two at least in all.
    """
    items, total = labels.shape[1], int(voters.sum())
    shares = np.empty(items)
    block = max(1, _VOTES // classes)
    for start in range(0, items, block):
        part = labels[:, start : start + block]
        votes = np.zeros((part.shape[1], classes))
        places = np.arange(part.shape[1])
        for row, weight in zip(part, voters, strict=True):
            votes[places, row] += weight
        agreeing = (votes * (votes - 1)).sum(axis=1)
        shares[start : start + block] = 1 - agreeing / (total * (total - 1))
    return shares


def right(labels: Labels, truth: Labels) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Return which labels of each row are the true ones: what a test of paired shares compares."""
    return np.asarray(labels == truth, dtype=bool)
