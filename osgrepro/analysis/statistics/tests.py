"""The tests by which a claim compares two metrics, or one with a number, in one environment."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from scipy import special

from osgrepro.analysis.statistics.shares import ExactShare, TwoShares


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """A metric in one cell: how many runs, their mean and variance, and its test set.

    Where the seed varied, a seed's repeats count as one run, and ``by_seed`` holds its value.
    ``single`` says that all values are numbers of 32 bits, as Keras computes them: 0.9915 is none,
    and what stands for it is off by up to half its last bit. ``degrees`` are those of a variance
    that is not this cell's own; ``low`` and ``high`` the smallest and the largest run. ``exact``
    says that all runs are of one outcome class, so that nothing scatters; ``step`` is the smallest
    difference that the metric can have, such as one item of a test set, and 0 where it has none.
    ``floor`` is the variance that a run has at least where this cell is judged by itself.
    """

    n: int
    mean: float
    variance: float
    items: float | None
    single: bool = False
    by_seed: Mapping[str, float] = field(default_factory=dict)
    degrees: float | None = None
    low: float = math.nan
    high: float = math.nan
    exact: bool = False
    step: float = 0.0
    floor: float = 0.0

    @property
    def guarded(self) -> Sample:
        """The same as a test of this cell alone takes it: with no variance below the floor."""
        return replace(self, variance=self.floor) if self.variance < self.floor else self

    @property
    def scatter(self) -> float:
        """The variance of a run, NaN where it is not known: runs that tie by chance do scatter.

        Notes
        -----
        What falls on two neighbouring steps has a variance of up to a quarter of a step squared: T.
        Popoviciu, Mathematica (Cluj) 9, 129 (1935). That is the least for which a few runs on one
        step are no more evidence against the other step than their number makes them.
        """
        if self.exact:
            return 0.0
        scatter = max(self.variance, self.least)
        return math.nan if scatter == 0 else scatter

    @property
    def least(self) -> float:
        """The variance that a run has at least, although several may tie."""
        return 0.0 if self.exact else self.step**2 / 4

    @property
    def freedom(self) -> float:
        """The degrees of freedom of the variance."""
        return self.n - 1 if self.degrees is None else self.degrees


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """A difference with the variance of its error, by Student's t; infinite degrees are a normal's.

    Where the variance is 0 there is no spread to test with, so that the means decide.
    """

    value: float
    variance: float
    degrees: float = math.inf

    def above(self, bound: float) -> float:
        """Return the one-sided p-value of the true difference being above a bound."""
        return self._tail((bound - self.value) / self.variance**0.5)

    def below(self, bound: float) -> float:
        """Return the one-sided p-value of the true difference being below a bound."""
        return self._tail((self.value - bound) / self.variance**0.5)

    def interval(self, tail: float) -> tuple[float, float]:
        """Return the interval that leaves ``tail`` of the probability on each side."""
        normal = math.isinf(self.degrees)
        reach = special.ndtri(tail) if normal else special.stdtrit(self.degrees, tail)
        apart = -float(reach) * self.variance**0.5
        return self.value - apart, self.value + apart

    def _tail(self, t: float) -> float:
        normal = math.isinf(self.degrees)
        return float(special.ndtr(t) if normal else special.stdtr(self.degrees, t))


# Half of the last bit of a number of 32 bits, relative to the number.
_HALF_BIT = 2.0**-24
# The last bit of a number of 64 bits: what its decimal spelling and one sum round away.
_LAST_BIT = 2.0**-52


def exceeds(a: Sample, b: Sample | None, delta: float, sign: float, margin: float = 0.0) -> bool:
    """Whether a − b > delta + margin, or below it with ``sign`` −1; NaN and infinities never do.

    Values of 32 bits that differ from the bound by no more than their rounding are equal to it, and
    so are sums of 64 bits: 0.9 − 0.8 is 0.1, and 0.2 the end of 0.3 ± 0.1.
    """
    difference = a.mean - (b.mean if b else 0.0)
    if not math.isfinite(difference):
        return False
    rounding = sum(_HALF_BIT * abs(side.mean) for side in (a, b) if side and side.single)
    if (b is not None and delta + margin != 0) or margin:
        parts = (a.mean, b.mean if b else 0.0, delta, margin)
        rounding += sum(_LAST_BIT * abs(part) for part in parts)
    return sign * (difference - delta - margin) > rounding


def welch(a: Sample, b: Sample | None) -> Estimate | None:
    """Return a − b as Welch's t test takes it; without b, as the t test of one sample does.

    None where a side has one run, or runs that tie in a metric of which no step is known.

    Notes
    -----
    t = (ȳ_a − ȳ_b − δ)/√(s_a²/n_a + s_b²/n_b), with the degrees of freedom of Welch and
    Satterthwaite: B. L. Welch, Biometrika 34, 28 (1947).
    """
    sides = [a] if b is None else [a, b]
    if any(side.freedom < 1 for side in sides):
        return None
    errors = [side.scatter / side.n for side in sides]
    difference, variance = a.mean - (b.mean if b else 0.0), sum(errors)
    if math.isnan(variance) and all(math.isfinite(side.mean) for side in sides):
        return None
    if not variance > 0:
        return Estimate(value=difference, variance=0.0)
    freedom = 1 / sum(
        (error / variance) ** 2 / side.freedom for error, side in zip(errors, sides, strict=True)
    )
    return Estimate(value=difference, variance=variance, degrees=freedom)


def proportions(a: Sample, b: Sample | None) -> ExactShare | TwoShares | None:
    """Return a − b as two shares of items; without b, the exact share of its items.

    None where a share has no known number of items. Repeats that agree are no further items: the
    test set is what is sampled, so the mean of the repeats counts once.
    """
    sides = [a] if b is None else [a, b]
    if any(not side.items or not 0 <= side.mean <= 1 for side in sides):
        return None
    items = [float(side.items or 0) for side in sides]
    if b is None:
        return ExactShare(value=a.mean, items=items[0])
    return TwoShares(a=a.mean, b=b.mean, items=(items[0], items[1]))
