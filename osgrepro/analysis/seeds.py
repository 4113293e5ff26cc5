"""Seeds: runs repeat each other only if they ran with the same one.

Called by whoever compares runs. Runs whose seed is not recorded count as runs of one seed.
"""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis.findings import NotAssessable
from osgrepro.analysis.statistics.moments import Integers

# Between the classes of one environment, seed by seed.
JOIN = "·"
# A table of cells × seeds is held in memory, and a campaign varies no more than this allows.
_MOST = 5_000_000
TOO_MANY = NotAssessable(
    why="too many seeds for a table of cells × seeds", missing="seeds that several runs share"
)


def too_many(cells: Sized, seeds: int) -> bool:
    """Whether a table of cells × seeds has more fields than any campaign needs."""
    return len(cells) * seeds > _MOST


def seed_codes(runs: pd.DataFrame) -> tuple[Integers, int]:
    """Return the number of each run's seed, in the seeds' order, and how many seeds there are."""
    if "seed" not in runs.columns:
        return np.zeros(len(runs), dtype=np.int64), 1
    codes, _ = pd.factorize(runs["seed"], sort=True, use_na_sentinel=True)
    # What isn't recorded comes last, as one seed more.
    known = int(codes.max(initial=-1)) + 1
    codes = np.where(codes < 0, known, codes).astype(np.int64)
    return codes, max(1, int(codes.max(initial=0)) + 1)


def crossed(codes: Integers, runs: pd.DataFrame) -> tuple[Integers, int]:
    """Return the number of each run's group and seed together, and how many seeds there are."""
    seeds, count = seed_codes(runs)
    return codes * count + seeds, count


def ignored(runs: pd.DataFrame, classes: Integers) -> tuple[str, ...]:
    """Return the software environments in which all seeds of every cell end in one class.

    Parameters
    ----------
    runs : DataFrame
        The runs of one experiment that ended well.
    classes : array of int
        The number of each one's outcome class; −1 where it has none.
    """
    seeds, count = seed_codes(runs)
    if count == 1:
        return ()
    table = pd.DataFrame(
        {
            "software": runs["software"].astype(str).to_numpy(),
            "hardware": runs["hardware"].astype(str).to_numpy(),
            "seed": seeds,
            "class": classes,
        }
    )[classes >= 0].drop_duplicates()
    cells = table.groupby(["software", "hardware"])[["seed", "class"]].nunique()
    several = cells[cells["seed"] > 1]
    alike = several["class"].eq(1).groupby(level="software").all()
    return tuple(str(software) for software in alike.index[alike])


def profiles(
    runs: pd.DataFrame, outcome: pd.Series[Any], letters: list[str]
) -> tuple[pd.Series[Any], list[str]]:
    """Return what to compare environments by: one class each, whatever number of seeds they ran.

    With one seed that is the outcome class itself. With several it is an environment's class under
    each seed that all environments of its software ran with, joined in the seeds' order.

    Parameters
    ----------
    runs : DataFrame
        An experiment's runs that ended well.
    outcome : Series
        The letter of each one's outcome class, or null.
    letters : list of str
        The classes in their order.

    Returns
    -------
    Series, list of str
        Each run's class among environments, and these classes in their order. Runs of an
        environment whose repeats disagree keep their own letters, of which it has several.
    """
    seeds, count = seed_codes(runs)
    if count == 1:
        return outcome, letters
    order = {one: number for number, one in enumerate(letters)}
    table = pd.DataFrame(
        {
            "software": runs["software"].astype(str).to_numpy(),
            "hardware": runs["hardware"].astype(str).to_numpy(),
            "seed": seeds,
            "rank": outcome.map(order).to_numpy(),
        }
    )
    cell = ["software", "hardware"]
    seen = table.dropna().drop_duplicates()
    moving = seen[seen.duplicated([*cell, "seed"], keep=False)].set_index(cell).index
    hosts = seen.groupby("software")["hardware"].nunique()
    ran = seen.groupby(["software", "seed"])["hardware"].nunique()
    everywhere = ran.index[ran.to_numpy() == hosts.loc[ran.index.get_level_values(0)].to_numpy()]
    steady = seen[~pd.MultiIndex.from_frame(seen[cell]).isin(moving)]
    steady = steady[pd.MultiIndex.from_frame(steady[["software", "seed"]]).isin(everywhere)]
    ranks = steady.sort_values("seed").groupby(cell)["rank"].agg(tuple)
    joined = {one: JOIN.join(letters[int(rank)] for rank in one) for one in sorted(set(ranks))}
    keys = pd.MultiIndex.from_frame(table[cell])
    found = ranks.map(joined).reindex(keys).to_numpy(dtype=object)
    known = np.where(keys.isin(moving), outcome.to_numpy(dtype=object), found)
    made: pd.Series[Any] = pd.Series(known, index=outcome.index, dtype=object)
    return made, list(dict.fromkeys([*letters, *joined.values()]))
