"""Numbers and answers as words, the same in every format."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from osgrepro.analysis.findings import (
    NOT_ASSESSABLE,
    Cell,
    ExperimentFindings,
    Grade,
    Interval,
    NotAssessable,
    Outcomes,
    Precision,
    in_percent,
    in_shares,
    is_share,
)
from osgrepro.common import numbers
from osgrepro.report.values import Table

GRADES: dict[Grade, str] = {
    "O0": "same final weights",
    "O1": "same predictions",
    "O2": "same labels",
    "O3": "same metrics",
}
# What runs of one outcome class have the same.
COMPARED: dict[Grade, str] = {
    "O0": "final weights",
    "O1": "predictions",
    "O2": "labels",
    "O3": "metrics",
}
NONE = "–"


@dataclass(frozen=True, kw_only=True, slots=True)
class Unit:
    """How a metric is printed: its values times ``factor``, then ``of_values``.

    Differences of shares are points, as their values are percents: 1 point is 0.01 of a share.
    """

    factor: float
    of_values: str
    of_spreads: str

    def value(self, number: float | None) -> str:
        """Return a value of the metric, such as ``85.51 %``."""
        if number is None or not math.isfinite(number):
            return _odd(number)
        # Adding 0 takes the sign from a zero that was rounded.
        plain = number + 0.0
        shown = f"{round(plain * self.factor, 2) + 0.0:.2f}" if self.of_values else f"{plain:.6g}"
        return f"{shown}{self.of_values}"

    def extent(self, low: float | None, high: float | None) -> str:
        """Return the smallest and the largest value, such as ``78.84 to 86.91 %``."""
        first, last = self.value(low), self.value(high)
        return last if first == last else f"{first.removesuffix(self.of_values)} to {last}"

    def spread(self, number: float | None) -> str:
        """Return a difference or a standard deviation without its unit, such as ``1.2``."""
        if number is None or not math.isfinite(number):
            return _odd(number)
        if self.of_spreads:
            return numbers.points(number * self.factor)
        # Trailing zeros are digits too: 1.20 beside 0.953.
        return f"{number:#.3g}".removesuffix(".") if number else "0"

    def apart(self, number: float) -> str:
        """Return a difference with its unit, such as ``8.07 points``."""
        text = self.spread(number)
        return f"{text} {self.of_spreads}" if self.of_spreads and number else text

    def signed(self, number: float) -> str:
        """Return a difference with its sign and without its unit, such as ``+0.50``."""
        if not math.isfinite(number):
            return self.value(number)
        size = self.spread(abs(number)) if self.of_spreads else f"{abs(number):.3g}"
        return f"{'−' if number < 0 else '+'}{size}"

    def interval(self, answer: Interval | NotAssessable) -> str:
        """Return both ends of an interval of a standard deviation, as :meth:`spread` does."""
        if isinstance(answer, NotAssessable):
            return NOT_ASSESSABLE
        return f"{self.spread(answer.low)} to {self.spread(answer.high)}"


def _odd(number: float | None) -> str:
    if number is None:
        return NONE
    return "NaN" if math.isnan(number) else "∞" if number > 0 else "−∞"


_PERCENT = Unit(factor=100.0, of_values=" %", of_spreads="points")
_RECORDED_IN_PERCENT = Unit(factor=1.0, of_values=" %", of_spreads="points")
_PLAIN = Unit(factor=1.0, of_values="", of_spreads="")


def unit(metric: str, values: Iterable[float | None] = ()) -> Unit:
    """Return how ``metric`` is printed: accuracies in percent, all else as it is.

    ``values`` are what was recorded: percents are printed as they are, and what is neither a share
    nor a percentage throughout has no unit.
    """
    recorded = list(values)
    if in_percent(metric, recorded):
        return _RECORDED_IN_PERCENT
    return _PERCENT if in_shares(metric, recorded) else _PLAIN


def unit_of(experiment: ExperimentFindings, metric: str | None = None) -> Unit:
    """Return how a metric of an experiment is printed, by default its primary one."""
    name = metric or experiment.primary or ""
    ranges: list[Precision | Cell] = [
        measured.precision
        for measured in experiment.precision
        if measured.metric == name and isinstance(measured.precision, Precision)
    ]
    if not ranges and name == experiment.primary:
        ranges += experiment.cells
    return unit(name, (end for own in ranges for end in (own.minimum, own.maximum)))


def percent(share: float | None) -> str:
    """Return a share or a probability in percent."""
    return NONE if share is None else numbers.percent(share)


def unknown(answer: NotAssessable) -> str:
    """Return why there is no answer, and what is missing for one."""
    return f"not assessable: {answer.why} (missing: {answer.missing})"


def agreement(experiments: Sequence[ExperimentFindings]) -> str:
    """Return what runs do that can't be told apart, and in what of all that a run has.

    It is only to the last bit if that was recorded.
    """
    vague = [experiment for experiment in experiments if experiment.only_counts]
    if not vague:
        grades = [own.outcomes.grade for own in experiments if isinstance(own.outcomes, Outcomes)]
        compared = list(dict.fromkeys(COMPARED[grade] for grade in sorted(grades)))
        what = f" in their {' or '.join(compared)}" if compared else ""
        return f"agree to the last bit{what}"
    metrics = {metric for experiment in vague for metric in experiment.metrics}
    if all(map(is_share, metrics)):
        return "have the same accuracy"
    return f"have the same {metrics.pop() if len(metrics) == 1 else 'metrics'}"


def interval(answer: Interval | NotAssessable, factor: float = 1.0) -> str:
    """Return both ends of an interval, in the unit that ``factor`` makes."""
    if isinstance(answer, NotAssessable):
        return NOT_ASSESSABLE
    return f"{answer.low * factor:.3g} to {answer.high * factor:.3g}"


def ends(low: float | None, high: float | None, digits: int = 4) -> str:
    """Return both ends of a range, or the one number that they are in so many digits."""
    first, last = (
        _odd(end) if end is None or not math.isfinite(end) else f"{end + 0.0:.{digits}g}"
        for end in (low, high)
    )
    return first if first == last else f"{first} to {last}"


def count(number: int, single: str, many: str = "") -> str:
    """Return a number with its noun."""
    return f"{number:,} {single if number == 1 else many or single + 's'}"


def names(several: Sequence[str], most: int = 4) -> str:
    """Return names, the first ``most`` of them and how many more there are."""
    shown = ", ".join(several[:most])
    return f"{shown} and {len(several) - most} more" if len(several) > most else shown


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    *,
    right: Sequence[str] = (),
    most: int | None = None,
) -> Table:
    """Return a table of at most ``most`` rows that knows how many it leaves out."""
    every = [tuple(row) for row in rows]
    shown = every if most is None else every[:most]
    return Table(
        columns=tuple(columns), rows=tuple(shown), right=tuple(right), more=len(every) - len(shown)
    )


def reasons(answers: Iterable[tuple[str, object]]) -> tuple[str, ...]:
    """Return a sentence for each reason why something is not assessable, and what it is.

    ``answers`` are pairs of what was asked and what was answered.
    """
    asked_by_reason: dict[str, list[str]] = {}
    for asked, answer in answers:
        if isinstance(answer, NotAssessable):
            asked_by_reason.setdefault(unknown(answer), []).append(asked)
    return tuple(
        f"{names(list(dict.fromkeys(asked)), 3)}: {why}" for why, asked in asked_by_reason.items()
    )
