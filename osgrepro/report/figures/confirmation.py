"""Whether emulated runs end as the remote ones did: a cell for each environment that was asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from osgrepro.analysis.findings import Confirmation
from osgrepro.report.figures.canvas.drawing import FAINT, LINE, Element, group, label, picture, rect
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.matrix import Box, matrix
from osgrepro.report.figures.canvas.paint import centred

COLUMNS = (
    *("experiment", "software", "hardware", "class", "emulated", "emulated_class"),
    *("answer", "why"),
)
# A sign as well as a colour, for eyes and printers that see none.
_LOOKS = {
    "confirmed": ("✓", "#dceaf5"),
    "refuted": ("✗", "#fbdcc8"),
    "not emulable": ("–", FAINT),
}


def confirmation(found: Sequence[Confirmation], experiment: str, slug: str) -> Figure | None:
    """Draw what emulation says of one experiment's environments; None where none was asked."""
    own = [one for one in found if one.experiment == experiment]
    if not own:
        return None
    by_place = {(name, one.software): one for one in own for name in one.remote}
    grid = matrix(
        list(dict.fromkeys(name for one in own for name in one.remote)),
        list(dict.fromkeys(one.software for one in own)),
    )
    drawn = [
        _cell(by_place[hardware, software], hardware, box)
        for hardware, software, box in grid.cells()
        if (hardware, software) in by_place
    ]
    legend = list(_legend(own, grid.bottom + 4))
    title = f"{experiment}: causal confirmation"
    caption = (
        "✓ an emulated run ended with the remote one's bits, ✗ it did not and nothing is known "
        "that was not alike, – it can't tell; the letters are the remote and the emulated class."
    )
    height = grid.bottom + LINE * (len(legend) // 2) + 8
    return Figure(
        name=f"confirmation-{slug}",
        title=title,
        caption=caption,
        svg=picture(title, caption, grid.width, height, [*grid.frame(), *drawn, *legend]),
        columns=COLUMNS,
        rows=tuple(_rows(own)),
        experiment=None,
        section="confirmation",
    )


def _cell(one: Confirmation, hardware: str, box: Box) -> Element:
    sign, fill = _LOOKS[one.answer]
    seen = (
        one.remote_class
        if one.emulated_class is None
        else f"{one.remote_class} {one.emulated_class}"
    )
    told = f"{hardware} · {one.software}: {one.answer}; {one.text}"
    return group(
        told,
        rect(box.x, box.y, box.width - 1, box.height - 1, fill=fill),
        centred(
            f"{sign} {seen}" if len(seen) * 8 < box.width - 20 else sign, box.middle, box.y + 7.5
        ),
        data_mark=one.answer,
    )


def _legend(own: Sequence[Confirmation], top: float) -> Iterator[Element]:
    """Yield a sample and its word for each answer that occurs, two elements each."""
    y = top
    for answer, (sign, fill) in _LOOKS.items():
        count = sum(one.answer == answer for one in own)
        if count:
            sample = rect(0, y, 24, LINE - 2, fill=fill)
            yield group(answer, sample, centred(sign, 12, y + 7.5))
            yield label(30, y + 12, f"{answer}: {count}")
            y += LINE


def _rows(own: Sequence[Confirmation]) -> Iterator[tuple[Value, ...]]:
    for one in own:
        for name in one.remote:
            yield (
                *(one.experiment, one.software, name, one.remote_class, one.emulated),
                *(one.emulated_class, one.answer, one.text),
            )
