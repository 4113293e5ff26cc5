"""How much of the variance each factor accounts for, metric by metric."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import partial

from osgrepro.analysis.findings import Component, Components, ExperimentFindings, Interval
from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import BLUE, INK, LINE, MUTED, PAPER, RULE, WIDTH
from osgrepro.report.figures.canvas.words import number
from osgrepro.report.words import Unit, unit_of

COLUMNS = ("metric", "method", "factor", "variance", "raw", "share", "low", "high")

_LEFT, _RIGHT = 112.0, WIDTH - 96
_METRICS = 6
# An interval of few degrees of freedom reaches far: it is cut at this many of the longest bar.
_REACH = 1.6


def components(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw the variance components of each metric; None where none can be estimated."""
    estimates = [
        component
        for component in experiment.components
        if isinstance(component, Components) and _drawable(component)
    ]
    estimates.sort(key=lambda metric: metric.metric != experiment.primary)
    if not estimates:
        return None
    return Figure(
        name=f"components-{slug}",
        title=f"{experiment.name}: variance components",
        caption=(
            "A bar is the standard deviation that a factor accounts for and the line at its end "
            "the 95 % interval; × marks an estimate of zero, whose line is its upper limit."
        ),
        draw=partial(_draw, estimates, [unit_of(experiment, own.metric) for own in estimates]),
        columns=COLUMNS,
        rows=tuple(_rows(estimates)),
        experiment=experiment.name,
        section="components",
    )


def _drawable(metric: Components) -> bool:
    return all(math.isfinite(component.variance) for component in metric.components)


def _draw(estimates: Sequence[Components], units: Sequence[Unit]) -> Canvas:
    shown = estimates[:_METRICS]
    heights = [LINE * (len(metric.components) + 1) + 6 for metric in shown]
    more = len(estimates) - len(shown)
    canvas = blank(sum(heights) + LINE * (more > 0))
    for place, metric in enumerate(shown):
        _metric(canvas, metric, units[place], sum(heights[:place]))
    if more:
        words = f"and {more} more metrics: see the CSV"
        canvas.text(0, sum(heights) + LINE / 2, words, colour=MUTED)
    return canvas


def _metric(canvas: Canvas, metric: Components, unit: Unit, top: float) -> None:
    """Draw one metric's heading and bars; each metric has a scale of its own."""
    widest = max(component.variance**0.5 for component in metric.components) or 1.0
    rows = len(metric.components)
    canvas.text(0, top + LINE / 2, metric.metric, width=_LEFT - 6, bold=True)
    points = " in percentage points" if unit.of_spreads else ""
    words = f"standard deviation{points}, by {metric.method}"
    canvas.text(_LEFT, top + LINE / 2, words, colour=MUTED, width=WIDTH - _LEFT)
    # In shares of the longest bar: a variance may be larger or smaller than any scale holds.
    axes = canvas.axes(_LEFT, top + LINE, _RIGHT - _LEFT, LINE * rows, (0, _REACH), rows)
    axes.upright(0, RULE, 0.8)
    for row, component in enumerate(metric.components):
        y = top + LINE * (row + 1.5)
        axes.box((0, row + 0.2, component.variance**0.5 / widest, 0.6), fill=BLUE)
        canvas.text(0, y, component.factor, width=_LEFT - 6)
        canvas.text(_RIGHT + 5, y, _words(component, unit), width=WIDTH - _RIGHT - 5)
        if isinstance(component.interval, Interval):
            low, high = (
                max(end, 0.0) ** 0.5 / widest
                for end in (component.interval.low, component.interval.high)
            )
            ends = (min(low, _REACH), min(high, _REACH))
            # Light within the bar, dark beyond it.
            axes.reach(ends, row + 0.5, PAPER, 2.6)
            axes.reach(ends, row + 0.5, INK, 1.2)
            for end in ends if high <= _REACH else ():
                axes.mark(end, row + 0.5, "|", 5)
        canvas.area(
            axes, (0, row, _REACH, 1), _tooltip(component, metric.metric, unit), "component"
        )


def _tooltip(component: Component, metric: str, unit: Unit) -> str:
    sd = f"sd {unit.spread(component.variance**0.5)}"
    sd += " percentage points" if unit.of_spreads else ""
    words = f"{metric}, {component.factor}: {sd}, {component.share * 100:.1f} % of the variance"
    if isinstance(component.interval, Interval):
        low, high = (
            max(end, 0.0) ** 0.5 for end in (component.interval.low, component.interval.high)
        )
        words += f"; 95 % interval of the sd {unit.spread(low)} to {unit.spread(high)}"
    if component.raw is not None and component.raw < 0:
        words += f"; raw variance by ANOVA {number(component.raw, 3)}"
    return words


def _words(component: Component, unit: Unit) -> str:
    if not component.variance:
        return "× none"
    share = (
        f"{component.share * 100:.1f} %"
        if component.share < 0.9995 or component.share == 1
        else "> 99.9 %"
    )
    return f"{share}, sd {number(component.variance**0.5 * unit.factor, 2)}"


def _rows(estimates: Sequence[Components]) -> Iterator[tuple[Value, ...]]:
    for metric in estimates:
        for component in metric.components:
            ends = (
                (component.interval.low, component.interval.high)
                if isinstance(component.interval, Interval)
                else (None, None)
            )
            yield (
                metric.metric,
                metric.method,
                component.factor,
                component.variance,
                component.raw,
                component.share,
                *ends,
            )
