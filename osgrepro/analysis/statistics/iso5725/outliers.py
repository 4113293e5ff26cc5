"""The outlier tests of ISO 5725-2: flagged, never deleted, since the outlier may be the finding.

Critical values are computed, not looked up, so that any number of laboratories has one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np

from osgrepro.analysis.findings import Outlier
from osgrepro.analysis.statistics.iso5725.critical_values import (
    cochran_critical,
    grubbs_critical,
    mandel_h_critical,
    mandel_k_critical,
)
from osgrepro.analysis.statistics.moments import Moments

Test = Literal["Cochran C", "Grubbs", "Mandel h", "Mandel k"]
_STRAGGLER, _OUTLIER = 0.05, 0.01


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
