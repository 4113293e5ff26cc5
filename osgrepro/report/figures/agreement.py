"""How many environments end as a cell does: a colour that means the same in every experiment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from osgrepro.analysis.findings import Cell
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.environments import Environments
from osgrepro.report.figures.canvas.looks import RED, RULE
from osgrepro.report.figures.canvas.marks import Sample, filled, outlined

Agreement = Literal["most", "some", "alone", "apart"]
_MOST, _SOME = "#8fbbe3", "#d9e8f6"


def agreements(cells: Sequence[Cell]) -> dict[Environments, Agreement]:
    """Return how many environments of an experiment end as each of its cells with a result does.

    ``most`` is the commonest class of the cells with the same software, ``some`` another one that
    several cells of the experiment have, ``alone`` one that none has but this, and ``apart`` is a
    cell whose own runs differ. Where two classes are equally common, neither is the commonest.
    """
    shown = [cell for cell in cells if cell.ok]
    whole = [cell for cell in shown if len(cell.classes) == 1]
    anywhere = Counter(_letter(cell) for cell in whole)
    beside = Counter((cell.software, _letter(cell)) for cell in whole)
    commonest = {
        software: _commonest({letter: n for (own, letter), n in beside.items() if own == software})
        for software in {cell.software for cell in whole}
    }

    def agreement(cell: Cell) -> Agreement:
        if len(cell.classes) != 1:
            return "apart"
        if _letter(cell) == commonest[cell.software]:
            return "most"
        return "some" if anywhere[_letter(cell)] > 1 else "alone"

    return {(cell.hardware, cell.software): agreement(cell) for cell in shown}


def _commonest(cells: Mapping[str, int]) -> str | None:
    """Return the class that more cells have than any other, if several have it."""
    largest = max(cells.values())
    several = [letter for letter, number in cells.items() if number == largest]
    return several[0] if len(several) == 1 and largest > 1 else None


def _letter(cell: Cell) -> str:
    return next(iter(cell.classes))


def most(axes: Axes, box: Box) -> None:
    """Draw a cell of the commonest class in its column."""
    filled(axes, box, _MOST)


def some(axes: Axes, box: Box) -> None:
    """Draw a cell of another class that several cells have."""
    filled(axes, box, _SOME)


def alone(axes: Axes, box: Box) -> None:
    """Draw a cell whose class no other cell has."""
    outlined(axes, box, RULE, 0.6)


def apart(axes: Axes, box: Box) -> None:
    """Draw a cell whose runs ended in several classes."""
    outlined(axes, box, RED)


LOOKS: dict[Agreement, Sample] = {"most": most, "some": some, "alone": alone, "apart": apart}
