"""Intervals of sums of variances, from the mean squares that they are estimated by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True, slots=True)
class MeanSquare:
    """A mean square with its degrees of freedom, and how often it counts in the sum."""

    value: float
    degrees: float
    factor: float


def sum_of_variances(parts: Sequence[MeanSquare], confidence: float = 0.95) -> tuple[float, float]:
    """Return the two-sided interval of Σ cᵢE(Sᵢ²), all cᵢ ≥ 0, from independent mean squares.

    Notes
    -----
    The modified large-sample interval: F. A. Graybill and C.-M. Wang, Journal of the American
    Statistical Association 75 (1980) 869–873; R. K. Burdick and F. A. Graybill, Confidence
    Intervals on Variance Components (1992), 3.2. With γ = Σ cᵢSᵢ², it reaches from
    γ − √Σ(GᵢcᵢSᵢ²)² to γ + √Σ(HᵢcᵢSᵢ²)², Gᵢ = 1 − nᵢ/χ²(1 − α/2; nᵢ), Hᵢ = nᵢ/χ²(α/2; nᵢ) − 1.
    Of a single mean square it is the exact interval of χ².
    """
    tail = (1 - confidence) / 2
    total = sum(part.factor * part.value for part in parts)
    below = above = 0.0
    for part in parts:
        own = part.factor * part.value
        if own > 0:
            high, low = (float(stats.chi2.ppf(q, part.degrees)) for q in (1 - tail, tail))
            below += ((1 - part.degrees / high) * own) ** 2
            above += ((part.degrees / low - 1) * own) ** 2
    return max(total - below**0.5, 0.0), total + above**0.5
