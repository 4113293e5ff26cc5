"""The single examples on which environments disagree, and their classes.

Called for the churn, with the share of environments that disagree on each example.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from osgrepro.analysis.examples.predictions import Predictions
from osgrepro.analysis.findings import ClassChurn, Flip
from osgrepro.analysis.statistics.moments import Floats

_FLIPS = 20


def by_class(known: Predictions, shares: Floats) -> tuple[ClassChurn, ...]:
    """Return how often environments disagree on the examples of each class, most often first."""
    if known.truth is None:
        return ()
    counts = np.bincount(known.truth)
    sums = np.bincount(known.truth, weights=shares)
    order = sorted(np.flatnonzero(counts), key=lambda label: (-sums[label] / counts[label], label))
    return tuple(
        ClassChurn(
            label=int(label),
            examples=int(counts[label]),
            share=float(sums[label] / counts[label]),
        )
        for label in order
    )


def flips(known: Predictions, shares: Floats, standing: pd.DataFrame) -> Iterator[Flip]:
    """Yield the examples on which environments disagree most often."""
    rows = np.unique(standing["row"].to_numpy())
    for place in np.argsort(-shares, kind="stable")[:_FLIPS]:
        if shares[place] > 0:
            yield Flip(
                example=int(place),
                truth=None if known.truth is None else int(known.truth[place]),
                labels=tuple(map(int, np.unique(known.vectors[rows, place]))),
                share=float(shares[place]),
            )
