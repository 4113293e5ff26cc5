"""The primary metric on each hardware environment, before the bands of s_R and its mean."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from osgrepro.analysis.findings import Cell, ExperimentFindings, MetricPrecision, Precision
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.drawing import (
    BLUE,
    INK,
    LINE,
    WIDTH,
    Element,
    group,
    label,
    line,
    picture,
    rect,
)
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.panels import LEFT, RIGHT, Panel, below, dot, frame, panels
from osgrepro.report.figures.canvas.scale import Scale, scale
from osgrepro.report.figures.canvas.words import number

_BAND = "#dceaf5"
COLUMNS = (
    *("software", "hardware", "mean", "minimum", "maximum", "sd"),
    *("s_r", "s_R", "sampling_error"),
)


def precision(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw each environment's mean with its range; None where no metric is the primary one."""
    cells = [cell for cell in experiment.cells if _finite(cell)]
    if experiment.primary is None or not cells:
        return None
    own = {one.software: one for one in experiment.precision if one.metric == experiment.primary}
    hardware = env.hardware_of(experiment.cells)
    by_environments = env.by_environments(cells)
    laid = panels(
        [
            (software, [name for name in hardware if (name, software) in by_environments])
            for software in env.software_of(cells)
        ]
    )
    found = scale(_values(cells, list(own.values())), LEFT, RIGHT)
    drawn = [*_bands(laid, own, found), *frame(laid, found, experiment.primary)]
    for panel in laid:
        for row, name in enumerate(panel.hardware):
            drawn.append(_cell(by_environments[name, panel.software], panel.y(row), found))
    height = below(laid)
    for words in _notes(own):
        height += LINE
        drawn.append(label(0, height - 4, words, width=WIDTH))
    title = f"{experiment.name}: {experiment.primary} by hardware"
    caption = (
        "A dot is the mean of an environment's repeats and the line through it their range; the "
        "line down a panel is the mean of all, and the band reaches one s_R to both sides."
    )
    return Figure(
        name=f"precision-{slug}",
        title=title,
        caption=caption,
        svg=picture(title, caption, WIDTH, height + 4, drawn),
        columns=COLUMNS,
        rows=tuple(_rows(cells, own)),
        experiment=experiment.name,
        section="precision",
    )


def _finite(cell: Cell) -> bool:
    ends = (cell.minimum, cell.mean, cell.maximum)
    return all(value is not None and math.isfinite(value) for value in ends)


def _values(cells: Sequence[Cell], own: Sequence[MetricPrecision]) -> Iterator[float]:
    for cell in cells:
        yield from (value for value in (cell.minimum, cell.maximum) if value is not None)
    for one in own:
        if isinstance(one.precision, Precision):
            yield one.precision.mean - one.precision.s_R
            yield one.precision.mean + one.precision.s_R


def _bands(
    laid: Sequence[Panel], own: dict[str, MetricPrecision], found: Scale
) -> Iterator[Element]:
    for panel in laid:
        one = own.get(panel.software)
        if one is None or not isinstance(one.precision, Precision):
            continue
        mean, s_r = one.precision.mean, one.precision.s_R
        left, right = found(mean - s_r), found(mean + s_r)
        height = panel.last - panel.first
        yield rect(left, panel.first, right - left, height, fill=_BAND, data_mark="s_R")
        x = found(mean)
        yield line(x, panel.first, x, panel.last, stroke=BLUE, data_mark="mean")


def _cell(cell: Cell, y: float, found: Scale) -> Element:
    low, mean, high = (float(value or 0.0) for value in (cell.minimum, cell.mean, cell.maximum))
    remark = env.remark(cell)
    told = (
        f"{cell.hardware} · {cell.software}: {number(mean)}, from {number(low)} to {number(high)} "
        f"in {cell.ok} repeats{f'; {remark}' if remark else ''}"
    )
    bar = line(found(low), y, found(high), y, stroke=INK, stroke_width=1.5, data_mark="range")
    return group(
        told,
        bar,
        dot(found(mean), y, hollow=cell.emulated or cell.simulated_gpu, mark="mean-of-cell"),
        data_mark="cell",
    )


def _notes(own: dict[str, MetricPrecision]) -> Iterator[str]:
    for software, one in own.items():
        if isinstance(one.precision, Precision):
            error = one.scale.sampling_error
            sampling = f", sampling error {number(error, 3)}" if isinstance(error, float) else ""
            s_r = "tied" if one.precision.tied else number(one.precision.s_r, 3)
            yield f"{software}: s_r {s_r}, s_R {number(one.precision.s_R, 3)}{sampling}"


def _rows(cells: Sequence[Cell], own: dict[str, MetricPrecision]) -> Iterator[tuple[Value, ...]]:
    for cell in cells:
        one = own.get(cell.software)
        known = one.precision if one and isinstance(one.precision, Precision) else None
        error = one.scale.sampling_error if one else None
        yield (
            *(cell.software, cell.hardware, cell.mean, cell.minimum, cell.maximum, cell.sd),
            known.s_r if known else None,
            known.s_R if known else None,
            error if isinstance(error, float) else None,
        )
