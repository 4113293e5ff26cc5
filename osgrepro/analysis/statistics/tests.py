"""The tests by which a claim compares two metrics, or one with a number, in one environment."""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A metric in one cell: how many runs, their mean and variance, and its test set.

    Where the seed varied, a seed's repeats count as one run. ``single`` says that all values are
    numbers of 32 bits, as Keras computes them: 0.9915 is none, and what stands for it is off by up
    to half its last bit.
    """

    n: int
    mean: float
    variance: float
    items: float | None
    single: bool = False


# Half of the last bit of a number of 32 bits, relative to the number.
_HALF_BIT = 2.0**-24


def exceeds(a: Sample, b: Sample | None, delta: float, sign: float) -> bool:
    """Whether a − b > delta, or below it with ``sign`` −1; NaN and infinite values never do.

    Values of 32 bits that differ from ``delta`` by no more than their rounding are equal to it.
    """
    difference = a.mean - (b.mean if b else 0.0)
    if not math.isfinite(difference):
        return False
    rounding = sum(_HALF_BIT * abs(side.mean) for side in (a, b) if side and side.single)
    return sign * (difference - delta) > rounding


def welch(a: Sample, b: Sample | None, delta: float, sign: float = 1.0) -> float | None:
    """Return the one-sided p-value of Welch's t test of a − b > delta; without b, of one sample.

    None where a side has one run. NaN where all repeats agree: there is no spread to compare with,
    so that the means decide.

    Notes
    -----
    t = (ȳ_a − ȳ_b − δ)/√(s_a²/n_a + s_b²/n_b), with the degrees of freedom of Welch and
    Satterthwaite: B. L. Welch, Biometrika 34, 28 (1947).
    """
    sides = [a] if b is None else [a, b]
    if any(side.n < 2 for side in sides):
        return None
    errors = [side.variance / side.n for side in sides]
    if not sum(errors) > 0:
        return float("nan")
    freedom = sum(errors) ** 2 / sum(
        error**2 / (side.n - 1) for error, side in zip(errors, sides, strict=True)
    )
    difference = a.mean - (b.mean if b else 0.0) - delta
    return float(stats.t.sf(sign * difference / sum(errors) ** 0.5, freedom))


def proportions(a: Sample, b: Sample | None, delta: float, sign: float = 1.0) -> float | None:
    """Return the one-sided p-value of the z test of two shares; without b, of one share.

    None where a share has no known number of items. Repeats that agree are no further items: the
    test set is what is sampled, so the mean of the repeats counts once.

    Notes
    -----
    z = (p_a − p_b − δ)/√(v), with the pooled variance where δ = 0 and the shares' own else; for one
    share v = δ(1−δ)/N. J. L. Fleiss, B. Levin, M. C. Paik, Statistical Methods for Rates and
    Proportions, Wiley 2003.
    """
    sides = [a] if b is None else [a, b]
    if any(side.items is None or not 0 <= side.mean <= 1 for side in sides):
        return None
    sizes = [side.items or 1.0 for side in sides]
    if b is None:
        variance = delta * (1 - delta) / sizes[0]
    elif delta == 0:
        pooled = (a.mean * sizes[0] + b.mean * sizes[1]) / sum(sizes)
        variance = pooled * (1 - pooled) * sum(1 / size for size in sizes)
    else:
        variance = sum(
            side.mean * (1 - side.mean) / size for side, size in zip(sides, sizes, strict=True)
        )
    if not variance > 0:
        return float("nan")
    difference = a.mean - (b.mean if b else 0.0) - delta
    return float(stats.norm.sf(sign * difference / variance**0.5))
