"""Seeds: runs repeat each other only if they ran with the same one.

Called by whoever compares runs. Runs whose seed is not recorded count as runs of one seed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sized
from typing import Any

import numpy as np
import pandas as pd
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from osgrepro.analysis.findings import NotAssessable, SharedSeeds
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


def shared(runs: pd.DataFrame, classes: Integers) -> SharedSeeds:
    """Return which environments of one experiment ran with the same seeds.

    Parameters
    ----------
    runs : DataFrame
        The runs of one experiment that ended well.
    classes : array of int
        The number of each one's outcome class; −1 where it has none: such a run compares nothing.
    """
    ran = _ran(runs, classes)[["environment", "seed"]].drop_duplicates()
    environments = pd.factorize(ran["environment"])[0]
    seeds = pd.factorize(ran["seed"])[0]
    total, users = int(environments.max(initial=-1)) + 1, np.bincount(seeds)
    # Environments and seeds are the nodes, and each environment is linked with the seeds it ran.
    links = (np.ones(len(ran)), (environments, total + seeds))
    nodes = total + len(users)
    _, parts = connected_components(coo_array(links, shape=(nodes, nodes)), directed=False)
    sizes = np.bincount(parts[:total])
    return SharedSeeds(
        environments=total,
        compared=int(sizes[sizes > 1].sum()),
        groups=int((sizes > 1).sum()),
        everywhere=int((users == total).sum()),
    )


def kinds(
    runs: pd.DataFrame, classes: Integers
) -> Mapping[tuple[str, str], frozenset[tuple[int, int]]]:
    """Return what tells the hardware environments of one software environment apart.

    That is each one's classes by seed, under the seeds that all of them ran with; no entry where
    there is none. Parameters are those of :func:`shared`.
    """
    ran = _ran(runs, classes)
    hardware = ran.groupby("software")["hardware"].nunique()
    users = ran.groupby(["software", "seed"])["hardware"].transform("nunique")
    common = ran[users == ran["software"].map(hardware)].drop_duplicates()
    return {
        (str(software), str(name)): frozenset(zip(own["seed"], own["class"], strict=True))
        for (software, name), own in common.groupby(["software", "hardware"])
    }


def _ran(runs: pd.DataFrame, classes: Integers) -> pd.DataFrame:
    """Return each environment, seed and class that occurred, once."""
    software, hardware = (pd.factorize(runs[name], sort=True) for name in ("software", "hardware"))
    ran = pd.DataFrame(
        {
            "environment": software[0] * max(1, len(hardware[1])) + hardware[0],
            "seed": seed_codes(runs)[0],
            "class": classes,
        }
    )[classes >= 0].drop_duplicates()
    codes = ran["environment"].to_numpy()
    names = [np.array(known, dtype=object) for _, known in (software, hardware)]
    width = max(1, len(names[1]))
    named: pd.DataFrame = ran.assign(
        software=names[0][codes // width], hardware=names[1][codes % width]
    )
    return named


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
    order = {letter: number for number, letter in enumerate(letters)}
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
    joined = {own: JOIN.join(letters[int(rank)] for rank in own) for own in sorted(set(ranks))}
    keys = pd.MultiIndex.from_frame(table[cell])
    profile = ranks.map(joined).reindex(keys).to_numpy(dtype=object)
    known = np.where(keys.isin(moving), outcome.to_numpy(dtype=object), profile)
    made: pd.Series[Any] = pd.Series(known, index=outcome.index, dtype=object)
    return made, list(dict.fromkeys([*letters, *joined.values()]))
