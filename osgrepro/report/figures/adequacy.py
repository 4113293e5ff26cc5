"""How far the evidence reaches: how many environments there are, and how many of them differ."""

from __future__ import annotations

from collections.abc import Iterator

from osgrepro.analysis.findings import Adequacy, ExperimentFindings, NotAssessable
from osgrepro.report.figures.canvas.drawing import (
    BLUE,
    INK,
    LINE,
    MUTED,
    RED,
    WIDTH,
    Element,
    group,
    label,
    line,
    picture,
    rect,
)
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.scale import Scale

COLUMNS = ("software", "hardware", "different", "classes", "enough", "wilks", "coverage", "chao1")

# AOAC Official Methods of Analysis, Appendix D.
_LABORATORIES = 8
_LEFT, _RIGHT, _WORDS = 132.0, 262.0, 268.0
_MOST = 60


def adequacy(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw the environments and those that differ; None where no run ended well."""
    found = [one for one in experiment.adequacy if one.hardware and one.different is not None]
    if not found:
        return None
    widest = max(_LABORATORIES + 1, *(one.hardware for one in found))
    scale = Scale(low=0.0, high=float(widest), start=_LEFT, end=_RIGHT)
    shown = found[:_MOST]
    bottom = LINE * (len(shown) + 1)
    x = scale(_LABORATORIES)
    drawn = [
        label(x, 12, "8 laboratories", text_anchor="middle", fill=RED),
        *(_bars(one, LINE * (row + 1), scale) for row, one in enumerate(shown)),
        line(x, LINE, x, bottom, stroke=RED, stroke_width=1.5, data_mark="laboratories"),
        line(_LEFT, LINE, _LEFT, bottom),
    ]
    if len(found) > _MOST:
        words = f"and {len(found) - _MOST} more: see the CSV"
        drawn.append(label(0, bottom + 12, words, fill=MUTED))
    title = f"{experiment.name}: how far the evidence reaches"
    caption = (
        "The outline is the number of hardware environments and the bar that of those which "
        "differ in their results; the line is what AOAC asks of a collaborative study."
    )
    return Figure(
        name=f"adequacy-{slug}",
        title=title,
        caption=caption,
        svg=picture(title, caption, WIDTH, bottom + LINE, drawn),
        columns=COLUMNS,
        rows=tuple(_rows(found)),
        experiment=experiment.name,
        section="adequacy",
    )


def _bars(one: Adequacy, y: float, scale: Scale) -> Element:
    different = one.different or 0
    return group(
        one.text,
        label(0, y + 12, one.software, width=_LEFT - 8),
        rect(
            _LEFT,
            y + 2.5,
            scale(one.hardware) - _LEFT,
            LINE - 5,
            fill="none",
            stroke=INK,
            data_mark="hardware",
        ),
        rect(_LEFT, y + 2.5, scale(different) - _LEFT, LINE - 5, fill=BLUE, data_mark="different"),
        label(_WORDS, y + 12, f"{different} of {one.hardware}", width=WIDTH - _WORDS),
        data_mark="software",
    )


def _rows(found: list[Adequacy]) -> Iterator[tuple[Value, ...]]:
    for one in found:
        numbers = (one.wilks, one.coverage, one.chao1)
        yield (
            *(one.software, one.hardware, one.different, one.distinct),
            int(one.enough_laboratories),
            *(None if isinstance(number, NotAssessable) else number for number in numbers),
        )
