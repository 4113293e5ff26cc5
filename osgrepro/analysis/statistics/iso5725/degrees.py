"""Satterthwaite's degrees of freedom of variances, whose values may be unlike normal ones.

Called by the interval of s_R.
"""

from __future__ import annotations

import numpy as np

from osgrepro.analysis.statistics.moments import Floats

# What a kurtosis takes: with fewer values nothing tells whether they are like a normal sample.
FEWEST = 4


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
