"""What the spread of a metric has to be compared with: the sampling error and a trivial model.

Called by the precision, for each metric in each software environment.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.findings import NotAssessable, Scale, in_percent, is_share
from osgrepro.analysis.statistics.moments import Moments


def scale(runs: pd.DataFrame, metric: str, cells: Moments) -> Scale:
    """Return what the spread of a metric compares with.

    The sampling error is √(p(1−p)/N), the standard error of a share (binomial), p the mean; N and
    the trivial baseline stand in the frame's columns ``test_set`` and ``baseline`` if it has them.
    All are in the metric's unit: of an accuracy in percent they are percents.
    """
    imported = frames.column(runs, "origin").notna().any()
    unrecorded = _SIZE_OF_ARCHIVE if imported else _SIZE
    items = _single(runs, "test_set", "the size of the test set", unrecorded)
    with np.errstate(all="ignore"):  # ∞ − ∞ is NaN, which is no share
        total = float(np.where(cells.n > 0, cells.n * cells.mean, 0.0).sum())
    percent = in_percent(metric, cells.mean[cells.n > 0].tolist())
    whole = 100.0 if percent else 1.0
    share = total / cells.n.sum() / whole if cells.n.sum() else float("nan")
    size = items if isinstance(items, NotAssessable) else int(items)
    if not is_share(metric) or not 0 <= share <= 1:
        none = NotAssessable(why=f"{metric} is no share of test items", missing="an accuracy")
        return Scale(test_set=size, sampling_error=none, baseline=none)
    baseline = _single(runs, "baseline", "the trivial baseline", _BASELINE)
    return Scale(
        test_set=size,
        sampling_error=items
        if isinstance(items, NotAssessable)
        else float((share * (1 - share) / items) ** 0.5) * whole,
        baseline=baseline if isinstance(baseline, NotAssessable) else baseline * whole,
    )


_SIZE = NotAssessable(
    why="the size of the test set is not recorded",
    missing="how many items the test set has: `context.predictions(values, truth)` in the script "
    "records it",
)
_SIZE_OF_ARCHIVE = NotAssessable(
    why=_SIZE.why,
    missing="how many items the test set has: `osgrepro import FOLDER --test-set "
    "EXPERIMENT=ITEMS` makes a dataset of the archive that has it",
)
_BASELINE = NotAssessable(
    why="the test set's classes are not recorded",
    missing="the share of the most frequent class in the test set",
)


def _single(
    runs: pd.DataFrame, name: str, what: str, unrecorded: NotAssessable
) -> float | NotAssessable:
    """Return the one value of a column, or why there is none."""
    values: Any = frames.column(runs, name).dropna().unique()
    if len(values) > 1:
        return NotAssessable(
            why=f"{what} is not the same in all runs", missing="runs with the same test set"
        )
    return float(values[0]) if len(values) else unrecorded
