"""The interval of a share that was counted in so many draws; called wherever shares are told."""

from __future__ import annotations

from osgrepro.analysis.statistics import quantiles


def share(observed: float, draws: float, confidence: float = 0.95) -> tuple[float, float]:
    """Return the two-sided exact interval of a share that was found in so many draws.

    Notes
    -----
    C. J. Clopper and E. S. Pearson, Biometrika 26, 404 (1934), as quantiles of beta distributions,
    which are defined for a share of draws that is no whole number too: E. L. Korn and B. I.
    Graubard, Survey Methodology 24, 193 (1998), for what was sampled in clusters.
    """
    tail, events = (1 - confidence) / 2, observed * draws
    low = 0.0 if events <= 0 else float(quantiles.beta(tail, events, draws - events + 1))
    high = 1.0 if events >= draws else float(quantiles.beta(1 - tail, events + 1, draws - events))
    return low, high
