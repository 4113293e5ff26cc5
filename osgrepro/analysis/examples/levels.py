"""How much labels change between repeats, environments and seeds: the churn at each level.

Called for the churn of an experiment.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from osgrepro.analysis.findings import ChurnFactor, ChurnLevel
from osgrepro.analysis.statistics.moments import Integers

# What two runs have in common at each level.
_LEVELS: dict[ChurnFactor, tuple[str, ...]] = {
    "repeats": ("cell", "seed"),
    "hardware": ("seed", "software"),
    "software": ("seed", "hardware"),
    "environments": ("seed",),
    "seeds": ("cell",),
}


def levels(table: pd.DataFrame, standing: pd.DataFrame, differ: Integers) -> Iterator[ChurnLevel]:
    """Yield the churn at each level at which two runs can be compared.

    Parameters
    ----------
    table, standing : DataFrame
        Every run, and what stands for each cell under each seed: ``cell``, ``seed``, ``row``.
    differ : array
        On how many examples the predictions of two rows differ.
    """
    for between, common in _LEVELS.items():
        rows = table if between == "repeats" else standing
        if (level := _level(between, rows, list(common), differ)).pairs:
            yield level


def _level(
    between: ChurnFactor, table: pd.DataFrame, common: list[str], differ: Integers
) -> ChurnLevel:
    """Return the churn of the runs that have ``common`` in common."""
    votes = table.groupby([*common, "row"], sort=False).size().rename("voters").reset_index()
    groups = votes.groupby(common, sort=False)
    runs = groups["voters"].sum()
    pairs = int((runs * (runs - 1) // 2).sum())
    differing = total = largest = 0
    divided = votes[groups["row"].transform("size") > 1]
    for _, group in divided.groupby(common, sort=False):
        rows, voters = group["row"].to_numpy(), group["voters"].to_numpy()
        apart, weights = differ[np.ix_(rows, rows)], np.outer(voters, voters)
        differing += int(weights[apart > 0].sum()) // 2
        total += int((weights * apart).sum()) // 2
        largest = max(largest, int(apart.max()))
    mean = total / pairs if pairs else 0.0
    return ChurnLevel(between=between, pairs=pairs, differing=differing, mean=mean, largest=largest)
