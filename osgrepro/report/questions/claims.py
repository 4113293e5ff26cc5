"""Verdicts and claims, and remarks on the data."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence

from osgrepro.analysis.findings import (
    NO,
    NOT_ASSESSABLE,
    PARTLY,
    UNDECIDED,
    YES,
    ClaimCell,
    ClaimFindings,
    Findings,
    NotAssessable,
    Note,
    SameAnswer,
)
from osgrepro.common.numbers import p_is
from osgrepro.report import words
from osgrepro.report.questions import claim_tables
from osgrepro.report.values import Section


def verdicts(findings: Findings) -> Section:
    """Return the answer at each level of reproducibility: the report's first screen."""
    rows = [
        (verdict.level, verdict.says or verdict.answer, verdict.text)
        for verdict in findings.verdicts
    ]
    return Section(
        title="Verdict",
        name="verdict",
        level=1,
        lines=data(findings),
        table=words.table(("level", "reproducible", "why"), rows),
    )


def data(findings: Findings) -> tuple[str, ...]:
    """Return what was analysed, and what of it is not what it seems to be."""
    analysed, labels = findings.data, findings.data.labels
    if not analysed.rows:
        return ("No run is of the campaign's current definitions, so nothing was analysed.",)
    low, high = analysed.repeats
    lines = [
        f"{words.count(analysed.rows, 'run')}, {analysed.failed:,} of them failed: "
        f"{words.count(len(analysed.experiments), 'experiment')} × "
        f"{len(analysed.hardware)} hardware × "
        f"{words.count(len(analysed.software), 'software environment')}, "
        f"{f'{analysed.seeds} seeds, ' if analysed.seeds > 1 else ''}"
        f"{words.count(low, 'run') if low == high else f'{low} to {high} runs'} a cell"
        f"{' and seed' if analysed.seeds > 1 else ''}."
    ]
    if imported := labels.get("imported"):
        lines.append(f"Origin: {words.count(imported, 'run')} imported from an archive.")
    # First of all: what follows of such a metric would be taken for a finding about hardware.
    lines += [note.text for note in findings.design if note.kind == "two units"]
    return tuple(lines)


def provenance(findings: Findings) -> Iterator[str]:
    """Yield which part of the data this is, and what is not what it seems to be."""
    if findings.data.part:
        yield f"Only a part of the dataset: {'; '.join(findings.data.part)}."
    if any(note.kind == "two units" for note in findings.design):
        yield "Doubtful: a metric seems to be in two units, of which its range tells (see Verdict)."
    labels = findings.data.labels
    special = [f"{labels[name]:,} {words_}" for name, words_ in _LABELS.items() if labels.get(name)]
    if special:
        yield f"Not what they seem: {', '.join(special)}."
    if copies := findings.data.copies:
        yield (
            f"{words.count(copies, 'further run')} on emulated copies of these machines: no "
            "further machines, they confirm or refute what was found and count in nothing else."
        )


_LABELS = {
    "emulated": "runs on emulated hardware",
    "simulated_gpu": "runs on a simulated GPU (they trained on the CPU)",
    "sample_data": "runs on small sample data",
}


def claims(judged: Sequence[ClaimFindings], most: int | None) -> tuple[Section, ...]:
    """Return each claim with its answer in every environment, those that flip first."""
    if not judged:
        none = "No claim was declared: whether a conclusion survives is not assessable."
        how = "Declare one as [[claim]] in the campaign, or ask with --claim."
        return (Section(title="Claims", level=1, lines=(none, how), name="claims"),)
    return (
        Section(title="Claims", level=1, name="claims"),
        *(_claim(claim, most) for claim in judged),
    )


def _claim(claim: ClaimFindings, most: int | None) -> Section:
    majority = claim.holds >= claim.against
    cells = sorted(claim.cells, key=lambda cell: (not flipped(cell, majority), cell.hardware))
    columns, rows = claim_tables.judged(claim, cells, tuple(map(answer, cells)))
    lines = [
        f"{claim.statement}: {claim.answer}. {claim.text}",
        *_reach(claim, majority),
        *_apart(claim),
        *_equivalence(claim),
        *_chance(claim),
    ]
    lines += [f"Instead with {name}: {_SAME[same]}." for name, same in claim.alternatives.items()]
    table = words.table(columns, rows, right=columns[2:-1], most=most) if rows else None
    return Section(title=claim.name, level=2, lines=tuple(lines), table=table, name="claim")


_SAME: Mapping[SameAnswer, str] = {
    True: "the same answer everywhere",
    False: "another answer",
    UNDECIDED: UNDECIDED,
    None: NOT_ASSESSABLE,
}


def flipped(cell: ClaimCell, majority: bool) -> bool:
    """Whether an environment contradicts those that hold, if they are the ``majority``, or not."""
    return cell.contradicts if majority else cell.holds


def side(cell: ClaimCell) -> str:
    """Return whether a claim holds in an environment."""
    return YES if cell.holds else NO if cell.contradicts else UNDECIDED


def answer(cell: ClaimCell) -> str:
    """Return the same, and that single runs say both where they do and their mean decides."""
    return f"{side(cell)}, by the mean of runs on both sides" if cell.divided else side(cell)


def bound(claim: ClaimFindings) -> str:
    """Return what an agreement of so few machines leaves open, as a part of a sentence."""
    if isinstance(claim.interval, NotAssessable) or claim.flips:
        return ""
    high = words.percent(claim.interval.high)
    return f"on up to {high} of all machines like these it may be otherwise"


def _reach(claim: ClaimFindings, majority: bool) -> Iterator[str]:
    """Yield how many environments contradict the others, and what that says of further ones."""
    if isinstance(claim.interval, NotAssessable):
        yield f"How many of such environments contradict: {words.unknown(claim.interval)}."
        return
    low, high, sure = map(
        words.percent,
        (
            claim.interval.low,
            claim.interval.high,
            claim.interval.confidence,
        ),
    )
    decided = claim.holds + claim.against
    of = f"{decided} that decide" if decided < claim.environments else f"{decided}"
    if not claim.flips:
        method = claim.interval.method
        yield f"None of {of} contradicts the others; {bound(claim)} ({sure} confidence, {method})."
        return
    if claim.holds == claim.against:
        sides = f"As many say {YES} as {NO}, {claim.flips} of {of} each"
    else:
        verb = "contradicts" if claim.flips == 1 else "contradict"
        sides = f"{claim.flips} of {of} {verb} the others, which say {YES if majority else NO}"
    yield (
        f"{sides}: {words.percent(claim.share)} ({low} to {high}, {sure} "
        f"confidence, {claim.interval.method}). Two laboratories disagree with a probability of "
        f"{words.percent(claim.disagree)}; to see it with 95 % takes "
        f"{words.count(claim.needed or 0, 'environment')}."
    )


def _apart(claim: ClaimFindings) -> Iterator[str]:
    """Yield whether the environments' effects differ at all, and else what they are together."""
    apart = claim.heterogeneity
    if apart is None or len({cell.difference for cell in claim.cells}) == 1:
        return
    what = "effect" if any(cell.b is not None for cell in claim.cells) else "value"
    if apart.q is None:
        yield f"The {what} differs between environments: runs that agree end in other values."
        return
    sizes = (
        f"{_APART[apart.test]} = {apart.q:.3g}, {words.count(apart.degrees, 'degree')} of freedom, "
        f"{p_is(apart.p)}, I² = {words.percent(apart.i_squared)}"
    )
    if apart.p < claim.alpha:
        yield f"The {what} is not the same in every environment ({sizes})."
        return
    if claim.answer == PARTLY:
        why = _although(claim, what)
        yield f"All {what}s together do not show that they differ ({sizes}){why}."
        return
    text = f"Nothing shows that the {what} differs between environments ({sizes})"
    if mean := claim.together:
        sure = words.percent(1 - 2 * claim.alpha)
        on_average = claim_tables.in_unit(mean.value, claim, f"{mean.value:.4g}")
        low, high = (
            claim_tables.in_unit(end, claim, f"{end:.4g}") for end in (mean.low, mean.high)
        )
        text += f": on average it is {on_average} ({low} to {high}, {sure})"
        if mean.p_holm < claim.alpha:
            text += ", for which the claim holds"
        elif mean.p_against < claim.alpha:
            text += ", which contradicts the claim"
        else:
            text += ", which decides nothing"
    elif claim.flips:
        text += ": that some contradict the claim may be the scatter of their repeats or seeds"
    yield f"{text}."


_APART: Mapping[str, str] = {
    "": "Cochran's Q",
    "exact": "Cochran's Q",
    "Welch": "Cochran's Q with Welch's correction",
    "Brown-Forsythe": "Q of Brown and Forsythe's test",
    "blocks": "Q with seeds or items as blocks",
    "signs": "Q of items, by their changes of sign",
}


def _although(claim: ClaimFindings, what: str) -> str:
    """Return why environments are of two minds although all together do not show it."""
    tested = [cell for cell in claim.cells if cell.p is not None]
    if any(cell.holds for cell in tested) and any(cell.contradicts for cell in tested):
        return f", but of one {what} environments could not be significant on both sides"
    if any(not math.isfinite(cell.difference) for cell in claim.cells):
        return ", but a run that ended in no number is another answer"
    return ", but repeats that agree leave no doubt of theirs"


def _equivalence(claim: ClaimFindings) -> Iterator[str]:
    """Yield what the intervals are held against, where the claim is that two are the same."""
    if claim.margin is None:
        return
    low, high = (claim_tables.in_unit(end, claim) for end in claim_tables.bounds(claim))
    yield (
        f"Two one-sided tests: it holds where the whole interval is between {low} and {high}, "
        "neither of them included, and is contradicted where it is outside."
    )
    if claim.answer == YES and claim.holds < claim.environments:
        yield (
            f"For all together it says that the root mean square of their distances from "
            f"{claim_tables.in_unit(claim.delta, claim)} is below the margin, not that each one is "
            f"within it."
        )
    yield from claim_tables.margin(claim)


def _chance(claim: ClaimFindings) -> Iterator[str]:
    """Yield of how many tests the p-values are."""
    if claim.tests > 1 and any(cell.p is not None for cell in claim.cells):
        yield (
            f"An environment decides where its p after Holm is below {claim.alpha:g}, so that any "
            f"false decision among the {claim.tests} tests of all environments, claims and "
            f"alternatives has at most that probability; its interval "
            f"({words.percent(1 - 2 * claim.alpha)}) is for it alone."
        )


def notes(title: str, remarks: Sequence[Note], none: str, more: int = 0) -> Section:
    """Return remarks, or ``none`` where there are none, and how many ``more`` there are."""
    lines = tuple(note.text for note in remarks) or (none,)
    rest = (f"And {words.count(more, 'more remark')}: see --full.",) if more > 0 else ()
    return Section(title=title, level=1, lines=(*lines, *rest))
