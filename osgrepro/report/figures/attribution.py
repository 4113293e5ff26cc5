"""The evidence of an attribution: which values of its attributes go with which outcome class."""

from __future__ import annotations

from collections.abc import Iterator

from osgrepro.analysis.findings import Attribution, Cause, ExperimentFindings, Group, NotAssessable
from osgrepro.report.figures.canvas.drawing import (
    LINE,
    MUTED,
    WIDTH,
    Element,
    group,
    label,
    picture,
    rect,
)
from osgrepro.report.figures.canvas.figure import Figure, Value
from osgrepro.report.figures.canvas.paint import Paint, centred

COLUMNS = ("software", "among", "explanation", "class", "hardware", "attribute", "value")

_CLASS, _VALUES = 44.0, 200.0
_ROWS = 40
# Values that are the same have the same tint: light ones, below dark letters.
_TINTS = ("#ffffff", "#dceaf5", "#f9e6d8", "#e4efd9", "#ece3f2", "#f4f0cf", "#e2e2e2", "#d5efec")


def attribution(experiment: ExperimentFindings, slug: str) -> Figure | None:
    """Draw the first explanation of each software environment; None where there is none."""
    found = [one for one in _shown(experiment) if _causes(one)]
    if not found:
        return None
    name = f"attribution-{slug}"
    # In the colours of the class map; with several seeds an environment's class is none of its.
    known = () if isinstance(experiment.outcomes, NotAssessable) else experiment.outcomes.classes
    own = [each.letter for one in found for cause in _causes(one) for each in cause.groups]
    letters = dict.fromkeys([*(one.letter for one in known), *own])
    paint = Paint(scope=name, numbers={letter: place for place, letter in enumerate(letters)})
    drawn, y = [paint.hatches()], 0.0
    for one in found:
        drawn += _block(one, y, paint)
        y += LINE * (2 + min(len(_causes(one)[0].groups), _ROWS)) + 10
    title = f"{experiment.name}: what goes along with the class"
    caption = (
        "One line for each set of values that occurs: the class on the left, the values of the "
        "attributes, and the environments that have them. It is association, not yet a cause."
    )
    return Figure(
        name=name,
        title=title,
        caption=caption,
        svg=picture(title, caption, WIDTH, y, drawn),
        columns=COLUMNS,
        rows=tuple(_rows(found)),
        experiment=experiment.name,
        section="attribution",
    )


def _causes(one: Attribution) -> tuple[Cause, ...]:
    if isinstance(one.causes, NotAssessable):
        return ()
    return tuple(cause for cause in one.causes if cause.attributes)


def _shown(experiment: ExperimentFindings) -> list[Attribution]:
    """Return the attributions that say something of their own: CPU and GPU, or all."""
    parts = {one.software for one in experiment.attribution if one.scope != "all"}
    return [
        one for one in experiment.attribution if one.scope != "all" or one.software not in parts
    ]


def _block(one: Attribution, top: float, paint: Paint) -> Iterator[Element]:
    """Yield the lines of one software environment under its heading."""
    cause = _causes(one)[0]
    width = _VALUES / len(cause.attributes)
    yield label(0, top + 12, f"{one.software}, {one.scope}", width=WIDTH, font_weight="bold")
    for column, name in enumerate(cause.attributes):
        x = _CLASS + width * (column + 0.5)
        yield label(x, top + LINE + 12, name, width=width - 4, text_anchor="middle", fill=MUTED)
    tints = {
        name: {
            v: place for place, v in enumerate(dict.fromkeys(g.values[name] for g in cause.groups))
        }
        for name in cause.attributes
    }
    for row, one_group in enumerate(cause.groups[:_ROWS]):
        yield _line(one_group, cause, top + LINE * (row + 2), width, tints, paint)
    if len(cause.groups) > _ROWS:
        more = f"and {len(cause.groups) - _ROWS} more lines: see the CSV"
        yield label(0, top + LINE * (_ROWS + 2) + 8, more, fill=MUTED)


def _line(
    one: Group,
    cause: Cause,
    y: float,
    width: float,
    tints: dict[str, dict[str, int]],
    paint: Paint,
) -> Element:
    parts = paint.box(one.letter, 0, y, _CLASS - 2, LINE - 1)
    for column, name in enumerate(cause.attributes):
        x, value = _CLASS + width * column, one.values[name]
        fill = _TINTS[tints[name][value] % len(_TINTS)]
        parts.append(rect(x, y, width - 1, LINE - 1, fill=fill))
        parts.append(centred(value[: max(int(width / 7), 3)], x + width / 2, y + LINE / 2 - 0.5))
    right = _CLASS + _VALUES + 4
    words = one.hardware[0] if len(one.hardware) == 1 else f"{len(one.hardware)} environments"
    parts.append(label(right, y + 12, words, width=WIDTH - right))
    values = ", ".join(f"{name} = {value}" for name, value in one.values.items())
    return group(
        f"class {one.letter}: {values}: {', '.join(one.hardware)}", *parts, data_mark="group"
    )


def _rows(found: list[Attribution]) -> Iterator[tuple[Value, ...]]:
    for one in found:
        for number, cause in enumerate(_causes(one), 1):
            for each in cause.groups:
                for hardware in each.hardware:
                    for name, value in each.values.items():
                        yield (one.software, one.scope, number, each.letter, hardware, name, value)
