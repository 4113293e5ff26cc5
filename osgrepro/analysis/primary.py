"""Which metric an experiment is judged by."""

from __future__ import annotations

import pandas as pd

from osgrepro.analysis import frames


def primary(runs: pd.DataFrame, metrics: tuple[str, ...]) -> str | None:
    """Return the metric that most runs name as their primary one; the only one if none does."""
    named = frames.column(runs, "primary_metric")
    counts = named[named.isin(metrics)].value_counts()
    if len(counts):
        return min(str(name) for name in counts.index[counts == counts.iloc[0]])
    return metrics[0] if len(metrics) == 1 else None
