"""Whether emulated runs end as the remote ones did: a cell for each environment that was asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from osgrepro.analysis.findings import (
    CONFIRMED,
    NOT_EMULABLE,
    NOT_READY,
    NOT_TRIED,
    REFUTED,
    Confirmation,
)
from osgrepro.report.figures.canvas.axes import Axes, Box
from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.classes import centred
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import FAINT, LINE
from osgrepro.report.figures.canvas.marks import filled, key, key_height
from osgrepro.report.figures.canvas.matrix import matrix

COLUMNS = (
    *("experiment", "software", "hardware", "class", "emulated", "emulated_class"),
    *("answer", "why"),
)
# A sign as well as a colour, for eyes and printers that see none.
_LOOKS = {
    CONFIRMED: ("✓", "#dceaf5"),
    REFUTED: ("✗", "#fbdcc8"),
    NOT_EMULABLE: ("–", FAINT),
    NOT_READY: ("…", "#ffffff"),
    NOT_TRIED: ("○", "#ffffff"),
}


def confirmation(
    confirmations: Sequence[Confirmation], experiment: str, slug: str
) -> Figure | None:
    """Draw what emulation says of one experiment's environments; None where none was asked."""
    own = [asked for asked in confirmations if asked.experiment == experiment]
    if not own:
        return None
    return Figure(
        name=f"confirmation-{slug}",
        title=f"{experiment}: causal confirmation",
        caption=(
            "✓ an emulated run is of the remote one's class, ✗ it is not and nothing is "
            "known that was not alike, – it can't tell, … something is lacking, "
            "○ it was not tried; the letters are the "
            "remote and the emulated class."
        ),
        draw=partial(_draw, own),
        columns=COLUMNS,
        rows=tuple(_rows(own)),
        experiment=None,
        section="confirmation",
    )


def _draw(own: Sequence[Confirmation]) -> Canvas:
    by_environments = {(name, asked.software): asked for asked in own for name in asked.remote}
    grid = matrix(
        list(dict.fromkeys(name for asked in own for name in asked.remote)),
        list(dict.fromkeys(asked.software for asked in own)),
    )
    counts = {answer: sum(asked.answer == answer for asked in own) for answer in _LOOKS}
    entries = [
        (f"{answer}: {count}", partial(_sign, answer, _LOOKS[answer][0]))
        for answer, count in counts.items()
        if count
    ]
    canvas = blank(grid.bottom + LINE / 2 + key_height(entries), grid.width)
    axes = grid.axes(canvas)
    for hardware, software, box in grid.cells():
        asked = by_environments.get((hardware, software))
        if asked is not None:
            _sign(asked.answer, _words(asked, grid.column), axes, box)
            tooltip = f"{hardware} · {software}: {asked.answer}; {asked.text}"
            canvas.area(axes, box, tooltip, asked.answer)
    key(canvas, entries, grid.bottom + LINE / 2)
    return canvas


def _words(asked: Confirmation, width: float) -> str:
    sign = _LOOKS[asked.answer][0]
    classes = f"{asked.remote_class} {asked.emulated_class or ''}".strip()
    return f"{sign} {classes}" if len(classes) * 6 < width - 15 else sign


def _sign(answer: str, words: str, axes: Axes, box: Box) -> None:
    filled(axes, box, _LOOKS[answer][1])
    centred(axes, box[0] + box[2] / 2, box[1] + box[3] / 2, words)


def _rows(own: Sequence[Confirmation]) -> Iterator[tuple[Value, ...]]:
    for asked in own:
        for name in asked.remote:
            yield (
                *(asked.experiment, asked.software, name, asked.remote_class, asked.emulated),
                *(asked.emulated_class, asked.answer, asked.text),
            )
