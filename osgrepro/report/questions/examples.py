"""Label churn in words: on how many test examples runs disagree, where, and on which.

Called by the sections; a terminal gets the sentences only where something differs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from osgrepro.analysis.findings import (
    ChurnFactor,
    ChurnLevel,
    ChurnPair,
    Examples,
    ExperimentFindings,
    Findings,
    NotAssessable,
    Note,
)
from osgrepro.report import words
from osgrepro.report.values import Section, Table

_BETWEEN: dict[ChurnFactor, str] = {
    "repeats": "repeats of one environment and seed",
    "hardware": "hardware, same software and seed",
    "software": "software, same hardware and seed",
    "environments": "any two environments, same seed",
    "seeds": "seeds of one environment",
}
_ACCURACY = words.unit("accuracy")
_SUBJECTS: dict[ChurnFactor, str] = {
    "environments": "two environments under one seed",
    "seeds": "two seeds of one environment",
    "repeats": "two repeats of one environment and seed",
}


def brief(experiment: ExperimentFindings) -> Iterator[Section]:
    """Yield what a terminal shows: nothing where all runs predict the same, or nobody knows."""
    known = experiment.examples
    if not isinstance(known, NotAssessable) and known.vectors > 1:
        title = f"Labels of {experiment.name}"
        yield Section(title=title, level=2, lines=tuple(_lines(known)), table=_levels(known))


def sections(experiment: ExperimentFindings, most: int | None) -> Iterator[Section]:
    """Yield what is known of single examples: levels, pairs of environments, classes, examples."""
    known = experiment.examples
    if isinstance(known, NotAssessable):
        return
    yield Section(
        title="Label churn",
        level=2,
        lines=tuple(_lines(known)),
        table=_levels(known) if known.vectors > 1 else None,
        name="churn",
    )
    if known.pairs:
        yield Section(
            title="Churn between environments",
            level=2,
            lines=("Cohen's κ is 1 where labels agree, and 0 where they agree as by chance.",),
            table=_pairs(known, most),
        )
    if known.flipping:
        yield _flips(known, most)
    if known.flipping and known.by_class:
        yield _classes(known, most)


def notes(findings: Findings) -> Iterator[Note]:
    """Yield why nothing is said of single examples, once for all experiments."""
    reasons: dict[NotAssessable, list[str]] = {}
    for experiment in findings.experiments:
        if isinstance(experiment.examples, NotAssessable):
            reasons.setdefault(experiment.examples, []).append(experiment.name)
    for reason, names in reasons.items():
        text = f"{words.names(names)}: label churn is {words.unknown(reason)}."
        yield Note(kind="label churn", text=text)


def _lines(known: Examples) -> Iterator[str]:
    items = words.count(known.items, "test example")
    if known.vectors == 1:
        yield f"All {words.count(known.runs, 'run')} predict the same label for each of {items}."
    else:
        yield from _disagreeing({level.between: level for level in known.levels}, known.items)
    if known.equal is not None:
        yield _equal(known.equal, known.items)
    if known.tied:
        yield (
            f"In {words.count(known.tied, 'environment')} several predictions are equally frequent "
            "among the repeats; the one nearest to all other runs stands for each."
        )
    if known.left_out:
        yield (
            f"{words.count(known.left_out, 'run')} left out: their labels are of other examples, "
            "or not recorded, or nobody seeded them."
        )


def _disagreeing(levels: Mapping[ChurnFactor, ChurnLevel], items: int) -> Iterator[str]:
    """Yield in a sentence on how many examples environments disagree, beside seeds and repeats."""
    amounts = [
        (subject, _amount(levels[between], items))
        for between, subject in _SUBJECTS.items()
        if between in levels
    ]
    if amounts:
        (subject, amount), *more = amounts
        rest = "".join(f", {subject} on {amount}" for subject, amount in more)
        yield f"Of {words.count(items, 'test example')}, {subject} disagree on {amount}{rest}."


def _amount(level: ChurnLevel, items: int) -> str:
    if not level.differing:
        return "none"
    share = words.percent(level.mean / items)
    return f"{_number(level.mean)} on average ({share}), at most {level.largest:,}"


def _number(examples: float) -> str:
    return f"{examples:,.0f}" if examples >= 100 else f"{examples:.3g}"


def _equal(pair: ChurnPair, items: int) -> str:
    accuracy = pair.accuracies[0] if pair.accuracies else None
    return (
        f"The same accuracy does not mean the same answers: {_name(pair.first)} and "
        f"{_name(pair.second)} are right equally often ({_ACCURACY.value(accuracy)}), and disagree "
        f"on {pair.churn:.0f} of {items:,} examples."
    )


def _name(environment: tuple[str, str]) -> str:
    software, hardware = environment
    return f"{hardware} ({software})"


def _levels(known: Examples) -> Table:
    every = {level.pairs for level in known.levels if level.between == "environments"}
    rows = [
        (
            _BETWEEN[level.between],
            f"{level.pairs:,}",
            f"{level.differing:,}",
            _number(level.mean),
            words.percent(level.mean / known.items),
            f"{level.largest:,}",
        )
        for level in known.levels
        # Where one of the two does not vary, the other one is all.
        if level.between not in ("hardware", "software") or level.pairs not in every
    ]
    columns = ("runs that differ in", "pairs", "that disagree", "examples", "share", "most")
    return words.table(columns, rows, right=columns[1:])


def _pairs(known: Examples, most: int | None) -> Table:
    rows = [
        (
            _alike(pair.first, pair.alike[0]),
            _alike(pair.second, pair.alike[1]),
            str(pair.seeds),
            _number(pair.churn),
            words.percent(pair.share),
            words.interval(pair.interval, 100),
            words.NONE if pair.kappa is None else f"{pair.kappa:.4f}",
            words.NONE
            if pair.accuracies is None
            else _ACCURACY.extent(*pair.accuracies).replace(" to ", " and "),
        )
        for pair in known.pairs
    ]
    columns = (
        *("environment", "and", "seeds", "examples", "share", "interval, 95 %", "κ"),
        "accuracies",
    )
    return words.table(columns, rows, right=columns[2:7], most=most)


def _alike(environment: tuple[str, str], alike: int) -> str:
    more = f" and {alike - 1} alike" if alike > 1 else ""
    return f"{_name(environment)}{more}"


def _flips(known: Examples, most: int | None) -> Section:
    lines = [
        f"Some environments disagree on {words.count(known.flipping, 'example')} of "
        f"{known.items:,}."
    ]
    if known.always is not None:
        lines[0] = f"{lines[0][:-1]}, under every seed on {known.always:,}."
    lines.append("An example is counted from 0; its share is that of pairs of environments.")
    rows = [
        (
            str(flip.example),
            words.NONE if flip.truth is None else str(flip.truth),
            words.names([str(label) for label in flip.labels]),
            words.percent(flip.share),
        )
        for flip in known.flips
    ]
    columns = ("example", "true label", "predicted", "pairs divided")
    table = words.table(columns, rows, right=("example", "true label", "pairs divided"), most=most)
    return Section(title="Examples that flip", level=2, lines=tuple(lines), table=table)


def _classes(known: Examples, most: int | None) -> Section:
    rows = [
        (str(own.label), f"{own.examples:,}", words.percent(own.share)) for own in known.by_class
    ]
    columns = ("true label", "examples", "pairs divided")
    return Section(
        title="Churn by class",
        level=2,
        lines=("On what share of a class's examples two environments disagree, on average.",),
        table=words.table(columns, rows, right=columns, most=most),
    )
