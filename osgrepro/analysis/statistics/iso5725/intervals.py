"""The interval of s_R: a sum of variances, from the mean squares that they are estimated by.

Called by the precision: its laboratories are few, and may be unlike normal ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from osgrepro.analysis.findings import Interval, NotAssessable
from osgrepro.analysis.statistics import quantiles
from osgrepro.analysis.statistics.iso5725.degrees import (
    FEWEST,
    degrees_of_means,
    degrees_of_repeats,
)
from osgrepro.analysis.statistics.iso5725.standard_deviations import weighed
from osgrepro.analysis.statistics.moments import Floats, Moments
from osgrepro.common.texts import counted

_CONFIDENCE = 0.95
_METHOD = "modified large sample, Satterthwaite's degrees of freedom"


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
        counted = part.factor * part.value
        if counted > 0:
            high, low = (float(quantiles.chi_squared(q, part.degrees)) for q in (1 - tail, tail))
            below += ((1 - part.degrees / high) * counted) ** 2
            above += ((part.degrees / low - 1) * counted) ** 2
    return max(total - below**0.5, 0.0), total + above**0.5


def s_R_interval(  # noqa: N802, the standard's symbol
    cells: Moments, estimate: float
) -> Interval | NotAssessable:
    """Return the interval of s_R; ``estimate``, the standard's, is always in it.

    Notes
    -----
    With the variance S² of the laboratories' unweighted means, s_R² = S² + (1 − 1/ñ)s_r², ñ the
    harmonic mean of the numbers of runs: two independent terms, whether or not these numbers are
    equal: R. K. Burdick, F. A. Graybill, Technometrics 26, 131 (1984). With several seeds S² is the
    sum of what laboratories differ by under all seeds and of what they do seed by seed.
    """
    n, mean, squares = weighed(cells)
    compared = n * ((n > 0).sum(0) > 1)
    comparable = (compared > 0).any(1)
    if (count := int(comparable.sum())) < FEWEST:
        few = f"{counted(count, 'hardware environment is', 'hardware environments are')} too few"
        few += " for an interval"
        return NotAssessable(why=few, missing=f"{FEWEST} or more that ran with the same seed")
    terms = _between(compared[comparable] > 0, mean[comparable])
    degrees = (n - (n > 0)).sum(1)
    within = float(squares.sum() / degrees.sum()) if degrees.any() else 0.0
    if within:
        factor = 1 - float((1 / compared[compared > 0]).mean())
        terms.append(MeanSquare(within, degrees_of_repeats(squares.sum(1), degrees), factor))
    if not any(term.value > 0 for term in terms):
        return NotAssessable(
            why="all runs agree, which tells nothing of how far another environment would be off",
            missing="environments whose results differ",
        )
    low, high = (end**0.5 for end in sum_of_variances(terms, _CONFIDENCE))
    return Interval(
        low=min(low, estimate), high=max(high, estimate), confidence=_CONFIDENCE, method=_METHOD
    )


def _between(ran: np.ndarray[Any, np.dtype[np.bool_]], mean: Floats) -> list[MeanSquare]:
    """Return the variance of the means of laboratories, each compared under the same seed."""
    count = ran.sum(0)
    values = np.where(ran, mean, 0.0)
    lowest, highest = np.where(ran, mean, np.inf).min(0), np.where(ran, mean, -np.inf).max(0)
    apart = np.where(ran & (lowest < highest), values - values.sum(0) / np.maximum(count, 1), 0.0)
    total = float((apart**2).sum() / np.maximum(count - 1, 0).sum())
    of_laboratory = apart.sum(1) / ran.sum(1)
    degrees = degrees_of_means(of_laboratory)
    p, seeds = ran.shape
    if seeds == 1 or not ran.all():
        # Laboratories that ran with other seeds than others: at least their own degrees.
        return [MeanSquare(total, degrees, 1.0)]
    always = float((of_laboratory**2).sum() / (p - 1))
    by_seed = MeanSquare(max(0.0, total - always), (p - 1.0) * (seeds - 1), 1.0)
    return [MeanSquare(min(always, total), degrees, 1.0), by_seed]
