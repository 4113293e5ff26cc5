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


def by_processor(cells: Sequence[Cell], span: Range, unit: words.Unit) -> str:
    """Return how much of a range is among CPUs and how much among GPUs, the more first."""
    processors = {"CPUs": spanned([cell for cell in cells if not cell.gpu])}
    processors["GPUs"] = spanned([cell for cell in cells if cell.gpu])
    spreads = {name: own.spread for name, own in processors.items() if own}
    if len(spreads) < len(processors):
        (name,) = spreads
        # Where nothing of the machines was recorded, nobody knows that they had no GPU.
        recorded = name == "GPUs" or any(cell.kinds for cell in cells)
        return f", all on {name}" if recorded else ""
    ranked = sorted(spreads.items(), key=lambda own: -own[1])
    parts = [f"{points(spread, unit)} on {name}" for name, spread in ranked]
    between = ", and more between both" if ranked[0][1] < span.spread else ""
    return f": {' and '.join(parts)}{between}"


def confounded(experiment: ExperimentFindings) -> str:
    """Return that a range over machines is one over seeds as well, for a sentence's end.

    It is where not every environment ran with the same seeds; else there is nothing to say.
    """
    outcomes = experiment.outcomes
    if isinstance(outcomes, NotAssessable) or (shared := outcomes.shared) is None:
        return ""
    if shared.environments < 2 or shared.everywhere == outcomes.seeds:
        return ""
    if not shared.compared:
        return (
            "; no two environments ran with the same seed, so the range may be due to seeds as "
            "much as to machines or software"
        )
    everywhere = f"only {shared.everywhere}" if shared.everywhere else "none"
    return (
        f"; of the {outcomes.seeds} seeds {everywhere} ran in every environment, so part of the "
        "range may be due to seeds"
    )


def compared(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield what the ranges compare with: the test sets' sampling errors, where no seed does."""
    ranged = [(own, span) for own in experiments if (span := spanned(own.cells)) and span.spread]
    if not ranged or any(_by_seeds(own) for own, _ in ranged):
        return
    known: list[str] = []
    unknown: list[str] = []
    for experiment, span in ranged[:_EXPERIMENTS]:
        unit, error = words.unit_of(experiment), _sampling_error(experiment)
        if error:
            are = "" if known else " are"
            much = f"{span.spread / error:.2g} times as much"
            known.append(f"the {points(span.spread, unit)} of {experiment.name}{are} {much}")
        else:
            unknown.append(experiment.name)
    if known:
        more = f"; that of {listed(unknown)} is not known" if unknown else ""
        yield (
            "Beside the test set's sampling error (one standard error, what another test set of "
            f"its size would change): {', '.join(known)}{more}."
        )
    else:
        mixed = any(confounded(experiment) for experiment, _ in ranged)
        seeds = "is not told apart from what a machine changes" if mixed else "was not measured"
        yield (
            f"Nothing tells whether that is much: what a seed changes {seeds}, and no sampling "
            "error of the test set is known."
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
