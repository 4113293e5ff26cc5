"""The evidence of an attribution: which values of its attributes go with which outcome class."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from osgrepro.analysis.findings import Attribution, Cause, ExperimentFindings, Group, NotAssessable
from osgrepro.common.texts import visible
from osgrepro.report.figures.canvas.axes import Axes
from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.classes import Paint, centred, painted
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import LINE, MUTED, SMALL, WIDTH
from osgrepro.report.figures.canvas.marks import filled
from osgrepro.report.figures.canvas.words import shortened

COLUMNS = ("software", "among", "explanation", "class", "hardware", "attribute", "value")

_CLASS, _VALUES = 30.0, 235.0
_ROWS = 40
# Values that are the same have the same tint: light ones, below dark letters.
_TINTS = ("#ffffff", "#dceaf5", "#f9e6d8", "#e4efd9", "#ece3f2", "#f4f0cf", "#e2e2e2", "#d5efec")


def attribution(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw the first explanation of each software environment; None where there is none."""
    attributions = [attribution for attribution in _shown(experiment) if _causes(attribution)]
    if not attributions:
        return None
    # In the colours of the class map; with several seeds an environment's class is none of its.
    paint = painted(experiment.cells)
    return Figure(
        name=f"attribution-{slug}",
        title=f"{experiment.name}: what goes along with the class",
        caption=(
            "One line for each set of values that occurs: the class on the left, the values of "
            "the attributes, and the environments that have them. It is association, not yet a "
            "cause, and may be chance: the text says how likely that is."
        ),
        draw=partial(_draw, attributions, paint),
        columns=COLUMNS,
        rows=tuple(_rows(attributions)),
        experiment=experiment.name,
        section="attribution",
    )


def _causes(attribution: Attribution) -> tuple[Cause, ...]:
    if isinstance(attribution.causes, NotAssessable):
        return ()
    return tuple(cause for cause in attribution.causes if cause.attributes)


def _shown(experiment: ExperimentFindings) -> list[Attribution]:
    """Return the attributions that say something of their own: CPU and GPU, or all."""
    parts = {
        attribution.software for attribution in experiment.attribution if attribution.scope != "all"
    }
    return [
        attribution
        for attribution in experiment.attribution
        if attribution.scope != "all" or attribution.software not in parts
    ]


def _draw(attributions: Sequence[Attribution], paint: Paint) -> Canvas:
    lines = [len(_causes(attribution)[0].groups) for attribution in attributions]
    heights = [LINE * (2 + min(count, _ROWS) + (count > _ROWS)) + 8 for count in lines]
    canvas = blank(sum(heights))
    axes = canvas.plane()
    for place, attribution in enumerate(attributions):
        _block(canvas, axes, attribution, sum(heights[:place]), paint)
    return canvas


def _block(canvas: Canvas, axes: Axes, attribution: Attribution, top: float, paint: Paint) -> None:
    """Draw the lines of one software environment under its heading."""
    cause = _causes(attribution)[0]
    groups = cause.groups[:_ROWS]
    share = 1 / len(cause.attributes)
    heading = f"{attribution.software}, {attribution.scope}"
    canvas.text(0, top + LINE / 2, heading, width=WIDTH, bold=True)
    for column, name in enumerate(cause.attributes):
        x, width = _CLASS + _VALUES * share * (column + 0.5), _VALUES * share - 3
        canvas.text(x, top + LINE * 1.5, name, width=width, align="center", colour=MUTED)
    for row, group in enumerate(groups):
        _line(canvas, axes, group, cause, top + LINE * (row + 2), paint)
    if len(cause.groups) > _ROWS:
        more = f"and {len(cause.groups) - _ROWS} more lines: see the CSV"
        canvas.text(0, top + LINE * (_ROWS + 2.5), more, colour=MUTED)


def _line(canvas: Canvas, axes: Axes, group: Group, cause: Cause, top: float, paint: Paint) -> None:
    width = _CLASS + _VALUES
    high = LINE - 1
    paint.box(axes, group.letter, (0, top, _CLASS - 1.5, high), group.letter)
    share = _VALUES / len(cause.attributes)
    for column, name in enumerate(cause.attributes):
        x, value = _CLASS + share * column, group.values[name]
        known = list(dict.fromkeys(line.values[name] for line in cause.groups))
        filled(axes, (x, top, share - 1, high), _TINTS[known.index(value) % len(_TINTS)])
        words = shortened(visible(value), share - 4, SMALL)
        centred(axes, x + share / 2, top + high / 2, words)
    names = group.hardware
    words = names[0] if len(names) == 1 else f"{len(names)} environments"
    canvas.text(width + 4, top + LINE / 2, words, width=WIDTH - width - 4)
    values = ", ".join(f"{name} = {value}" for name, value in group.values.items())
    tooltip = f"class {group.letter}: {values}: {', '.join(group.hardware)}"
    canvas.area(axes, (0, top, width, high), tooltip, "group")


def _rows(attributions: Sequence[Attribution]) -> Iterator[tuple[Value, ...]]:
    for attribution in attributions:
        for number, cause in enumerate(_causes(attribution), 1):
            for group in cause.groups:
                for hardware in group.hardware:
                    for name, value in group.values.items():
                        yield (
                            *(attribution.software, attribution.scope, number, group.letter),
                            *(hardware, name, value),
                        )
