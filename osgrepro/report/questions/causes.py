"""What goes along with the outcome class, and what emulation says of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from osgrepro.analysis.findings import (
    EMULATION_ANSWERS,
    Attribution,
    Cause,
    Confirmation,
    ExperimentFindings,
    Findings,
    JointAttribution,
    NotAssessable,
)
from osgrepro.report import words
from osgrepro.report.questions import chances
from osgrepro.report.questions.universal import is_attributed, universal
from osgrepro.report.values import Section


def attribution(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return the smallest sets of attributes that determine the class, with their evidence."""
    attributions = own_scopes(experiment.attribution)
    lines = [explained(attributed) for attributed in attributions]
    lines += chances.unlike(attributions)
    rows = [
        (attributed.software, attributed.scope, *group)
        for attributed in attributions
        for cause in chances.explanations(attributed)
        for group in _groups(cause)
    ]
    columns = ("software", "among", "values", "class", "hardware")
    table = words.table(columns, rows, most=most) if rows else None
    return Section(
        name="attribution",
        title="What goes along with the class",
        level=2,
        lines=tuple(lines),
        details=tuple(line for attributed in attributions for line in evidence(attributed)),
        table=table,
    )


def everywhere(findings: Findings, most: int | None) -> Section | None:
    """Return what determines the classes in several tables at once; None where there is one."""
    if not findings.joint:
        return None
    widest = _widest(findings.joint)
    rows = [
        (joint.attribution.scope, *group)
        for joint in widest
        for cause in chances.explanations(joint.attribution)
        for group in _groups(cause)
    ]
    columns = ("among", "values", "classes", "hardware")
    return Section(
        name="joint",
        title="What goes along with the classes everywhere",
        level=1,
        lines=_told_once(findings.joint, _together),
        details=_told_once(findings.joint, lambda joint, where: evidence(joint.attribution, where)),
        table=words.table(columns, rows, most=most) if rows else None,
    )


def together(findings: Findings) -> Section | None:
    """Return the same for a terminal: a sentence for the most tables, of CPUs and of GPUs."""
    several = [
        joint
        for joint in _widest(findings.joint)
        if joint.universal.sets or not isinstance(joint.attribution.causes, NotAssessable)
    ]
    if not several:
        return None
    lines = _told_once(several, _together)
    return Section(title="Everything together", level=2, lines=lines, name="joint")


def _widest(several: Sequence[JointAttribution]) -> Sequence[JointAttribution]:
    """Return those over all experiments or, where there is one experiment, all of them."""
    return [joint for joint in several if len(joint.experiments) > 1] or several


def _together(joint: JointAttribution, where: str) -> Iterator[str]:
    """Yield what determines the classes of several tables, and what fits each of them."""
    sentence = explained(joint.attribution, where)
    if is_attributed(joint):
        sentence = sentence.removesuffix(".") + (
            "; the smallest is the universal set, too, and fits each table among all its hardware."
        )
    yield sentence
    yield from universal(joint, where)


def _told_once(
    several: Sequence[JointAttribution],
    lines: Callable[[JointAttribution, str], Iterator[str]],
) -> tuple[str, ...]:
    """Return the lines of all, each once, with all the experiments that it is true of."""
    about: dict[str, list[JointAttribution]] = {}
    for joint in several:
        for line in lines(joint, _PLACE):
            about.setdefault(line, []).append(joint)
    return tuple(line.replace(_PLACE, _where(joints), 1) for line, joints in about.items())


def _where(several: Sequence[JointAttribution]) -> str:
    """Return the experiments of each, and in how many software environments."""
    experiments = "; ".join(words.names(joint.experiments) for joint in several)
    counts = sorted({len(joint.software) for joint in several})
    number = " or ".join(f"{count}" for count in counts[:-1])
    software = f"{number} or " * bool(number) + words.count(counts[-1], "software environment")
    return f"{experiments}{'; each' if len(several) > 1 else ''} in {software} together"


def own_scopes(attributions: Sequence[Attribution]) -> list[Attribution]:
    """Return those of CPUs and of GPUs or, where a software environment has neither, of all."""
    parts = {attributed.software for attributed in attributions if attributed.scope != "all"}
    return [
        attributed
        for attributed in attributions
        if attributed.scope != "all" or attributed.software not in parts
    ]


def explained(attributed: Attribution, where: str = "") -> str:
    """Return what determines the class in one software environment.

    ``where`` says which it is, if not its name does.
    """
    where = f"{where or attributed.software}, {_AMONG[attributed.scope]}"
    if isinstance(attributed.causes, NotAssessable):
        return f"{where}: {words.unknown(attributed.causes)}"
    seen = words.count(attributed.classes, "class", "classes")
    of = words.count(attributed.hardware, "hardware environment")
    if attributed.types < attributed.hardware:
        types = words.count(attributed.types, "type")
        of += (
            f" in {words.count(attributed.types, 'group')} by site (machines of one site end alike,"
            " and count once)"
            if attributed.by_site
            else f" of {types} of machine (machines of one type end alike, and count once)"
        )
    if attributed.odd:
        runs = words.count(sum(attributed.odd.values()), "odd run")
        of += f" (but for {runs} on {words.names(list(attributed.odd))})"
    if not attributed.causes:
        return f"{where}: {seen} in {of}; no recorded attributes determine the class."
    if not any(cause.attributes for cause in attributed.causes):
        return f"{where}: {seen} in {of}: nothing to explain."
    return f"{where}: {seen} in {of}{chances.consistent(attributed)}."


def evidence(attributed: Attribution, where: str = "") -> Iterator[str]:
    """Yield how many sets were searched, what refutes others, and what would tell these apart."""
    where = f"{where or attributed.software}, {_AMONG[attributed.scope]}"
    yield from (f"{where}: {line}." for line in chances.searched(attributed.chances))
    refuted: dict[tuple[str, str], list[str]] = {}
    for example in attributed.counterexamples:
        refuted.setdefault((example.first, example.second), []).append(_braced(example.attributes))
    for (first, second), several in refuted.items():
        yield (
            f"{where}: not by {' or '.join(several)} alone: {first} and {second} have the same "
            "values and different classes."
        )
    if attributed.next_run is not None:
        yield f"{where}: what would tell these apart: {attributed.next_run.text}."


def _braced(names: Sequence[str]) -> str:
    return f"{{{', '.join(names)}}}"


# Stands for the experiments of a line until it is known which they are.
_PLACE = "\0"
_AMONG: Mapping[str, str] = {"CPU": "CPU runs", "GPU": "GPU runs", "all": "all runs"}


def _groups(cause: Cause) -> Iterator[tuple[str, str, str]]:
    for group in cause.groups:
        values = ", ".join(f"{name} = {value}" for name, value in group.values.items())
        yield values, group.letter, words.names(group.hardware)


def confirmations(several: Sequence[Confirmation], most: int | None) -> Section | None:
    """Return what emulated runs say of remote ones; None where there are no emulated runs."""
    if not several:
        return None
    counts = {
        answer: sum(confirmation.answer == answer for confirmation in several)
        for answer in EMULATION_ANSWERS
    }
    rows = [
        (
            confirmation.experiment,
            confirmation.software,
            words.names(confirmation.remote),
            confirmation.remote_class,
            confirmation.answer,
            words.percent(confirmation.p_upper),
            confirmation.text,
        )
        for confirmation in several
    ]
    columns = ("experiment", "software", "hardware", "class", "answer", "p ≤", "why")
    return Section(
        title="Causal confirmation",
        name="confirmation",
        level=1,
        lines=(
            f"{', '.join(f'{number} {answer}' for answer, number in counts.items())}. p bounds the "
            "probability that a further emulated run differs (95 % confidence): the class was "
            "known beforehand, so that all emulated runs are trials.",
        ),
        table=words.table(columns, rows, most=most),
    )
