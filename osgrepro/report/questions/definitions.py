"""Which definitions a dataset has beside those that were analysed: said before all else."""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.analysis.findings import Definition
from osgrepro.report import words
from osgrepro.report.values import Section

_COLUMNS = ("experiment", "definition", "runs", "failed", "last run", "what", "analysed as")


def definitions(present: Sequence[Definition], most: int | None = None) -> Section:
    """Return how many runs are of other definitions than the current ones, and which these are."""
    rows = [_row(definition) for definition in present]
    return Section(
        title="Definitions",
        name="definitions",
        level=1,
        lines=sentences(present),
        table=words.table(_COLUMNS, rows, right=_COLUMNS[2:4], most=most),
    )


def _row(definition: Definition) -> tuple[str, ...]:
    return (
        *(definition.experiment, definition.id, str(definition.rows), str(definition.failed)),
        *((definition.last or words.NONE)[:10], definition.text, definition.name or words.NONE),
    )


def listed(present: Sequence[Definition]) -> Section:
    """Return every definition that a dataset has."""
    what = words.count(len(present), "definition")
    rows = [_row(definition)[:-1] for definition in present]
    table = words.table(_COLUMNS[:-1], rows, right=_COLUMNS[2:4])
    return Section(title=f"{what}", name="definitions", level=1, table=table)


def sentences(present: Sequence[Definition]) -> tuple[str, ...]:
    """Return how many runs are left out, of which experiments, and how to ask for them."""
    lines = []
    every = sum(definition.rows for definition in present)
    if left := every - sum(definition.analysed for definition in present):
        of = {
            definition.experiment: 0
            for definition in present
            if definition.rows > definition.analysed
        }
        for definition in present:
            of[definition.experiment] = (
                of.get(definition.experiment, 0) + definition.rows - definition.analysed
            )
        where = words.names([f"{count} of {name}" for name, count in of.items() if count])
        lines.append(
            f"{left:,} of {words.count(every, 'run')} are of other definitions of their experiment "
            f"and left out ({where}): `analyze --definition all` compares them, `--definition ID` "
            "takes one instead."
        )
    if guessed := sorted(
        {definition.experiment for definition in present if definition.current is None}
    ):
        lines.append(
            f"Nothing tells which definition of {words.names(guessed)} is the campaign's now: the "
            "one that ran last is taken."
        )
    if gone := _gone(present):
        lines.append(f"No run of the campaign's current definition of {words.names(gone)} is here.")
    if compared := [
        definition.name
        for definition in present
        if definition.name not in (None, definition.experiment)
    ]:
        names = words.names([str(name) for name in compared])
        lines.append(f"Each definition is an experiment of its own: {names}.")
    return tuple(lines)


def _gone(present: Sequence[Definition]) -> list[str]:
    """Return the experiments of which the dataset has runs, and none of the current definition."""
    known = {definition.experiment for definition in present if definition.current is not None}
    return sorted(known - {definition.experiment for definition in present if definition.current})
