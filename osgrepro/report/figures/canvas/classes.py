"""How an outcome class looks: a colour, a hatch when colours run out, and always its letter."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osgrepro.analysis.findings import Cell
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.looks import PAPER, RULE, SMALL
from osgrepro.report.figures.canvas.marks import outlined

# Paul Tol's light scheme (SRON/EPS/TN/09-002, 2021): distinct with any colour vision, and made to
# lie below dark letters.
PALETTE = ("#77aadd", "#eedd88", "#ee8866", "#44bb99", "#ffaabb", "#bbcc33", "#99ddff", "#aaaa00")
_HATCHES = ("", "///", "\\\\\\", "---")


@dataclass(frozen=True, kw_only=True, slots=True)
class Paint:
    """The looks of one experiment's classes.

    ``numbers`` are theirs, the largest class being 0; a class without one, which a single cell has,
    is an outline: its colour would join it with nothing.
    """

    numbers: Mapping[str, int]

    def box(self, axes: Axes, letter: str, box: Box, words: str) -> None:
        """Draw a box in the colour of a class, with ``words`` on it, most often its letter."""
        x, y, width, height = box
        if letter not in self.numbers:
            outlined(axes, box, RULE, 0.6)
            centred(axes, x + width / 2, y + height / 2, words)
            return
        turn, colour = divmod(self.numbers[letter], len(PALETTE))
        hatch = _HATCHES[turn % len(_HATCHES)]
        axes.box(box, fill=PALETTE[colour], hatch=hatch)
        centred(axes, x + width / 2, y + height / 2, words, rim=PAPER if hatch else None)


def painted(cells: Iterable[Cell]) -> Paint:
    """Return the looks of an experiment's classes: colours for those that several cells have."""
    held = Counter(letter for cell in cells for letter in cell.classes)
    joined = sorted((len(letter), letter) for letter, number in held.items() if number > 1)
    return Paint(numbers={letter: place for place, (_, letter) in enumerate(joined)})


def centred(axes: Axes, x: float, y: float, words: str, **looks: Any) -> None:
    """Write around a point of the axes."""
    axes.text(x, y, words, size=SMALL, **looks)


def fitting(letters: Sequence[str], width: float, share: float = 6.5) -> tuple[str, ...]:
    """Return the first letters that find room side by side; all of them, or room for ``+n``.

    ``width`` is in points.
    """
    widest = max((len(letter) for letter in letters), default=1)
    places = max(int(width // (share * widest + 3)), 1)
    return tuple(letters) if len(letters) <= places else tuple(letters[: places - 1])
