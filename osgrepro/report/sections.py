"""All sections of a report, in the order of a reader's questions.

What was found, why, and what to do next: these fit a first screen. Then what it rests on, and how
sure it is.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from osgrepro.analysis.findings import ExperimentFindings, Findings, NotAssessable, Note
from osgrepro.report import commands, summary, words
from osgrepro.report.headline import headline, reasons, vocabulary
from osgrepro.report.next_steps import next_steps
from osgrepro.report.questions import (
    adequacy,
    causes,
    claims,
    definitions,
    examples,
    outcomes,
    precision,
)
from osgrepro.report.values import DATASET, Section


def sections(
    findings: Findings,
    most: int | None = None,
    experiments: int | None = None,
    dataset: Path = DATASET,
) -> tuple[Section, ...]:
    """Return everything that was found; tables have at most ``most`` rows.

    Of several ``experiments`` no more than so many are told in full, the first ones, and a section
    says so. ``dataset`` is what commands call the dataset.
    """
    return (*_first(findings, most, dataset), *_sections(findings, most, experiments, dataset))


def brief(findings: Findings, dataset: Path = DATASET) -> tuple[Section, ...]:
    """Return the answer and what it rests on: what fits a terminal."""
    return (*_first(findings, 5, dataset), *_brief(findings, dataset))


def _sections(
    findings: Findings, most: int | None, experiments: int | None, dataset: Path
) -> Iterator[Section]:
    yield claims.verdicts(findings)
    if (numbers := summary.glance(findings, most)) is not None:
        yield numbers
    yield from claims.claims(findings.claims, most)
    yield from _left_out(findings, experiments, "of all, the table above has a line", dataset)
    for experiment in findings.experiments[:experiments]:
        yield from _experiment(experiment, most)
    if (shared := causes.everywhere(findings, most)) is not None:
        yield shared
    if (confirmed := causes.confirmations(findings.confirmations, most)) is not None:
        yield confirmed
    if findings.settings:
        yield claims.notes("Environment variables", findings.settings, "")
    if findings.threads:
        yield claims.notes("Threads", findings.threads, "")
    yield claims.notes("Design", findings.design, "The audit of the design found nothing.")
    yield claims.notes("Notes", (*findings.notes, *examples.notes(findings)), "None.")


def first(findings: Findings, dataset: Path = DATASET) -> tuple[Section, ...]:
    """Return what a stranger reads in ten seconds: the finding, why it is so, and what to do."""
    several = (headline(findings), reasons(findings), next_steps(findings, dataset))
    return tuple(section for section in several if section is not None and section.lines)


def _first(findings: Findings, most: int | None, dataset: Path) -> Iterator[Section]:
    """Yield the same with what a reader needs for it: the definitions, and the words."""
    if findings.definitions:
        yield definitions.definitions(findings.definitions, most)
    yield from first(findings, dataset)
    if (words_used := vocabulary(findings)) is not None:
        yield words_used


def _experiment(experiment: ExperimentFindings, most: int | None) -> Iterator[Section]:
    """Yield what happened, whether it matters, why, and how sure that is."""
    yield Section(title=experiment.name, level=1, lines=(primary(experiment),), name="experiment")
    yield outcomes.classes(experiment, most)
    yield outcomes.matrix(experiment, most)
    yield from examples.sections(experiment, most)
    yield precision.precision(experiment, most)
    yield causes.attribution(experiment, most)
    yield precision.components(experiment, most)
    yield outcomes.repeatability(experiment, most)
    yield adequacy.adequacy(experiment, most)


def _brief(findings: Findings, dataset: Path) -> Iterator[Section]:
    yield claims.verdicts(findings)
    if findings.claims:
        yield from claims.claims(findings.claims, 5)
    if (confirmed := causes.confirmations(findings.confirmations, 5)) is not None:
        yield confirmed
    for experiment in findings.experiments[:_EXPERIMENTS]:
        yield summary.summary(experiment)
        yield from examples.brief(experiment)
    yield from _left_out(findings, _EXPERIMENTS, "`--full` prints all of them", dataset)
    if (shared := causes.together(findings)) is not None:
        yield shared
    if findings.settings:
        yield claims.notes(
            "Environment variables", findings.settings[:5], "", len(findings.settings) - 5
        )
    remarks = (
        *_unscaled(findings),
        *_unexplained(findings),
        *_unknown(findings),
        *findings.threads,
        *findings.design,
    )
    if remarks:
        yield claims.notes("Limits", remarks[:_LIMITS], "", len(remarks) - _LIMITS)


def _left_out(findings: Findings, most: int | None, rest: str, dataset: Path) -> Iterator[Section]:
    """Yield how many experiments are not told of in full, and how to see one of them."""
    if most is not None and len(findings.experiments) > most:
        example = commands.alone(findings, dataset, findings.experiments[most].name)
        text = (
            f"The first {most} of {len(findings.experiments):,} experiments are told of; {rest}. "
            f"Any one of them alone: `{example}`."
        )
        yield Section(title="Experiments shown", level=1, lines=(text,), name="shown")


def _unscaled(findings: Findings) -> Iterator[Note]:
    """Yield once why spreads have no sampling error beside them."""
    lacking: dict[NotAssessable, dict[str, None]] = {}
    for experiment in findings.experiments:
        for measured in experiment.precision:
            error = measured.scale.sampling_error
            if measured.metric == experiment.primary and isinstance(error, NotAssessable):
                lacking.setdefault(error, {})[experiment.name] = None
    for error, experiments in lacking.items():
        text = f"{words.names(list(experiments))}: sampling errors are {words.unknown(error)}."
        yield Note(kind="sampling", text=text)


def _unexplained(findings: Findings) -> Iterator[Note]:
    """Yield in one line for which runs nothing can be said of what the class goes along with."""
    scopes = {
        attribution.scope: None
        for experiment in findings.experiments
        for attribution in experiment.attribution
        if attribution.scope != "all" and isinstance(attribution.causes, NotAssessable)
    }
    if scopes:
        where = " and ".join(f"{scope} runs" for scope in scopes)
        text = (
            f"What the outcome class of {where} goes along with can't be told everywhere; "
            "--full says why."
        )
        yield Note(kind="attribution", text=text)


def _unknown(findings: Findings) -> Iterator[Note]:
    """Yield where an attribution goes by a majority, or takes the unknown for a value."""
    return (note for note in findings.notes if note.kind in ("unknown values", "odd runs"))


def primary(experiment: ExperimentFindings) -> str:
    """Return which metric the experiment is judged by."""
    if experiment.primary is None:
        if not experiment.metrics:
            return "No metric was recorded."
        return f"No primary metric; recorded are {words.names(experiment.metrics, 8)}."
    return f"Its primary metric is {experiment.primary}."


_LIMITS = 8
# That a terminal tells of.
_EXPERIMENTS = 40
