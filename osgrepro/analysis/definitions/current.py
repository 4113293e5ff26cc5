"""Which definitions are the campaign's current ones: those it remembers, or what ran last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from osgrepro.analysis.definitions.grouping import groups_of
from osgrepro.analysis.definitions.groups import Group, by
from osgrepro.common.models import Definitions

# Where the frame of a dataset has what its campaign would run now, as JSON.
REMEMBERED = "osgrepro.definitions"
Mask = np.ndarray[Any, np.dtype[np.bool_]]


def current_rows(frame: pd.DataFrame) -> Mask:
    """Return where the rows of a dataset's frame are of the campaign's current definitions."""
    if not len(frame):
        return np.zeros(0, dtype=bool)
    current = remembered(frame)
    codes, groups = groups_of(frame, current)
    of_now = current_groups(groups, current)
    return np.array([number in of_now for number in range(len(groups))])[codes]


def remembered(frame: pd.DataFrame) -> Definitions | None:
    """Return what the frame of a dataset remembers of its campaign."""
    text = frame.attrs.get(REMEMBERED)
    return None if text is None else Definitions.model_validate_json(text)


def current_groups(groups: Sequence[Group], current: Definitions | None) -> set[int]:
    """Return which groups are of what the campaign would run now."""
    if current is not None:
        return {
            number
            for number, group in enumerate(groups)
            if group.on_current_hardware
            and current.ids.get(group.experiment, {}).get(group.software) == group.id
        }
    latest: set[int] = set()
    for numbers in by(groups, lambda group: (group.experiment,)).values():
        core = groups[max(numbers, key=lambda number: groups[number].rank)].core
        by_software: dict[str, list[int]] = {}
        for number in numbers:
            if groups[number].core == core:
                by_software.setdefault(groups[number].software, []).append(number)
        for same in by_software.values():
            newest = groups[max(same, key=lambda number: groups[number].rank)].id
            latest |= {number for number in same if groups[number].id == newest}
    return latest
