"""The class of most runs of an environment, so that one odd run does not take it out of the search.

Called before environments are compared. With several seeds each is judged by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from osgrepro.analysis.seeds import crossed
from osgrepro.analysis.statistics.partitions import Codes


@dataclass(frozen=True, slots=True)
class Majority:
    """Each run's class after the odd ones took that of the others, and which runs were odd."""

    codes: Codes
    odd: NDArray[np.bool_]


def majority(runs: pd.DataFrame, classes: Codes) -> Majority:
    """Return the class of more than half of the runs of a cell and seed, in place of the others'.

    Parameters
    ----------
    runs : DataFrame
        Runs of one experiment that ended well.
    classes : array of int, shape (runs,)
        The number of each one's outcome class; −1 where it has none, which stays so.

    Returns
    -------
    Majority
        Where no class has more than half of the runs with one, they keep their own.
    """
    odd = np.zeros(len(runs), dtype=bool)
    grouped = runs.groupby(["software", "hardware"], observed=True, sort=False)
    groups, _ = crossed(grouped.ngroup().to_numpy(dtype=np.int64), runs)
    placed = (classes >= 0) & (groups >= 0)
    if not placed.any():
        return Majority(classes, odd)
    counts = pd.DataFrame({"group": groups, "of": classes})[placed].value_counts(sort=False)
    table: Any = counts.reset_index(name="runs")
    totals = table.groupby("group")["runs"].transform("sum")
    most = table[(2 * table["runs"] > totals) & (table["runs"] < totals)]
    if most.empty:
        return Majority(classes, odd)
    chosen = pd.Series(most["of"].to_numpy(), index=most["group"].to_numpy())
    own = chosen.reindex(groups).to_numpy()
    known = placed & ~np.isnan(own)
    settled = np.where(known, np.nan_to_num(own), classes).astype(np.int64)
    return Majority(settled, known & (settled != classes))
