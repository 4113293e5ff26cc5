"""The outlier tests of ISO 5725-2: flagged, never deleted, since the outlier may be the finding.

Critical values are computed, not looked up, so that any number of laboratories has one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from scipy import stats

from osgrepro.analysis.findings import Outlier
from osgrepro.analysis.statistics.moments import Moments

Test = Literal["Cochran C", "Grubbs", "Mandel h", "Mandel k"]
_STRAGGLER, _OUTLIER = 0.05, 0.01


def cochran_critical(alpha: float, laboratories: int, repeats: float) -> float:
    """Return the critical value of C = s²_max/Σs², with ``repeats`` runs in each laboratory.

    Notes
    -----
    1/(1 + (p − 1)/F), F the 1 − α/p quantile of F(n − 1, (p − 1)(n − 1)): R. U. E. 't Lam,
    Analytica Chimica Acta 659 (2010); ISO 5725-2:1994, table 4.
    """
    p, nu = laboratories, repeats - 1
    quantile = stats.f.ppf(1 - alpha / p, nu, (p - 1) * nu)
    return float(1 / (1 + (p - 1) / quantile))


def grubbs_critical(alpha: float, laboratories: int) -> float:
    """Return the critical value of G = |ȳ − ȳᵢ|/s for one extreme mean.

    Notes
    -----
    (p − 1)/√p · √(t²/(p − 2 + t²)), t the 1 − α/(2p) quantile of Student's t with p − 2 degrees of
    freedom: F. E. Grubbs, Technometrics 11 (1969); ISO 5725-2:1994, table 5.
    """
    p = laboratories
    t = stats.t.ppf(1 - alpha / (2 * p), p - 2)
    return float((p - 1) / np.sqrt(p) * np.sqrt(t**2 / (p - 2 + t**2)))


def mandel_h_critical(alpha: float, laboratories: int) -> float:
    """Return the critical value of Mandel's |h|.

    Notes
    -----
    (p − 1)t/√(p(t² + p − 2)), t the 1 − α/2 quantile with p − 2 degrees of freedom: P.-T. Wilrich,
    AStA Advances in Statistical Analysis 97 (2013); ISO 5725-2:1994, tables 6 and 7.
    """
    p = laboratories
    t = stats.t.ppf(1 - alpha / 2, p - 2)
    return float((p - 1) * t / np.sqrt(p * (t**2 + p - 2)))


def mandel_k_critical(alpha: float, laboratories: int, repeats: float) -> float:
    """Return the critical value of Mandel's k, with ``repeats`` runs in each laboratory.

    Notes
    -----
    √(p/(1 + (p − 1)F)), F the α quantile of F((p − 1)(n − 1), n − 1): Wilrich 2013, as above.
    """
    p, nu = laboratories, repeats - 1
    quantile = stats.f.ppf(alpha, (p - 1) * nu, nu)
    return float(np.sqrt(p / (1 + (p - 1) * quantile)))


def outliers(hardware: Sequence[str], cells: Moments) -> tuple[Outlier, ...]:
    """Return what the tests flag among laboratories.

    With fewer than 3 laboratories no test is defined. Where all means agree h and G are 0/0, where
    all cells are tied C and k are, and nothing is flagged. Unequal numbers of runs are tested with
    their mean, as the standard allows where they differ little.
    """
    if len(hardware) < 3:
        return ()
    return (*_within(hardware, cells), *_between(hardware, cells))


def _within(hardware: Sequence[str], cells: Moments) -> list[Outlier]:
    repeated = cells.n > 1
    names = [name for name, here in zip(hardware, repeated, strict=True) if here]
    n, squares = cells.n[repeated], cells.squares[repeated]
    if len(names) < 2 or not squares.sum() > 0:
        return []
    variances, repeats, p = squares / (n - 1), float(n.mean()), len(names)
    pooled = float(squares.sum() / (n - 1).sum())
    top = int(variances.argmax())
    shares = np.zeros(p)
    shares[top] = variances[top] / variances.sum()
    return [
        *_flag("Cochran C", names, shares, lambda alpha: cochran_critical(alpha, p, repeats)),
        *_flag(
            "Mandel k",
            names,
            np.sqrt(variances / pooled),
            lambda alpha: mandel_k_critical(alpha, p, repeats),
        ),
    ]


def _between(hardware: Sequence[str], cells: Moments) -> list[Outlier]:
    means, p = cells.mean, len(hardware)
    spread = float(means.std(ddof=1)) if means.min() < means.max() else 0.0
    if not spread > 0:
        return []
    h = (means - means.mean()) / spread
    # Grubbs tests one mean only, the farthest; h looks at each.
    extreme = np.zeros(p)
    extreme[np.abs(h).argmax()] = np.abs(h).max()
    return [
        *_flag("Grubbs", hardware, extreme, lambda alpha: grubbs_critical(alpha, p)),
        *_flag("Mandel h", hardware, h, lambda alpha: mandel_h_critical(alpha, p)),
    ]


def _flag(
    test: Test,
    hardware: Sequence[str],
    statistics: np.ndarray[Any, np.dtype[np.float64]],
    critical: Callable[[float], float],
) -> list[Outlier]:
    lower, upper = critical(_STRAGGLER), critical(_OUTLIER)
    return [
        Outlier(
            test=test,
            hardware=name,
            statistic=float(statistic),
            critical=upper if abs(statistic) > upper else lower,
            level="outlier" if abs(statistic) > upper else "straggler",
        )
        for name, statistic in zip(hardware, statistics, strict=True)
        if abs(statistic) > lower
    ]
