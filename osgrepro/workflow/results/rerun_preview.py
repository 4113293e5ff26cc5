"""What running a crate again would execute, for those who have to agree to it first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from osgrepro.common.errors import DatasetError
from osgrepro.common.models import Matrix
from osgrepro.results import crate, dataset
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.software import images


@dataclass(frozen=True, kw_only=True, slots=True)
class Used:
    """One thing that a rerun uses: ``kind`` is script, image or data; ``sha256`` if it is known."""

    kind: str
    name: str
    sha256: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Outline:
    """What a rerun would do.

    ``compute_s`` is what all runs together would take by the crate's own results (stated by
    whoever made the crate); ``untimed`` counts the runs of which it says nothing.
    """

    used: tuple[Used, ...]
    runs: int
    compute_s: float
    untimed: int


def outline(folder: Path, loaded: Loaded) -> Outline:
    """Return what running ``loaded``, the campaign of the crate ``folder``, would execute."""
    times = _times(folder / crate.DATASET)
    known = [times.get(run.cell) for run in loaded.matrix.runs]
    return Outline(
        used=tuple(dict.fromkeys([*_code(loaded.matrix), *_images(loaded), *_data(loaded.matrix)])),
        runs=len(known),
        compute_s=sum(time for time in known if time is not None),
        untimed=known.count(None),
    )


def _code(matrix: Matrix) -> Iterator[Used]:
    used = {run.experiment for run in matrix.runs}
    for name, code in matrix.code.items():
        if name in used:
            own = "" if code.path else " (osgrepro's own)"
            yield Used(kind="script", name=f"{code.entry}{own}", sha256=code.sha256)


def _images(loaded: Loaded) -> Iterator[Used]:
    used = {run.software for run in loaded.matrix.runs}
    for name, state in images.states(loaded.campaign, loaded.path.parent).items():
        if name not in used:
            continue
        sha256 = state.image.sha256 if state.image else None
        if state.plan is None:
            yield Used(kind="image", name=state.location, sha256=sha256)
            continue
        container = state.plan.container
        words = f"{container.name}, to be built from {container.base.words}"
        if state.image is not None:
            words = f"{container.name}, built here from {container.base.words}"
        yield Used(kind="image", name=words, sha256=sha256)


def _data(matrix: Matrix) -> Iterator[Used]:
    used = {run.experiment for run in matrix.runs}
    for name, several in matrix.data.items():
        for file in several if name in used else ():
            yield Used(kind="data", name=file.spec.partition("#")[0], sha256=file.sha256)


def _times(path: Path) -> dict[tuple[str, str, str], float]:
    """Return the longest time of each cell, in seconds: experiment, hardware, software."""
    names = ["experiment", "hardware", "software", "wall_s"]
    try:
        table = dataset.read(path, names)
    except DatasetError:
        return {}
    longest: dict[tuple[str, str, str], float] = {}
    if table.column_names and set(names) <= set(table.column_names):
        for *cell, wall_s in zip(*(table[name].to_pylist() for name in names), strict=True):
            if wall_s is not None and math.isfinite(wall_s) and wall_s >= 0:
                key = (cell[0], cell[1], cell[2])
                longest[key] = max(wall_s, longest.get(key, 0.0))
    return longest
