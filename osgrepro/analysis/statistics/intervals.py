"""Intervals of shares, and of sums of variances from the mean squares they are estimated by.

Called by the cells, and by the precision: its laboratories are few, and may be unlike normal ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from osgrepro.analysis.statistics.moments import Floats

# What a kurtosis takes: with fewer values nothing tells whether they are like a normal sample.
FEWEST = 4


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


def share(observed: float, draws: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the two-sided exact interval of a share that was found in so many draws.

    Notes
    -----
    C. J. Clopper and E. S. Pearson, Biometrika 26, 404 (1934), as quantiles of beta distributions,
    which are defined for a share of draws that is no whole number too: E. L. Korn and B. I.
    Graubard, Survey Methodology 24, 193 (1998), for what was sampled in clusters.
    """
    tail, events = (1 - confidence) / 2, observed * draws
    low = 0.0 if events <= 0 else float(stats.beta.ppf(tail, events, draws - events + 1))
    high = 1.0 if events >= draws else float(stats.beta.ppf(1 - tail, events + 1, draws - events))
    return low, high


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
    known = degrees > 0
    squares, degrees = squares[known], degrees[known]
    count, most = len(degrees), float(degrees.sum())
    pooled = float(squares.sum()) / most
    apart = float(((squares - degrees * pooled) ** 2).sum())
    if count < 2 or apart == 0:
        return most
    varies = count / (count - 1) * apart / most**2
    return float(np.clip(2 * pooled**2 / varies, 1.0, most))
