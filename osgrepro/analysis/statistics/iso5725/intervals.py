"""The interval of s_R: a sum of variances, from the mean squares that they are estimated by.

Called by the precision: its laboratories are few, and may be unlike normal ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from osgrepro.analysis.findings import Interval, NotAssessable
from osgrepro.analysis.statistics.iso5725.standard_deviations import weighed
from osgrepro.analysis.statistics.moments import Floats, Moments

# What a kurtosis takes: with fewer values nothing tells whether they are like a normal sample.
FEWEST = 4
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
            high, low = (float(stats.chi2.ppf(q, part.degrees)) for q in (1 - tail, tail))
            below += ((1 - part.degrees / high) * counted) ** 2
            above += ((part.degrees / low - 1) * counted) ** 2
    return max(total - below**0.5, 0.0), total + above**0.5


def degrees_of_means(values: Floats) -> float:
    """Return the degrees of freedom of the variance of p values: p − 1 where they are like normal.

    Notes
    -----
    2/(2/(p−1) + γ/p), Satterthwaite's degrees with γ the excess kurtosis, since a variance varies
    by σ⁴(2/(p−1) + γ/p): L. H. Shoemaker, The American Statistician 57, 105 (2003). γ is G₂ of D.
    N. Joanes, C. A. Gill, The Statistician 47, 183 (1998), and counts as 0 where it is below.
    """
    p = len(values)
    # Scaled, since the fourth power of 1e100 is none that 64 bits hold.
    scaled = values / max(float(np.abs(values).max()), np.finfo(np.float64).tiny)
    apart = scaled - scaled.mean()
    apart = apart / max(float(np.abs(apart).max()), np.finfo(np.float64).tiny)
    square = float((apart**2).mean())
    if p < FEWEST or square == 0:
        return p - 1.0
    excess = float((apart**4).mean()) / square**2 - 3
    kurtosis = (p - 1) / ((p - 2) * (p - 3)) * ((p + 1) * excess + 6)
    return 2 / (2 / (p - 1) + max(kurtosis, 0.0) / p)


def degrees_of_repeats(squares: Floats, degrees: Floats) -> float:
    """Return the degrees of freedom of a pooled variance: at most Σνᵢ, those of equal variances.

    Parameters
    ----------
    squares, degrees : array
        (nᵢ − 1)sᵢ² of each laboratory and its νᵢ = nᵢ − 1.

    Notes
    -----
    2s⁴/v with v what the weighted mean s² of the sᵢ² varies by from laboratory to laboratory, the
    estimator of a ratio: W. G. Cochran, Sampling Techniques (1977), 6.4. A few laboratories that
    scatter among many that do not have as few degrees as they are.
    """
    repeated = degrees > 0
    squares, degrees = squares[repeated], degrees[repeated]
    count, most = len(degrees), float(degrees.sum())
    pooled = float(squares.sum()) / most
    apart = float(((squares - degrees * pooled) ** 2).sum())
    if count < 2 or apart == 0:
        return most
    varies = count / (count - 1) * apart / most**2
    return float(np.clip(2 * pooled**2 / varies, 1.0, most))


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
        few = f"{count} hardware environments are too few for an interval"
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
