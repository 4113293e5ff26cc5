"""As which experiment the runs of each definition are analysed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import pandas as pd

from osgrepro.analysis.definitions.grouping import Codes
from osgrepro.analysis.definitions.groups import Group


def names_of(
    groups: Sequence[Group], of_now: set[int], wanted: set[tuple[str, str]]
) -> list[str | None]:
    """Return as which experiment each group is analysed; None where it isn't."""
    now = {(groups[number].experiment, groups[number].id) for number in of_now}
    wanted_of = Counter(experiment for experiment, _ in wanted)
    names: list[str | None] = []
    for number, group in enumerate(groups):
        definition = (group.experiment, group.id)
        if group.experiment not in wanted_of:
            names.append(group.experiment if number in of_now else None)
        elif definition not in wanted:
            names.append(None)
        elif wanted_of[group.experiment] == 1 or definition in now:
            names.append(group.experiment)
        else:
            names.append(f"{group.experiment}@{group.id}")
    return names


def named_runs(
    frame: pd.DataFrame, codes: Codes, groups: Sequence[Group], names: Sequence[str | None]
) -> pd.DataFrame:
    """Return the runs that are analysed, under the names that they are analysed by."""
    kept = np.array([name is not None for name in names])[codes]
    runs: pd.DataFrame = frame[kept].reset_index(drop=True)
    if all(name in (None, group.experiment) for group, name in zip(groups, names, strict=True)):
        return runs
    levels = sorted({name for name in names if name is not None})
    places = np.array([levels.index(name) if name is not None else -1 for name in names])
    of_run = np.array(levels, dtype=object)[places[codes[kept]]]
    named: pd.DataFrame = runs.assign(experiment=pd.Categorical(of_run, categories=levels))
    return named
