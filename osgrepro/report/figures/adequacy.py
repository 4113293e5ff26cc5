"""How far the evidence reaches: how many environments there are, and how many outcomes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from osgrepro.analysis.findings import Adequacy, ExperimentFindings, NotAssessable
from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import BLUE, INK, LINE, MUTED, RED, RULE, WIDTH

COLUMNS = ("software", "hardware", "different", "classes", "enough", "wilks", "coverage", "chao1")

# AOAC Official Methods of Analysis, Appendix D.
_LABORATORIES = 8
_LEFT, _RIGHT = 112.0, 310.0
_MOST = 60


def adequacy(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw the environments and their outcomes; None where no run ended well."""
    reaches = [
        reach for reach in experiment.adequacy if reach.hardware and reach.different is not None
    ]
    if not reaches:
        return None
    return Figure(
        name=f"adequacy-{slug}",
        title=f"{experiment.name}: how far the evidence reaches",
        caption=(
            "The outline is the number of hardware environments, and the line the number of "
            "laboratories that AOAC asks of a collaborative study, among other things. The bar is "
            "the number of different outcomes."
        ),
        draw=partial(_draw, reaches),
        columns=COLUMNS,
        rows=tuple(_rows(reaches)),
        experiment=experiment.name,
        section="adequacy",
    )


def _draw(reaches: Sequence[Adequacy]) -> Canvas:
    shown = reaches[:_MOST]
    bottom = LINE * (len(shown) + 1)
    canvas = blank(bottom + LINE * (len(reaches) > _MOST) + 2)
    widest = max(_LABORATORIES + 1, *(reach.hardware for reach in reaches))
    size = (_RIGHT - _LEFT, LINE * len(shown))
    axes = canvas.axes(_LEFT, LINE, *size, (0, widest), len(shown))
    for row, reach in enumerate(shown):
        axes.box((0, row + 0.17, reach.hardware, 0.66), edge=INK, line=0.8)
        axes.box((0, row + 0.17, reach.different or 0, 0.66), fill=BLUE)
    axes.upright(_LABORATORIES, RED, 1.2)
    axes.upright(0, RULE, 0.8)
    x = _LEFT + (_RIGHT - _LEFT) * _LABORATORIES / widest
    canvas.text(x, LINE / 2, "8 laboratories", align="center", colour=RED)
    for row, reach in enumerate(shown):
        y = LINE * (row + 1.5)
        canvas.text(0, y, reach.software, width=_LEFT - 6)
        words = f"{reach.different or 0} of {reach.hardware}"
        canvas.text(_RIGHT + 6, y, words, width=WIDTH - _RIGHT - 6)
        canvas.area(axes, (0, row, widest, 1), reach.text, "software")
    if len(reaches) > _MOST:
        words = f"and {len(reaches) - _MOST} more: see the CSV"
        canvas.text(0, bottom + LINE / 2, words, colour=MUTED)
    return canvas


def _rows(reaches: Sequence[Adequacy]) -> Iterator[tuple[Value, ...]]:
    for reach in reaches:
        numbers = (reach.wilks, reach.coverage, reach.chao1)
        yield (
            *(reach.software, reach.hardware, reach.different, reach.distinct),
            int(reach.enough_laboratories),
            *(None if isinstance(number, NotAssessable) else number for number in numbers),
        )
