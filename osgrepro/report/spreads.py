"""How far results are apart, and what that compares with: another seed, another test set."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

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


def steadier(cells: Sequence[Cell], span: Range) -> tuple[Range, float] | None:
    """Return the range without the one run that is its end alone, and that run's value.

    None where no run is such an end that most of its own cell's range rests on it, too.
    """
    ends = [
        (place, cell.lone)
        for place, cell in enumerate(cells)
        if cell.lone is not None and cell.lone.value in (span.low, span.high)
    ]
    ranges = []
    for place, lone in ends:
        rest_runs = [
            *cells[:place],
            replace(cells[place], minimum=lone.low, maximum=lone.high),
            *cells[place + 1 :],
        ]
        if (rest := spanned(rest_runs)) is not None and rest.spread < span.spread:
            ranges.append((rest, lone.value))
    return min(ranges, key=lambda pair: pair[0].spread, default=None)


def besides(experiment: ExperimentFindings, span: Range) -> Iterator[str]:
    """Yield what a range alone does not tell: one machine's, missing numbers, and seeds."""
    cells = [cell for cell in experiment.cells if cell.ok]
    if span.spread:
        yield from _alone(cells, words.unit_of(experiment))
    yield from numberless(cells)
    if span.spread:
        yield from confounded(experiment)


def unnumbered(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield which experiments gave no number at all, which have no range."""
    for experiment in experiments:
        runs = sum(cell.ok for cell in experiment.cells)
        if runs and experiment.primary and spanned(experiment.cells) is None:
            yield (
                f"{experiment.name} has no range of {experiment.primary}: in each cell some of its "
                f"{words.count(runs, 'run')} gave no number (NaN, an infinity or nothing)."
            )


def _alone(cells: Sequence[Cell], unit: words.Unit) -> Iterator[str]:
    """Yield how far apart the runs of one cell are, where some are, and if that is one run."""
    own = [
        (cell.maximum - cell.minimum, cell)
        for cell in cells
        if cell.maximum is not None and cell.minimum is not None and cell.seeds == 1
    ]
    spread, cell = max(own, key=lambda pair: pair[0], default=(0.0, None))
    if not spread or cell is None:
        return
    place = f"{cell.hardware} with {cell.software}"
    of = f"Runs on {place} that nothing seeded" if cell.unseeded else f"Repeats on {place} alone"
    text = f"{of} are {unit.apart(spread)} apart"
    if cell.lone is not None:
        rest, value = unit.apart(cell.lone.high - cell.lone.low), unit.value(cell.lone.value)
        text += f"; without one of the {cell.ok} runs ({value}) they are {rest} apart"
    yield f"{text}."


def numberless(cells: Sequence[Cell]) -> Iterator[str]:
    """Yield in how many cells some run has no place in a range, if in any."""
    if lacking := sum(cell.mean is None for cell in cells):
        where = words.count(lacking, "cell")
        yield f"In {where} some runs gave no number (NaN, an infinity or nothing)."


def by_processor(cells: Sequence[Cell], span: Range, unit: words.Unit) -> str:
    """Return how much of a range is among CPUs and how much among GPUs, the more first.

    Machines are compared within one image: over several, what an image changes counts as well.
    """
    parts = _parts(cells)
    several = len({cell.software for cell in cells}) > 1
    # Where nothing of the machines was recorded, nobody knows that they had no GPU.
    recorded = len(parts) > 1 or parts[0].name == "GPUs" or any(cell.kinds for cell in cells)
    # Those on other processors may have given no number.
    every = "all" if len({cell.gpu for cell in cells}) == 1 else "numbers"
    only = f", {every} on {parts[0].name}" if len(parts) == 1 and recorded else ""
    only += " alone" if only and every == "numbers" else ""
    if len(parts) == 1 and not several:
        return only
    images = {part.software for part in parts if part.spread} if several else set()
    ranges = [_within(part, unit, on=len(parts) > 1, image=len(images) > 1) for part in parts]
    if len(images) == 1:
        both = "both " if sum(part.spread > 0 for part in parts) > 1 else ""
        ranges[-1] += f" ({both}{images.pop()})"
    more = f", and more {_between(cells)}" if parts[0].spread < span.spread else ""
    return f"{only}: {'within one image at most ' if several else ''}{' and '.join(ranges)}{more}"


@dataclass(frozen=True, slots=True)
class _Part:
    """The runs on one kind of processor: the largest range within one image, and the image."""

    name: str
    spread: float
    software: str


def _parts(cells: Sequence[Cell]) -> list[_Part]:
    """Return the ranges on CPUs and on GPUs, the larger first, and of the same image if can be."""
    ranges = [
        [_Part(name, spread, image) for image, spread in _by_image(own).items()]
        for name, gpu in (("CPUs", False), ("GPUs", True))
        if (own := [cell for cell in cells if cell.gpu == gpu])
    ]
    widest = [max(own, key=lambda part: part.spread) for own in ranges if own]
    first = max(widest, key=lambda part: part.spread)
    # Of two images that are as wide, but for the rounding of a difference, the one named before.
    widest = [
        next(
            (p for p in own if p.software == first.software and math.isclose(p.spread, w.spread)),
            w,
        )
        for own, w in zip((own for own in ranges if own), widest, strict=True)
    ]
    return sorted(widest, key=lambda part: -part.spread)


def _by_image(cells: Sequence[Cell]) -> dict[str, float]:
    """Return how far results are apart within each image that has numbers."""
    spans = {
        image: spanned([cell for cell in cells if cell.software == image])
        for image in dict.fromkeys(cell.software for cell in cells)
    }
    return {image: span.spread for image, span in spans.items() if span is not None}


def _within(part: _Part, unit: words.Unit, *, on: bool, image: bool) -> str:
    """Return how far results are apart, on which processors, and in which image."""
    where = f" on {part.name}" if on else ""
    return (
        f"{unit.apart(part.spread)}{where}{f' ({part.software})' if image and part.spread else ''}"
    )


def _between(cells: Sequence[Cell]) -> str:
    """Return between what results are farther apart than within an image on one processor."""
    whole = spanned(cells)
    within = max(_by_image(cells).values(), default=0.0)
    images = whole is not None and within < whole.spread
    return "between images" if images else "between CPUs and GPUs"


def confounded(experiment: ExperimentFindings) -> Iterator[str]:
    """Yield that a range over machines is one over seeds as well.

    It is where not every environment ran with the same seeds; else there is nothing to say.
    """
    outcomes = experiment.outcomes
    if isinstance(outcomes, NotAssessable) or (shared := outcomes.shared) is None:
        return
    if shared.environments < 2 or shared.everywhere == outcomes.seeds:
        return
    if shared.compared:
        everywhere = f"only {shared.everywhere}" if shared.everywhere else "none"
        yield (
            f"Of the {outcomes.seeds} seeds {everywhere} ran in every environment, so part of the "
            "range may be due to seeds."
        )
    else:
        yield (
            "No two environments ran with the same seed, so the range may be due to seeds as much "
            "as to machines or software."
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
            if (rest := steadier(experiment.cells, span)) is not None:
                much += f" ({rest[0].spread / error:.2g} times but for one run)"
            known.append(
                f"the {unit.apart(span.spread)} of all runs of {experiment.name}{are} {much}"
            )
        else:
            unknown.append(experiment.name)
    if known:
        more = f"; that of {listed(unknown)} is not known" if unknown else ""
        yield (
            "Beside the test set's sampling error (one standard error, what another test set of "
            f"its size would change): {', '.join(known)}{more}."
        )
    else:
        mixed = any(any(confounded(experiment)) for experiment, _ in ranged)
        several = any(cell.seeds > 1 for experiment, _ in ranged for cell in experiment.cells)
        seeds = "what a seed changes was not measured"
        if mixed:
            seeds = "what a seed changes is not told apart from what a machine changes"
        elif several:
            seeds = "what a seed changes is part of it"
        yield (
            f"Nothing tells whether that is much: {seeds}, and no sampling "
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
