"""How far results are apart, and what that compares with: another seed, another test set."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osgrepro.analysis.findings import (
    AgainstSeeds,
    Cell,
    ExperimentFindings,
    MetricPrecision,
    NotAssessable,
)
from osgrepro.report import words
from osgrepro.report.repeats import listed

# Experiments that are named.
_EXPERIMENTS = 4


@dataclass(frozen=True, slots=True)
class Range:
    """The smallest and the largest value among cells, and how far they are apart."""

    low: float
    high: float

    @property
    def spread(self) -> float:
        """How far both ends are apart."""
        return self.high - self.low


def spanned(cells: Sequence[Cell]) -> Range | None:
    """Return the range of the primary metric over cells; None where none has numbers alone."""
    ends = [
        (cell.minimum, cell.maximum)
        for cell in cells
        if cell.minimum is not None and cell.maximum is not None
    ]
    if not ends:
        return None
    return Range(min(low for low, _ in ends), max(high for _, high in ends))


def numberless(cells: Sequence[Cell]) -> str:
    """Return in how many cells some run has no place in a range, for a sentence's end."""
    lacking = sum(cell.mean is None for cell in cells)
    if not lacking:
        return ""
    return f"; in {words.count(lacking, 'cell')} some runs gave none (NaN, an infinity or nothing)"


def points(spread: float, unit: words.Unit) -> str:
    """Return a difference with its unit, such as ``8.07 points``."""
    if not spread:
        return "0"
    return f"{spread * unit.factor:.3g}{' points' if unit.of_spreads else ''}"


def _unique(names: Iterator[str]) -> list[str]:
    return sorted(dict.fromkeys(names))


def compared(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield what the ranges compare with: the test sets' sampling errors, where no seed does."""
    ranged = [(own, span) for own in experiments if (span := spanned(own.cells)) and span.spread]
    if not ranged or any(_by_seeds(own) for own, _ in ranged):
        return
    told: list[str] = []
    unknown: list[str] = []
    for experiment, span in ranged[:_EXPERIMENTS]:
        unit, error = words.unit_of(experiment), _sampling_error(experiment)
        if error:
            are = "" if told else " are"
            much = f"{span.spread / error:.2g} times as much"
            told.append(f"the {points(span.spread, unit)} of {experiment.name}{are} {much}")
        else:
            unknown.append(experiment.name)
    if told:
        more = f"; that of {listed(unknown)} is not known" if unknown else ""
        yield (
            "Beside the test set's sampling error (one standard error, what another test set of "
            f"its size would change): {', '.join(told)}{more}."
        )
    else:
        yield (
            "Nothing tells whether that is much: what a seed changes was not measured, and no "
            "sampling error of the test set is known."
        )


def _by_seeds(experiment: ExperimentFindings) -> bool:
    """Whether it is measured what a seed changes in the primary metric."""
    return any(isinstance(own.against_seeds, AgainstSeeds) for own in _primary(experiment))


def _sampling_error(experiment: ExperimentFindings) -> float:
    """Return the largest standard error of the primary metric; 0 where none is known."""
    errors = [own.scale.sampling_error for own in _primary(experiment)]
    return max((own for own in errors if not isinstance(own, NotAssessable)), default=0.0)


def _primary(experiment: ExperimentFindings) -> Iterator[MetricPrecision]:
    return (own for own in experiment.precision if own.metric == experiment.primary)
