"""Remote and emulated runs out of a data frame, for ``confirmation`` to judge.

Called by the analysis and by the verb ``confirm``.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from osgrepro.analysis import frames, outcomes
from osgrepro.analysis.definitions import choose
from osgrepro.analysis.findings import Confirmation
from osgrepro.analysis.replication.confirmation import confirmations
from osgrepro.analysis.replication.rows import rows

_CELL = ["software", "hardware"]


def confirmations_of(runs: pd.DataFrame, outcome: pd.Series[Any]) -> tuple[Confirmation, ...]:
    """Return what the emulated runs of an experiment say of the remote ones in the same frame.

    Parameters
    ----------
    runs : DataFrame
        Its runs that ended well.
    outcome : Series
        The letter of each one's outcome class.

    Returns
    -------
    tuple of Confirmation
        Of the cells that have both remote and emulated runs; empty where none has.
    """
    emulated = frames.true(runs, "emulated") | frames.true(runs, "simulated_gpu")
    if not emulated.any() or emulated.all():
        return ()
    runs = frames.together(runs)
    cells = pd.MultiIndex.from_frame(runs[_CELL].astype(str))
    both = cells.isin(cells[emulated].unique()) & cells.isin(cells[~emulated].unique())
    kept = runs.loc[both]
    return confirmations(rows(kept, outcome[both])) if len(kept) else ()


def lettered(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the runs that ``analyze`` takes, each that ended well with the letter it has there.

    Runs that were not seeded are none that another one could confirm or refute.
    """
    runs = frames.apart(choose(frame).runs)
    runs = runs[~frames.unseeded(runs)].reset_index(drop=True)
    letters: pd.Series[Any] = pd.Series(None, index=runs.index, dtype=object)
    for _, group in frames.ok(runs).groupby("experiment", observed=True):
        letters.loc[group.index] = outcomes.letters(outcomes.assign(group).codes, group.index)
    return rows(frames.together(runs), letters)
