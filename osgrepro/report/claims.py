"""Verdicts, claims, and how far the evidence reaches."""

from __future__ import annotations

from collections.abc import Sequence

from osgrepro.findings import (
    ClaimFindings,
    ExperimentFindings,
    Findings,
    NotAssessable,
    Note,
)
from osgrepro.report import words
from osgrepro.report.values import Section


def verdicts(found: Findings) -> Section:
    """Return the answer at each level of reproducibility: the report's first screen."""
    rows = [(one.level, one.answer, one.text) for one in found.verdicts]
    return Section(
        title="Verdict",
        name="verdict",
        level=1,
        lines=data(found),
        table=words.table(("level", "reproducible", "why"), rows),
    )


def data(found: Findings) -> tuple[str, ...]:
    """Return what was analysed, and what of it is not what it seems to be."""
    told, labels = found.data, found.data.labels
    low, high = told.repeats
    lines = [
        f"{words.count(told.rows, 'run')}, {told.failed:,} of them failed: "
        f"{words.count(len(told.experiments), 'experiment')} × "
        f"{len(told.hardware)} hardware × {len(told.software)} software environments, "
        f"{f'{told.seeds} seeds, ' if told.seeds > 1 else ''}"
        f"{low if low == high else f'{low} to {high}'} runs a cell"
        f"{' and seed' if told.seeds > 1 else ''}."
    ]
    special = [f"{labels[name]:,} {words_}" for name, words_ in _LABELS.items() if labels.get(name)]
    if special:
        lines.append(f"Not what they seem: {', '.join(special)}.")
    if imported := labels.get("imported"):
        lines.append(f"Origin: {words.count(imported, 'run')} imported from an archive.")
    # First of all: what follows of such a metric would be taken for a finding about hardware.
    lines += [one.text for one in found.design if one.kind == "two units"]
    return tuple(lines)


_LABELS = {
    "emulated": "runs on emulated hardware",
    "simulated_gpu": "runs on a simulated GPU (they trained on the CPU)",
    "sample_data": "runs on small sample data",
}


def claims(found: Sequence[ClaimFindings], most: int | None) -> tuple[Section, ...]:
    """Return each claim with its answer in every environment, those that flip first."""
    if not found:
        none = "No claim was declared: whether a conclusion survives is not assessable."
        how = "Declare one as [[claim]] in the campaign, or ask with --claim."
        return (Section(title="Claims", level=1, lines=(none, how), name="claims"),)
    return (
        Section(title="Claims", level=1, name="claims"),
        *(_claim(one, most) for one in found),
    )


def _claim(one: ClaimFindings, most: int | None) -> Section:
    cells = sorted(one.cells, key=lambda cell: (cell.holds == (one.answer != "no"), cell.hardware))
    rows = [
        (
            cell.software,
            cell.hardware,
            f"{cell.a:.8g}",
            words.NONE if cell.b is None else f"{cell.b:.8g}",
            f"{cell.difference:.6g}",
            "yes" if cell.holds else "no",
        )
        for cell in cells
    ]
    columns = ("software", "hardware", "a", "b", "difference", "holds")
    other = {True: "the same answer everywhere", False: "another answer", None: "not assessable"}
    lines = [f"{one.statement}: {one.answer}. {one.text}"]
    if isinstance(one.interval, NotAssessable):
        lines.append(words.unknown(one.interval))
    lines += [f"Instead with {name}: {other[same]}." for name, same in one.alternatives.items()]
    table = words.table(columns, rows, right=columns[2:5], most=most) if rows else None
    return Section(title=one.name, level=2, lines=tuple(lines), table=table, name="claim")


def adequacy(experiment: ExperimentFindings, most: int | None) -> Section:
    """Return how far the evidence of an experiment reaches."""
    rows = [
        (
            one.software,
            str(one.hardware),
            str(one.distinct),
            "yes" if one.enough_laboratories else "no",
            *(
                words.NONE if isinstance(value, NotAssessable) else shown(value)
                for value, shown in (
                    (one.wilks, words.percent),
                    (one.coverage, words.percent),
                    (one.chao1, "{:.3g}".format),
                )
            ),
        )
        for one in experiment.adequacy
    ]
    columns = (
        "software",
        "hardware",
        "classes",
        "8 distinct labs",
        "Wilks",
        "Good-Turing",
        "Chao1",
    )
    asked = [
        (f"{what}, {one.software}", answer)
        for one in experiment.adequacy
        for what, answer in (
            ("Wilks", one.wilks),
            ("Good-Turing", one.coverage),
            ("Chao1", one.chao1),
        )
    ]
    lines = (*(f"{one.software}: {one.text}" for one in experiment.adequacy), *words.reasons(asked))
    table = words.table(columns, rows, right=columns[1:3] + columns[4:], most=most)
    return Section(
        name="adequacy", title="How far the evidence reaches", level=2, lines=lines, table=table
    )


def notes(title: str, found: Sequence[Note], none: str, more: int = 0) -> Section:
    """Return remarks, or ``none`` where there are none, and how many ``more`` there are."""
    lines = tuple(one.text for one in found) or (none,)
    rest = (f"And {words.count(more, 'more remark')}: see --full.",) if more > 0 else ()
    return Section(title=title, level=1, lines=(*lines, *rest))
