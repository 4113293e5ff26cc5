"""The primary metric on each hardware environment, before the bands of s_R and its mean."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial

from osgrepro.analysis.findings import TIED, Cell, ExperimentFindings, MetricPrecision, Precision
from osgrepro.report import words
from osgrepro.report.figures.canvas import environments as env
from osgrepro.report.figures.canvas.canvas import Canvas
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.looks import BLUE, INK
from osgrepro.report.figures.canvas.panels import dot, draw, drawable, panels, row_area

_BAND = "#dceaf5"
COLUMNS = (
    *("software", "hardware", "mean", "minimum", "maximum", "sd"),
    *("s_r", "s_R", "sampling_error"),
)


def precision(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw each environment's mean with its range; None where no metric is the primary one."""
    cells = [cell for cell in experiment.cells if _known(cell)]
    if experiment.primary is None or not cells:
        return None
    own = {
        known.software: known
        for known in experiment.precision
        if known.metric == experiment.primary
    }
    return Figure(
        name=f"precision-{slug}",
        title=f"{experiment.name}: {experiment.primary} by hardware",
        caption=(
            "A dot is the mean of an environment's repeats and the line through it their range; a "
            "hollow dot is of emulated hardware or a simulated GPU. The line down a panel is the "
            "mean of all, and the band reaches one s_R to both sides."
        ),
        draw=partial(_draw, experiment, cells, own),
        columns=COLUMNS,
        rows=tuple(_rows(cells, own)),
        experiment=experiment.name,
        section="precision",
    )


def _draw(
    experiment: ExperimentFindings, cells: Sequence[Cell], own: Mapping[str, MetricPrecision]
) -> Canvas:
    hardware = env.hardware_of(experiment.cells)
    by_environments = env.by_environments(cells)
    laid = panels(
        [
            (software, [name for name in hardware if (name, software) in by_environments])
            for software in env.software_of(cells)
        ]
    )
    values = _values(cells, list(own.values()))
    unit = words.unit_of(experiment)
    axis = f"{experiment.primary}{f' ({unit.of_values.strip()})' if unit.of_values else ''}"
    canvas, drawn = draw(laid, values, axis, list(_notes(own, unit)), unit.factor)
    for panel, axes in zip(laid, drawn, strict=True):
        known = own[panel.software].precision if panel.software in own else None
        if isinstance(known, Precision) and drawable(known.mean) and drawable(known.s_R):
            axes.band(known.mean - known.s_R, known.mean + known.s_R, _BAND)
            axes.upright(known.mean, BLUE, 0.8)
        for row, name in enumerate(panel.hardware):
            cell = by_environments[name, panel.software]
            low, mean, high = _ends(cell)
            axes.reach((low, high), row + 0.5, INK, 1.2)
            dot(axes, mean, row, hollow=bool(env.remark(cell)))
            row_area(canvas, axes, row, _tooltip(cell, unit), "cell")
    return canvas


def _ends(cell: Cell) -> tuple[float, float, float]:
    """Return the smallest value, the mean and the largest."""
    low, mean, high = (float(value or 0.0) for value in (cell.minimum, cell.mean, cell.maximum))
    return low, mean, high


def _known(cell: Cell) -> bool:
    return all(drawable(value) for value in (cell.minimum, cell.mean, cell.maximum))


def _values(cells: Sequence[Cell], own: Sequence[MetricPrecision]) -> Iterator[float]:
    for cell in cells:
        yield from (value for value in (cell.minimum, cell.maximum) if value is not None)
    for metric in own:
        if isinstance(metric.precision, Precision):
            yield metric.precision.mean - metric.precision.s_R
            yield metric.precision.mean + metric.precision.s_R


def _tooltip(cell: Cell, unit: words.Unit) -> str:
    low, mean, high = (unit.value(end) for end in _ends(cell))
    remark = env.remark(cell)
    return (
        f"{cell.hardware} · {cell.software}: {mean}, from {low} to {high} "
        f"in {cell.ok} repeats{f'; {remark}' if remark else ''}"
    )


def _notes(own: Mapping[str, MetricPrecision], unit: words.Unit) -> Iterator[str]:
    points = " (percentage points)" if unit.of_spreads else ""
    for software, metric in own.items():
        if isinstance(metric.precision, Precision):
            error = metric.scale.sampling_error
            sampling = f", sampling error {unit.spread(error)}" if isinstance(error, float) else ""
            s_r = TIED if metric.precision.tied else unit.spread(metric.precision.s_r)
            s_R = unit.spread(metric.precision.s_R)  # noqa: N806, ISO 5725's name
            yield f"{software}: s_r {s_r}, s_R {s_R}{sampling}{points}"


def _rows(cells: Sequence[Cell], own: Mapping[str, MetricPrecision]) -> Iterator[tuple[Value, ...]]:
    for cell in cells:
        metric = own.get(cell.software)
        known = metric.precision if metric and isinstance(metric.precision, Precision) else None
        error = metric.scale.sampling_error if metric else None
        yield (
            *(cell.software, cell.hardware, cell.mean, cell.minimum, cell.maximum, cell.sd),
            known.s_r if known else None,
            known.s_R if known else None,
            error if isinstance(error, float) else None,
        )
