"""What a collection shows at once of a dataset: every cell's metric and outcome classes.

The letters are those of the whole analysis, by the same code, at a fraction of its time.
"""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from osgrepro.analysis import frames
from osgrepro.analysis.audit import seeding, units
from osgrepro.analysis.cells import cells
from osgrepro.analysis.definitions import choose
from osgrepro.analysis.findings import Cell, Definition, Note, Outcomes, counted_only
from osgrepro.analysis.outcomes import assign


@dataclass(frozen=True, kw_only=True, slots=True)
class CellPreview:
    """A cell, its experiment and metric, and what of it was not real.

    ``only_counts``: accuracies and their like alone tell its runs apart, see ``is_counted``.
    """

    experiment: str
    metric: str | None
    cell: Cell
    labels: tuple[str, ...]
    only_counts: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Preview:
    """The cells that have a run that ended well, and what must be said of all."""

    cells: tuple[CellPreview, ...]
    definitions: tuple[Definition, ...]
    notes: tuple[Note, ...]


def preview(frame: pd.DataFrame) -> Preview:
    """Return what the runs of the campaign's current definitions show, cell by cell.

    Parameters
    ----------
    frame : DataFrame
        As for :func:`osgrepro.analysis.analyze`.
    """
    chosen = choose(frame)
    runs = frames.apart(chosen.runs)
    shown: list[CellPreview] = []
    ended_well = frames.ok(runs)
    notes = [*seeding.unseeded(ended_well), *units.no_numbers(ended_well)]
    for name, rows in runs.groupby("experiment", sort=True, observed=True):
        experiment_runs = rows.reset_index(drop=True)
        well = frames.ok(experiment_runs)
        assigned, metrics = assign(well), frames.metrics(well)
        metric = frames.primary(experiment_runs, metrics)
        outcomes, labels = assigned.outcomes, _labels(well)
        coarse = isinstance(outcomes, Outcomes) and counted_only(outcomes, metrics)
        for cell in cells(experiment_runs, assigned.codes, metric):
            if cell.ok:
                shown.append(
                    CellPreview(
                        experiment=str(name),
                        metric=metric,
                        cell=cell,
                        labels=labels.get((cell.software, cell.hardware), ()),
                        only_counts=coarse,
                    )
                )
        if isinstance(outcomes, Outcomes):
            notes += seeding.ignored(str(name), outcomes, metrics)
    return Preview(cells=tuple(shown), definitions=chosen.definitions, notes=tuple(notes))


def _labels(runs: pd.DataFrame) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return what was not real in each cell: emulated slots, sample data."""
    names = ["software", "hardware"]
    emulated = runs[names].astype(str)
    emulated["label"] = frames.column(runs, "emulation").astype(object)
    samples = emulated[frames.true(runs, "sample_data")].assign(label="sample data")
    rows = pd.concat([emulated.dropna(), samples]).drop_duplicates()
    labels: dict[tuple[str, str], list[str]] = {}
    for software, hardware, joined in rows.itertuples(index=False, name=None):
        parts = [label for label in joined.split(" + ") if label]
        labels.setdefault((software, hardware), []).extend(parts)
    return {cell: tuple(dict.fromkeys(parts)) for cell, parts in labels.items()}
