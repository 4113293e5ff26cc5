"""The finding in a few sentences, for a reader who has never heard of any statistic.

The effect before the count of classes: how far results are apart over all environments, on one
machine alone, on CPUs and on GPUs; where repeats disagree; what a claim's answer goes with.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from osgrepro.analysis.findings import (
    NO,
    PARTLY,
    YES,
    Cell,
    ClaimCell,
    ClaimFindings,
    ExperimentFindings,
    Findings,
    MeanEffect,
    Outcomes,
)
from osgrepro.common.texts import among
from osgrepro.report import words
from osgrepro.report.questions import precision
from osgrepro.report.questions.claim_tables import unit_of, untested
from osgrepro.report.questions.claims import bound, provenance
from osgrepro.report.repeats import listed, repeats
from osgrepro.report.spreads import (
    Range,
    besides,
    by_processor,
    compared,
    numberless,
    spanned,
    steadier,
    unnumbered,
)
from osgrepro.report.values import Section
from osgrepro.report.why import why

# Experiments that have a sentence each; more are counted.
_EXPERIMENTS = 4
_NAMES = 4


def headline(findings: Findings) -> Section:
    """Return what was found, most important first; the section has no lines without a result."""
    lines = [
        *provenance(findings),
        *_seeds(findings.experiments),
        *_claims(findings.claims),
        *_experiments(findings),
        *unnumbered(findings.experiments),
        *repeats(findings.experiments),
        *compared(findings.experiments),
    ]
    return Section(title="Finding", level=1, lines=tuple(lines), name="finding")


def reasons(findings: Findings) -> Section | None:
    """Return why results differ; None where machines make no difference."""
    lines = tuple(why(findings))
    return Section(title="Why", level=1, lines=lines, name="why") if lines else None


def vocabulary(findings: Findings) -> Section | None:
    """Return what the words mean that everything uses; None where there is no result."""
    lines = tuple(_words(findings))
    return Section(title="Words", level=1, lines=lines, name="words") if lines else None


def _experiments(findings: Findings) -> Iterator[str]:
    """Yield how far apart each experiment's results are, the farthest first."""
    ranged = [
        (experiment, span)
        for experiment in findings.experiments
        if (span := spanned(experiment.cells)) is not None
    ]
    # Spreads of unlike metrics have no order; of accuracies the largest comes first.
    ranged.sort(key=lambda pair: (not words.unit_of(pair[0]).of_values, -pair[1].spread))
    for place, (experiment, span) in enumerate(ranged[:_EXPERIMENTS]):
        first = _spread(experiment, span, None if place else findings)
        yield " ".join([first, *besides(experiment, span)])
    if len(ranged) > _EXPERIMENTS:
        yield f"{words.count(len(ranged) - _EXPERIMENTS, 'more experiment')}: see below."


def _seeds(experiments: Sequence[ExperimentFindings]) -> Iterator[str]:
    """Yield whether another machine changes more than another seed does, where several ran."""
    for experiment in experiments[:_EXPERIMENTS]:
        sentences = list(precision.against_seeds(experiment, experiment.primary))
        yield from (f"{experiment.name}, {text}" for text in sentences[:_NAMES])
        if len(sentences) > _NAMES:
            software = words.count(len(sentences) - _NAMES, "more software environment")
            yield f"{experiment.name}, {software}: see below."


def _spread(experiment: ExperimentFindings, span: Range, findings: Findings | None) -> str:
    """Return one experiment's range, of the first, which has ``findings``, also over what it is."""
    unit, cells = words.unit_of(experiment), [c for c in experiment.cells if c.ok]
    across = f" across {_across(cells)}" if findings else ""
    of = _runs(experiment, findings) if findings else ""
    if span.spread == 0:
        several = len({letter for cell in cells for letter in cell.classes}) > 1
        lacking = " that gave a number" if any(numberless(cells)) else ""
        differ = several and not lacking
        bits = ", although the runs differ in bits that it does not show" if differ else ""
        every = f"in every run{lacking}{across}{f' ({of})' if of else ''}{bits}"
        return f"{experiment.name} gave {experiment.primary} {unit.value(span.low)} {every}."
    rest = steadier(cells, span)
    without = f"; {unit.apart(rest[0].spread)} but for one run" if rest else ""
    extent = f"{unit.extent(span.low, span.high)} ({unit.apart(span.spread)}{without})"
    text = f"{experiment.name} gave {experiment.primary} {extent}"
    if findings:
        text = f"The same code of {text} in single runs{across}. These are {of}"
    return f"{text}{by_processor(cells, span, unit)}."


def _claims(claims: Sequence[ClaimFindings]) -> Iterator[str]:
    """Yield what each claim's answer is, and with what it goes where it is not one."""
    for claim in [claim for claim in claims if claim.cells][:_EXPERIMENTS]:
        counted = words.count(claim.environments, "environment")
        if claim.environments in (claim.holds, claim.against):
            every = "in every environment" if claim.holds else "in no environment"
            if claim.unjudged:
                every += f" that can judge it, and {claim.unjudged} can't"
            if claim.divided:
                every += f", by means of runs that in {claim.divided} of them are on both sides"
            if means := untested(claim):
                every += f", {means}"
            open_ = f"; {left}" if (left := bound(claim)) else ""
            yield (
                f"{claim.statement} holds {every}: {_ends(claim.cells, claim)} "
                f"in {len(claim.cells)} of them{open_}."
            )
        elif claim.answer == PARTLY:
            yield f"{claim.statement} {_divided(claim)}."
        elif claim.answer in (YES, NO) and claim.together:
            yield (
                f"{claim.statement} {'holds' if claim.answer == YES else 'does not hold'} on "
                f"average over {counted}, between which nothing shows a "
                f"difference: {_mean(claim.together, claim)}."
            )
        else:
            yield (
                f"{claim.statement} is undecided: of {counted} it holds in "
                f"{claim.holds}, and {claim.against or 'none'} "
                f"contradict{'s' if claim.against <= 1 else ''} it; {_ends(claim.cells, claim)}."
            )


def _mean(together: MeanEffect, claim: ClaimFindings) -> str:
    """Return the mean over environments with its interval: a value, or by how much two differ."""
    unit = unit_of(claim)
    if all(cell.b is None for cell in claim.cells):
        return f"{unit.value(together.value)} ({unit.extent(together.low, together.high)})"
    mean, low, high = map(unit.signed, (together.value, together.low, together.high))
    return f"{mean}{' points' if unit.of_spreads else ''} ({low} to {high})"


def _divided(claim: ClaimFindings) -> str:
    """Return with which factor the answers of a claim go, with the sizes of the effect."""
    for factor, remaining in (("software", "hardware"), ("hardware", "software")):
        parts: dict[str, list[ClaimCell]] = {}
        for cell in claim.cells:
            parts.setdefault(getattr(cell, factor), []).append(cell)
        yes = {name: own for name, own in parts.items() if all(cell.holds for cell in own)}
        no = {name: own for name, own in parts.items() if all(cell.contradicts for cell in own)}
        if len(parts) > 1 and yes and no and len(yes) + len(no) == len(parts):
            return f"holds with {_sized(yes, claim)} and not with {_sized(no, claim)}, " + _where(
                parts.values(), remaining
            )
    for factor, counted in (("software", "machines"), ("hardware", "images")):
        if text := _uneven(claim, factor, counted):
            return text
    undecided = claim.environments - claim.holds - claim.against
    return (
        f"holds in {among(claim.holds, claim.environments, 'environment')}"
        f"{f' and is undecided in {undecided}' if undecided else ''}, and neither the software nor "
        f"the hardware alone says where: {_ends(claim.cells, claim)}"
    )


def _uneven(claim: ClaimFindings, factor: str, counted: str) -> str:
    """Return in how many cells of each level a claim holds, if all or none do in some level."""
    parts: dict[str, list[ClaimCell]] = {}
    for cell in claim.cells:
        parts.setdefault(getattr(cell, factor), []).append(cell)
    held = {name: sum(cell.holds for cell in cells) for name, cells in parts.items()}
    whole = [name for name, cells in parts.items() if held[name] in (0, len(cells))]
    if not whole or len(parts) > _LEVELS:
        return ""
    order = sorted(parts, key=lambda name: (name not in whole, -held[name]))
    says = [_in_level(name, held[name], parts[name], claim, counted) for name in order]
    return f"holds {'; '.join(says)}"


def _in_level(
    name: str, held: int, cells: Sequence[ClaimCell], claim: ClaimFindings, counted: str
) -> str:
    """Return on how many of its machines, or with how many images, a claim holds in a level."""
    where = f"{name} ({_ends(cells, claim)})"
    if held == len(cells):
        return f"with {where} everywhere"
    if not held:
        return f"with {where} nowhere"
    return f"with {where} on {held} of {len(cells)} {counted}"


# Of a factor with more levels a sentence for each is no finding.
_LEVELS = 4


def _where(parts: Iterable[Sequence[ClaimCell]], factor: str) -> str:
    """Return whether parts were on the same of another factor, which else may be the reason."""
    several = [{getattr(cell, factor) for cell in own} for own in parts]
    every, shared = set.union(*several), set.intersection(*several)
    if every == shared:
        return f"on {'all' if len(every) > 1 else 'the only'} {factor}"
    if shared:
        return f"on the {len(shared)} {factor} of {len(every)} that ran with each"
    return f"but not on the same {factor}, which may be why as well"


def _sized(parts: dict[str, list[ClaimCell]], claim: ClaimFindings) -> str:
    cells = [cell for own in parts.values() for cell in own]
    return f"{listed(list(parts))} ({_ends(cells, claim)})"


def _ends(cells: Sequence[ClaimCell], claim: ClaimFindings) -> str:
    """Return the smallest and the largest mean of a cell, or difference of two such means."""
    unit = unit_of(claim)
    values = sorted(cell.difference for cell in cells if math.isfinite(cell.difference))
    if not values:
        return "no number"
    if all(cell.b is None for cell in cells):
        same = values[0] == values[-1]
        if same:
            return f"a cell mean of {unit.value(values[0])}"
        return f"cell means of {unit.extent(values[0], values[-1])}"
    low, high = map(unit.signed, (values[0], values[-1]))
    ends = low if low == high else f"{low} to {high}"
    return f"cell means {ends}{' points' if unit.of_spreads else ''} apart"


def _words(findings: Findings) -> Iterator[str]:
    """Yield what the words mean that everything below uses."""
    if any(cell.ok for experiment in findings.experiments for cell in experiment.cells):
        yield (
            "A hardware environment is a kind of machine, a software environment an image, "
            "and an environment one with the other; a cell is an experiment in one; runs that "
            f"{words.agreement(findings.experiments)} are of one outcome class, and letters name "
            f"the classes, A the largest.{_finer(findings.experiments)}"
        )
    if any("{" in line for line in why(findings)):
        yield (
            "{a, b}: attributes of machines; all that are alike in a and b ended in the same class."
        )


def _finer(experiments: Sequence[ExperimentFindings]) -> str:
    """Return that runs may differ where nothing finer than metrics was recorded."""
    grades = {own.outcomes.grade for own in experiments if isinstance(own.outcomes, Outcomes)}
    if grades != {"O3"}:
        return ""
    return " Not all recorded weights or predictions, in which they may differ."


def _across(cells: Sequence[Cell]) -> str:
    """Return over how many environments a range is."""
    hardware, software = (
        len({getattr(cell, name) for cell in cells}) for name in ("hardware", "software")
    )
    machines = words.count(hardware, "hardware environment")
    if min(hardware, software) > 1:
        machines = f"{hardware} hardware"
    return f"{machines} and {words.count(software, 'software environment')}"


def _runs(experiment: ExperimentFindings, findings: Findings) -> str:
    """Return of how many runs a range is, and with which seeds."""
    runs = [cell.ok for cell in experiment.cells if cell.ok]
    repeats = f"{runs[0]}" if len(set(runs)) == 1 else f"{min(runs)} to {max(runs)}"
    return f"{words.count(sum(runs), 'run')}, {repeats} a cell{_with_seeds(experiment, findings)}"


def _with_seeds(experiment: ExperimentFindings, findings: Findings) -> str:
    """Return how many seeds the runs had; nothing of seeds that nobody recorded."""
    outcomes = experiment.outcomes
    cells = [cell for cell in experiment.cells if cell.ok]
    seeds = outcomes.seeds if isinstance(outcomes, Outcomes) else max(c.seeds for c in cells)
    if seeds > 1:
        return f", with {seeds} seeds"
    if any(cell.unseeded for cell in cells):
        return ""
    return ", seed not recorded" if findings.data.no_seed else ", all with the same seed"
