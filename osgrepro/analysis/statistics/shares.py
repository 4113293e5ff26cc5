"""Shares of test items, and their differences, tested without taking them for normal."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import optimize, special

from osgrepro.analysis.statistics.intervals import share


@dataclass(frozen=True, kw_only=True, slots=True)
class ExactShare:
    """A share of so many items, by the binomial distribution.

    The mean of repeats may be no whole number of items: the tails are those of beta distributions,
    as in :func:`osgrepro.analysis.statistics.intervals.share`.
    """

    value: float
    items: float
    degrees: float = math.inf

    @property
    def variance(self) -> float:
        """The variance of the share, never 0: half an item more of each kind is counted."""
        return _variance(self.value, self.items)

    def above(self, bound: float) -> float:
        """Return the one-sided p-value of the true share being above a bound."""
        events = self.value * self.items
        if events <= 0:
            return 1.0
        return float(special.betainc(events, self.items - events + 1, min(max(bound, 0.0), 1.0)))

    def below(self, bound: float) -> float:
        """Return the one-sided p-value of the true share being below a bound."""
        events = self.value * self.items
        if events >= self.items:
            return 1.0
        return float(special.betaincc(events + 1, self.items - events, min(max(bound, 0.0), 1.0)))

    def interval(self, tail: float) -> tuple[float, float]:
        """Return the interval that leaves ``tail`` of the probability on each side."""
        return share(self.value, self.items, 1 - 2 * tail)


@dataclass(frozen=True, kw_only=True, slots=True)
class TwoShares:
    """The difference a − b of two shares, each of its own items, by the score test.

    Notes
    -----
    z = (p̂_a − p̂_b − δ)/√ṽ, where ṽ is the variance at the shares that are likeliest among those
    that differ by δ, times N/(N − 1): O. Miettinen, M. Nurminen, Statistics in Medicine 4, 213
    (1985). Wald's ṽ, at the shares that were seen, is 0 where both are 0 or 1, and too small close
    to it. On the same items it errs to the side of caution.
    """

    a: float
    b: float
    items: tuple[float, float]
    degrees: float = math.inf

    @property
    def value(self) -> float:
        """The difference."""
        return self.a - self.b

    @property
    def variance(self) -> float:
        """The variance of the difference, never 0, as that of :class:`ExactShare`."""
        return _variance(self.a, self.items[0]) + _variance(self.b, self.items[1])

    def above(self, bound: float) -> float:
        """Return the one-sided p-value of the true difference being above a bound."""
        return float(special.ndtr(-self._score(bound)))

    def below(self, bound: float) -> float:
        """Return the one-sided p-value of the true difference being below a bound."""
        return float(special.ndtr(self._score(bound)))

    def interval(self, tail: float) -> tuple[float, float]:
        """Return the bounds that a test with this ``tail`` on each side just doesn't exclude."""
        reach = -float(special.ndtri(tail))
        return self._bound(reach, -1.0), self._bound(-reach, 1.0)

    def _bound(self, score: float, end: float) -> float:
        """Return the difference with this score between what was seen and an end of all."""
        if abs(self._score(end)) <= abs(score):
            return end
        root = optimize.brentq(lambda bound: self._score(bound) - score, self.value, end)
        return float(root)

    def _score(self, bound: float) -> float:
        apart = self.value - bound
        if apart == 0 or abs(bound) > 1:
            return 0.0 if apart == 0 else math.copysign(math.inf, apart)
        first, second = _likeliest(self.a, self.b, self.items, bound)
        total = sum(self.items)
        variance = sum(
            value * (1 - value) / count
            for value, count in zip((first, second), self.items, strict=True)
        )
        variance *= total / (total - 1) if total > 1 else 1.0
        return apart / math.sqrt(variance) if variance > 0 else math.copysign(math.inf, apart)


def _variance(value: float, items: float) -> float:
    shrunk = (value * items + 0.5) / (items + 1)
    return shrunk * (1 - shrunk) / items


def _likeliest(a: float, b: float, items: tuple[float, float], apart: float) -> tuple[float, float]:
    """Return the likeliest two shares that differ so much: a root of a cubic, in closed form.

    Notes
    -----
    C. P. Farrington, G. Manning, Statistics in Medicine 9, 1447 (1990), appendix I.
    """
    ratio = items[1] / items[0]
    cubic = 1 + ratio
    square = -(1 + ratio + a + ratio * b + apart * (ratio + 2))
    linear = apart**2 + apart * (2 * a + ratio + 1) + a + ratio * b
    constant = -a * apart * (1 + apart)
    third = square / (3 * cubic)
    turn = third**3 - square * linear / (6 * cubic**2) + constant / (2 * cubic)
    radius = math.copysign(math.sqrt(max(third**2 - linear / (3 * cubic), 0.0)), turn)
    cosine = min(max(turn / radius**3, -1.0), 1.0) if radius else 1.0
    first = 2 * radius * math.cos((math.pi + math.acos(cosine)) / 3) - third
    first = min(max(first, apart, 0.0), 1.0, 1.0 + apart)
    return first, min(max(first - apart, 0.0), 1.0)


def mean_share(shares: Sequence[ExactShare | TwoShares]) -> ExactShare | TwoShares:
    """Return the mean of shares that may be of the same items, as one of the fewest of them.

    Shares that have nothing to do with each other vary by less: it errs to the side of caution.
    """
    single = [own for own in shares if isinstance(own, ExactShare)]
    pairs = [own for own in shares if isinstance(own, TwoShares)]
    if single:
        value = sum(own.value for own in single) / len(single)
        return ExactShare(value=value, items=min(own.items for own in single))
    first, second = (min(own.items[side] for own in pairs) for side in (0, 1))
    a, b = sum(own.a for own in pairs) / len(pairs), sum(own.b for own in pairs) / len(pairs)
    return TwoShares(a=a, b=b, items=(first, second))
