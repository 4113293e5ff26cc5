"""Many tests at once: p-values of which none is small by chance more often than it says.

Called by the claims, whose tests are of many environments.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def holm(values: Sequence[float]) -> list[float]:
    """Return p-values adjusted so that the chance of any false rejection is at most α.

    Notes
    -----
    The largest of (m − j + 1)p₍ⱼ₎ up to the value's own place, at most 1, whatever the tests have
    to do with each other: S. Holm, Scandinavian Journal of Statistics 6, 65 (1979).
    """
    raw = np.asarray(values, dtype=np.float64)
    order = np.argsort(raw, kind="stable")
    stepped = np.maximum.accumulate(raw[order] * np.arange(len(raw), 0, -1))
    adjusted = np.empty(len(raw))
    adjusted[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in adjusted]
