"""Quantiles of the usual distributions, and their upper tails; called wherever limits are computed.

They are the functions that ``scipy.stats`` calls itself, whose import takes longer than most
analyses do.
"""

from __future__ import annotations

from typing import Any

from scipy import special

Numbers = Any  # a number, or an array of such


def chi_squared(share: Numbers, degrees: Numbers) -> Numbers:
    """Return the quantile of χ² below which ``share`` of it lies."""
    return 2 * special.gammaincinv(degrees / 2, share)


def chi_squared_above(value: Numbers, degrees: Numbers) -> Numbers:
    """Return the share of χ² that lies above ``value``, which is at least 0."""
    return special.chdtrc(degrees, value)


def fisher(share: Numbers, first: Numbers, second: Numbers) -> Numbers:
    """Return the quantile of F below which ``share`` of it lies."""
    return special.fdtri(first, second, share)


def fisher_above(value: Numbers, first: Numbers, second: Numbers) -> Numbers:
    """Return the share of F that lies above ``value``, which is at least 0."""
    return special.fdtrc(first, second, value)


def student(share: Numbers, degrees: Numbers) -> Numbers:
    """Return the quantile of Student's t below which ``share`` of it lies."""
    return special.stdtrit(degrees, share)


def beta(share: Numbers, a: Numbers, b: Numbers) -> Numbers:
    """Return the quantile of a beta distribution below which ``share`` of it lies."""
    return special.betaincinv(a, b, share)
