"""How much of a metric's spread each factor accounts for, as standard deviations."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from osgrepro.analysis.findings import Component, Components, ExperimentFindings, Interval
from osgrepro.report.figures.canvas.drawing import (
    BLUE,
    FAINT,
    INK,
    LINE,
    MUTED,
    RULE,
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
from osgrepro.report.figures.canvas.words import number

COLUMNS = ("metric", "method", "factor", "variance", "raw", "share", "low", "high")

_LEFT, _RIGHT, _SHARES = 132.0, WIDTH - 104, WIDTH - 98
_METRICS = 6
# An interval of few degrees of freedom reaches far: it is cut at this many of the longest bar.
_REACH = 1.6


def components(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw the variance components of each metric; None where none can be estimated."""
    known = [one for one in experiment.components if _drawable(one)]
    found = [one for one in known if isinstance(one, Components)]
    found.sort(key=lambda one: one.metric != experiment.primary)
    if not found:
        return None
    drawn: list[Element] = []
    y = 0.0
    for one in found[:_METRICS]:
        drawn += _metric(one, y)
        y += LINE * (len(one.components) + 1) + 8
    if len(found) > _METRICS:
        words = f"and {len(found) - _METRICS} more metrics: see the CSV"
        drawn.append(label(0, y + 12, words, fill=MUTED))
        y += LINE
    title = f"{experiment.name}: variance components"
    caption = (
        "A bar is the standard deviation that a factor accounts for and the line at its end the "
        "95 % interval; × marks an estimate below zero, which counts as none."
    )
    return Figure(
        name=f"components-{slug}",
        title=title,
        caption=caption,
        svg=picture(title, caption, WIDTH, y + 4, drawn),
        columns=COLUMNS,
        rows=tuple(_rows(found)),
        experiment=experiment.name,
        section="components",
    )


def _drawable(found: object) -> bool:
    return isinstance(found, Components) and all(
        math.isfinite(one.variance) for one in found.components
    )


def _metric(found: Components, top: float) -> Iterator[Element]:
    """Yield one metric's heading and bars; each metric has a scale of its own."""
    widest = max(one.variance**0.5 for one in found.components)
    scale = Scale(low=0.0, high=(widest or 1.0) * _REACH, start=_LEFT, end=_RIGHT)
    yield label(0, top + 12, found.metric, width=_LEFT - 6, font_weight="bold")
    yield label(_LEFT, top + 12, f"standard deviation, by {found.method}", fill=MUTED)
    for row, one in enumerate(found.components):
        yield _component(one, found.metric, top + LINE * (row + 1), scale)
    yield line(_LEFT, top + LINE, _LEFT, top + LINE * (len(found.components) + 1), stroke=RULE)


def _component(one: Component, metric: str, y: float, scale: Scale) -> Element:
    middle, sd = y + LINE / 2, one.variance**0.5
    parts = [
        label(0, y + 12, one.factor, width=_LEFT - 8),
        rect(_LEFT, y + 3, scale(sd) - _LEFT, LINE - 6, fill=BLUE, data_mark="sd"),
        label(_SHARES, y + 12, _words(one, sd), width=WIDTH - _SHARES),
    ]
    told = f"{metric}, {one.factor}: sd {number(sd)}, {one.share:.1%} of the variance"
    if isinstance(one.interval, Interval):
        low, high = one.interval.low**0.5, one.interval.high**0.5
        told += f"; 95 % interval of the sd {number(low)} to {number(high)}"
        parts += _whisker(low, high, middle, scale)
    if one.raw < 0:
        told += f"; estimated below zero: {number(one.raw, 3)}"
    return group(told, *parts, data_mark="component")


def _whisker(low: float, high: float, y: float, scale: Scale) -> Iterator[Element]:
    left, right = scale.within(low), scale.within(high)
    # Light within the bar, dark beyond it.
    yield line(left, y, right, y, stroke=FAINT, stroke_width=3)
    yield line(left, y, right, y, stroke=INK, stroke_width=1.5, data_mark="interval")
    if high <= scale.high:
        yield line(right, y - 3, right, y + 3, stroke=INK, stroke_width=1.5)


def _words(one: Component, sd: float) -> str:
    if one.raw < 0:
        return "× none"
    share = f"{one.share:.1%}" if one.share < 0.9995 or one.share == 1 else "> 99.9%"
    return f"{share}, sd {number(sd, 2)}"


def _rows(found: Sequence[Components]) -> Iterator[tuple[Value, ...]]:
    for metric in found:
        for one in metric.components:
            ends = (
                (one.interval.low, one.interval.high)
                if isinstance(one.interval, Interval)
                else (None, None)
            )
            yield (
                metric.metric,
                metric.method,
                one.factor,
                one.variance,
                one.raw,
                one.share,
                *ends,
            )
