"""Draws which cells of the matrix have what they need: a block for each experiment."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from osgrepro.cli import console
from osgrepro.cli.console import Table
from osgrepro.common.models import Json
from osgrepro.workflow.runs.monitoring.coverage import CellCoverage, Suggestion


def show(matrix: tuple[CellCoverage, ...], suggested: tuple[Suggestion, ...] = ()) -> None:
    """Print the matrix, which cells are empty and why, and what hardware there is instead."""
    for experiment, cells in groupby(matrix, key=lambda cell: cell.experiment):
        console.show(block(experiment, list(cells)))
        console.say("")
    empty = [cell for cell in matrix if cell.empty]
    console.say(f"{len(empty)} of {len(matrix)} cells are empty: no run is done")
    if empty:
        console.say("")
        console.show(reasons(empty))
    if suggested:
        console.say("")
        console.show(substitutes(suggested))
    for suggestion in suggested:
        for best in suggestion.substitutes[:1]:
            console.say("")
            console.document(suggestion.table(best))


def block(experiment: str, cells: list[CellCoverage]) -> Table:
    """Return the matrix of one experiment: a row for each hardware, a column for each software."""
    software = list(dict.fromkeys(cell.software for cell in cells))
    by_place = {(cell.hardware, cell.software): cell for cell in cells}
    shown = console.table(experiment, *software)
    for hardware in dict.fromkeys(cell.hardware for cell in cells):
        places = (by_place.get((hardware, name)) for name in software)
        shown.add_row(hardware, *("" if cell is None else _counts(cell) for cell in places))
    return shown


def reasons(empty: Iterable[CellCoverage]) -> Table:
    """Return why cells are empty: those of one hardware and one reason together."""
    alike: dict[tuple[str, str], list[CellCoverage]] = {}
    for cell in empty:
        alike.setdefault((cell.hardware, "; ".join(cell.why)), []).append(cell)
    shown = console.table("empty", "hardware", "such as", "why", right=("empty",))
    for (hardware, why), cells in alike.items():
        such_as = f"{cells[0].experiment}, {cells[0].software}"
        shown.add_row(str(len(cells)), hardware, such_as, why)
    return shown


def substitutes(suggested: Iterable[Suggestion]) -> Table:
    """Return which classes of the pool are nearest to hardware that gets no slots."""
    shown = console.table("instead of", "there is", "slots", "without", right=("slots",))
    for suggestion in suggested:
        if not suggestion.substitutes:
            shown.add_row(suggestion.hardware.name, "no other hardware in the pool", "", "")
        for substitute in suggestion.substitutes:
            lacks = "; ".join(substitute.lacks)
            shown.add_row(
                suggestion.hardware.name,
                substitute.hardware_class.name,
                str(substitute.slots),
                lacks,
            )
    return shown


def suggested_json(suggested: Iterable[Suggestion]) -> list[Json]:
    """Return what there is instead, for programs."""
    return [
        {
            "hardware": suggestion.hardware.name,
            "substitutes": [
                {
                    "name": substitute.hardware_class.name,
                    "slots": substitute.slots,
                    "lacks": list(substitute.lacks),
                    "table": suggestion.table(substitute),
                }
                for substitute in suggestion.substitutes
            ],
        }
        for suggestion in suggested
    ]


def as_json(cells: Iterable[CellCoverage]) -> list[Json]:
    """Return the matrix for programs."""
    return [
        {
            "experiment": cell.experiment,
            "hardware": cell.hardware,
            "software": cell.software,
            "counts": dict(cell.counts),
            "landed_elsewhere": cell.landed_elsewhere,
            "empty": cell.empty,
            "why": list(cell.why),
        }
        for cell in cells
    ]


def _counts(cell: CellCoverage) -> str:
    return ", ".join(f"{count} {name.replace('-', ' ')}" for name, count in cell.counts.items())
