"""The finding in a few sentences, for a reader who has never heard of any statistic.

The effect before the count of classes: how far results are apart over all environments, on one
machine alone, on CPUs and on GPUs; where repeats disagree; what a claim's answer goes with.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from osgrepro.analysis.findings import (
    NO,
    NONDETERMINISTIC,
    PARTLY,
    TIED,
    YES,
    Cell,
    ClaimCell,
    ClaimFindings,
    ExperimentFindings,
    Findings,
)
from osgrepro.report import words
from osgrepro.report.questions import precision
from osgrepro.report.questions.claims import bound, provenance
from osgrepro.report.values import Section

# Experiments that have a sentence each; more are counted.
_EXPERIMENTS = 4
_NAMES = 4


@dataclass(frozen=True, slots=True)
class _Range:
    """The smallest and the largest value among cells, and how far they are apart."""

    low: float
    high: float

    @property
    def spread(self) -> float:
        return self.high - self.low


def headline(found: Findings) -> Section:
    """Return what was found, most important first; the section has no lines without a result."""
    lines = [
        *provenance(found),
        *_seeds(found.experiments),
        *_claims(found.claims),
        *_experiments(found.experiments),
        *_repeats(found.experiments),
    ]
    return Section(title="Finding", level=1, lines=tuple(lines), name="finding")


def _experiments(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield how far apart each experiment's results are, the farthest first."""
    ranged = [
        (experiment, span)
        for experiment in experiments
        if (span := _range(experiment.cells)) is not None
    ]
    # Spreads of unlike metrics have no order; of accuracies the largest comes first.
    ranged.sort(key=lambda pair: (words.unit(pair[0].primary or "").factor == 1, -pair[1].spread))
    for place, (experiment, span) in enumerate(ranged[:_EXPERIMENTS]):
        yield _spread(experiment, span, first=not place)
    if len(ranged) > _EXPERIMENTS:
        yield f"{words.count(len(ranged) - _EXPERIMENTS, 'more experiment')}: see below."


def _seeds(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield whether another machine changes more than another seed does, where several ran."""
    for experiment in experiments[:_EXPERIMENTS]:
        told = list(precision.against_seeds(experiment, experiment.primary))
        yield from (f"{experiment.name}, {text}" for text in told[:_NAMES])
        if len(told) > _NAMES:
            software = words.count(len(told) - _NAMES, "more software environment")
            yield f"{experiment.name}, {software}: see below."


def _spread(experiment: ExperimentFindings, span: _Range, *, first: bool) -> str:
    """Return one experiment's range over everything, and on what it is smaller or as large."""
    unit, cells = words.unit(experiment.primary or ""), [c for c in experiment.cells if c.ok]
    across = f" across {_across(cells)}" if first else ""
    if span.spread == 0:
        several = len({letter for cell in cells for letter in cell.classes}) > 1
        bits = ", although the runs differ in bits that it does not show" if several else ""
        value = unit.value(span.low)
        return f"{experiment.name} gave {experiment.primary} {value} in every run{across}{bits}."
    extent = f"{unit.extent(span.low, span.high)} ({_points(span.spread, unit)})"
    start = "The same code of " if first else ""
    text = f"{start}{experiment.name} gave {experiment.primary} {extent}{across}"
    cpus, gpus = (_range([c for c in cells if c.gpu is kind]) for kind in (False, True))
    if cpus and gpus:
        text += (
            f"; on CPUs alone it is {_points(cpus.spread, unit)} apart, "
            f"on GPUs {_points(gpus.spread, unit)}"
        )
    return f"{text}{_alone(cells, unit)}."


def _alone(cells: Sequence[Cell], unit: words.Unit) -> str:
    """Return how far apart the runs of one cell are, where some are."""
    own = [
        (cell.maximum - cell.minimum, cell)
        for cell in cells
        if cell.maximum is not None and cell.minimum is not None and cell.seeds == 1
    ]
    spread, cell = max(own, key=lambda pair: pair[0], default=(0.0, None))
    if not spread or cell is None:
        return ""
    of = f"repeats on {cell.hardware} with {cell.software} alone"
    return f"; {of} are {_points(spread, unit)} apart"


def _repeats(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield where repeats agree and where not, and where the same machine does both."""
    cells = [cell for experiment in experiments for cell in experiment.cells]
    moving = [cell for cell in cells if cell.repeatability == NONDETERMINISTIC]
    tied = [cell for cell in cells if cell.repeatability == TIED]
    if not moving and not tied:
        if any(cell.ok for cell in cells):
            yield "No run was repeated, so whether a machine agrees with itself is not known."
    elif not moving:
        yield f"Repeats {words.agreement(experiments)} in each of {words.count(len(tied), 'cell')}."
    else:
        if _only_gpus(moving, tied):
            yield f"Repeats {words.agreement(experiments)} on every CPU."
        for experiment in experiments:
            yield from _contrast(experiment)


def _contrast(experiment: ExperimentFindings) -> Iterator[str]:
    """Yield on which machines an experiment's repeats disagree, and with what they agree there."""
    moving = [cell for cell in experiment.cells if cell.repeatability == NONDETERMINISTIC]
    if not moving:
        return
    where, software = (
        _unique(getattr(c, name) for c in moving) for name in ("hardware", "software")
    )
    steady = _unique(
        cell.software
        for cell in experiment.cells
        if cell.repeatability == TIED and cell.hardware in where
    )
    text = f"On {_listed(where)}, repeats of {experiment.name} differ"
    text += f" with {_listed(software)}"
    if steady and not set(steady) & set(software):
        text += f", and {words.agreement([experiment])} with {_listed(steady)}"
    yield f"{text}."


def _only_gpus(moving: Sequence[Cell], tied: Sequence[Cell]) -> bool:
    return all(cell.gpu for cell in moving) and any(not cell.gpu for cell in tied)


def _claims(claims: Sequence[ClaimFindings]) -> Iterator[str]:
    """Yield what each claim's answer is, and with what it goes where it is not one."""
    for claim in [claim for claim in claims if claim.cells][:_EXPERIMENTS]:
        if claim.environments in (claim.holds, claim.against):
            every = "in every environment" if claim.holds else "in no environment"
            open_ = f"; {left}" if (left := bound(claim)) else ""
            yield (
                f"{claim.statement} holds {every}: {_ends(claim.cells, claim)} "
                f"in {len(claim.cells)} of them{open_}."
            )
        elif claim.answer == PARTLY:
            yield f"{claim.statement} {_divided(claim)}."
        elif claim.answer in (YES, NO) and claim.together:
            unit = words.unit(claim.metric)
            mean, low, high = (
                _signed(value, unit)
                for value in (claim.together.value, claim.together.low, claim.together.high)
            )
            points = f" {unit.of_spreads}" if unit.of_spreads else ""
            yield (
                f"{claim.statement} {'holds' if claim.answer == YES else 'does not hold'} on "
                f"average over {claim.environments} environments, between which nothing shows a "
                f"difference: {mean}{points} ({low} to {high})."
            )
        else:
            yield (
                f"{claim.statement} is undecided: of {claim.environments} environments it holds in "
                f"{claim.holds}, and {claim.against or 'none'} "
                f"contradict{'s' if claim.against <= 1 else ''} it; {_ends(claim.cells, claim)}."
            )


def _divided(claim: ClaimFindings) -> str:
    """Return with which factor the answers of a claim go, with the sizes of the effect."""
    for factor, other in (("software", "hardware"), ("hardware", "software")):
        parts: dict[str, list[ClaimCell]] = {}
        for cell in claim.cells:
            parts.setdefault(getattr(cell, factor), []).append(cell)
        yes = {name: own for name, own in parts.items() if all(cell.holds for cell in own)}
        no = {name: own for name, own in parts.items() if all(cell.contradicts for cell in own)}
        if len(parts) > 1 and len(yes) + len(no) == len(parts):
            where = _unique(getattr(cell, other) for cell in claim.cells)
            return (
                f"holds with {_sized(yes, claim)} and not with {_sized(no, claim)}, "
                f"on {'all' if len(where) > 1 else 'the only'} {other}"
            )
    undecided = claim.environments - claim.holds - claim.against
    return (
        f"holds in {claim.holds} of {claim.environments} environments"
        f"{f' and is undecided in {undecided}' if undecided else ''}, with no one factor: "
        f"{_ends(claim.cells, claim)}"
    )


def _sized(parts: dict[str, list[ClaimCell]], claim: ClaimFindings) -> str:
    cells = [cell for own in parts.values() for cell in own]
    return f"{_listed(list(parts))} ({_ends(cells, claim)})"


def _ends(cells: Sequence[ClaimCell], claim: ClaimFindings) -> str:
    """Return the smallest and the largest difference, in the metric's unit."""
    unit = words.unit(claim.metric)
    values = sorted(cell.difference for cell in cells if math.isfinite(cell.difference))
    if not values:
        return "no number"
    if all(cell.b is None for cell in cells):
        same = values[0] == values[-1]
        return unit.value(values[0]) if same else unit.extent(values[0], values[-1])
    low, high = (_signed(value, unit) for value in (values[0], values[-1]))
    ends = low if low == high else f"{low} to {high}"
    return f"{ends}{' points' if unit.of_spreads else ''}"


def _signed(value: float, unit: words.Unit) -> str:
    return f"{value * unit.factor:+.3g}".replace("-", "−")


def _range(cells: Sequence[Cell]) -> _Range | None:
    ends = [
        (cell.minimum, cell.maximum)
        for cell in cells
        if cell.minimum is not None and cell.maximum is not None
    ]
    if not ends:
        return None
    return _Range(min(low for low, _ in ends), max(high for _, high in ends))


def _across(cells: Sequence[Cell]) -> str:
    hardware, software = (
        _unique(getattr(c, name) for c in cells) for name in ("hardware", "software")
    )
    machines = words.count(len(hardware), "kind of machine", "kinds of machine")
    seeds = max(cell.seeds for cell in cells)
    each = f", with {seeds} seeds" if seeds > 1 else ""
    return f"{machines} and {words.count(len(software), 'software environment')}{each}"


def _points(spread: float, unit: words.Unit) -> str:
    if not spread:
        return "0"
    return f"{spread * unit.factor:.3g}{' points' if unit.of_spreads else ''}"


def _unique(names: Iterator[str]) -> list[str]:
    return sorted(dict.fromkeys(names))


def _listed(names: Sequence[str]) -> str:
    """Return names as in a sentence, the first few of them and how many more there are."""
    shown = list(names[:_NAMES])
    rest = len(names) - len(shown)
    if rest:
        return f"{', '.join(shown)} and {rest} more"
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else shown[0]
