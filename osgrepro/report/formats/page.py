"""Findings as one self-contained page: it opens from a mail attachment, and asks no network."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from osgrepro.analysis.findings import (
    NO,
    NOT_ASSESSABLE,
    PARTLY,
    UNDECIDED,
    YES,
    Cell,
    Findings,
)
from osgrepro.report import words
from osgrepro.report.figures import MOST_EXPERIMENTS, Figure, figures
from osgrepro.report.formats.document import document
from osgrepro.report.methods import METHODS, computed_with
from osgrepro.report.questions.outcomes import letters
from osgrepro.report.sections import sections
from osgrepro.report.values import DATASET, Section
from osgrepro.runs import render

# A page that a mail takes: what is beyond stands in the JSON and the CSV files.
_MOST_ROWS, _MOST_CELLS, _MOST_JSON_BYTES = 500, 2000, 1_500_000
# A reader's questions, and the sections of the first level that answer them.
_QUESTIONS = {
    "In short": ("Finding", "Why", "What next", "Words"),
    "What happened": ("Verdict", "At a glance"),
    "Does it matter?": ("Claims",),
    "Experiment by experiment": ("Experiments shown",),
    "Why, in full": (
        *("What goes along with the classes everywhere", "Causal confirmation"),
        *("Environment variables", "Threads"),
    ),
    "How sure is that?": ("Design", "Notes"),
}
_SYMBOLS = {YES: "✓", NO: "✗", PARTLY: "◐", UNDECIDED: "?", NOT_ASSESSABLE: "○"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """A figure, and its files as data URLs."""

    figure: Figure
    svg_url: str
    csv_url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Block:
    """A section with its figures and the id that links lead to."""

    id: str
    section: Section
    figures: tuple[Drawn, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Datum:
    """A word of the table of cells, and the number that it sorts by."""

    text: str
    number: float | None = None


def page(
    findings: Findings,
    title: str = "Findings",
    files: Mapping[str, str] | None = None,
    dataset: Path = DATASET,
) -> str:
    """Return everything that was found as an HTML page.

    Parameters
    ----------
    findings : Findings
        What an analysis found.
    title : str
        What was analysed.
    files : mapping of str to str, optional
        Where the result file of a run is, as a link from the page, by run_id.
    dataset : Path
        The dataset, as it is named in commands.
    """
    script = render.text("report/page.js")
    in_full = _json(findings, dataset)
    # The overview shows where repeats disagree.
    shown = replace(findings, experiments=findings.experiments[:MOST_EXPERIMENTS])
    drawn = [figure for figure in figures(shown) if figure.section != "repeatability"]
    parts = sections(findings, most=_MOST_ROWS, experiments=MOST_EXPERIMENTS, dataset=dataset)
    blocks = _blocks(parts, drawn)
    cells = [
        (experiment.name, cell) for experiment in findings.experiments for cell in experiment.cells
    ]
    return render.text(
        "report/page.html.j2",
        title=title,
        findings=findings,
        blocks=blocks,
        contents=_contents(blocks),
        explained={word: method.anchor for method in METHODS for word in method.explains},
        symbols=_SYMBOLS,
        columns=_COLUMNS,
        cells=[_row(name, cell, findings) for name, cell in cells[:_MOST_CELLS]],
        runs=[cell.run_ids for _, cell in cells[:_MOST_CELLS]],
        files=files or {},
        more_cells=max(0, len(cells) - _MOST_CELLS),
        methods=METHODS,
        computed=computed_with(findings.versions),
        script=script,
        script_hash=base64.b64encode(hashlib.sha256(script.encode()).digest()).decode(),
        json=in_full if len(in_full) <= _MOST_JSON_BYTES else None,
        json_url=_url("application/json", in_full) if len(in_full) <= _MOST_JSON_BYTES else None,
    )


def _contents(blocks: Sequence[Block]) -> list[tuple[str, list[Block]]]:
    """Return the sections of the first level by the question that they answer, in their order."""
    by_title = {title: question for question, titles in _QUESTIONS.items() for title in titles}
    grouped: dict[str, list[Block]] = {}
    for block in blocks:
        if block.section.level == 1:
            own = "Experiment by experiment" if block.section.name == "experiment" else "More"
            grouped.setdefault(by_title.get(block.section.title, own), []).append(block)
    return list(grouped.items())


def _json(findings: Findings, dataset: Path) -> str:
    """Return the findings as JSON that can stand in a script element."""
    text = json.dumps(document(findings, dataset), ensure_ascii=True, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _blocks(parts: Sequence[Section], drawn: Iterable[Figure]) -> list[Block]:
    """Return the sections with the figures that belong to them; no figure is lost.

    A table that repeats the figure above it is left out.
    """
    left = list(drawn)
    mapped = {figure.experiment for figure in left if figure.section == "classes"}
    blocks: list[Block] = []
    experiment = None
    for number, section in enumerate(parts):
        if section.level == 1:
            experiment = section.title if section.name == "experiment" else None
        if section.name == "cells" and experiment in mapped:
            continue
        names = ("finding", "overview") if section.name == "glance" else (section.name,)
        own = [
            figure for figure in left if figure.section in names and figure.experiment == experiment
        ]
        left = [figure for figure in left if figure not in own]
        files = tuple(_drawn(figure) for figure in own)
        blocks.append(Block(id=f"s{number}", section=section, figures=files))
    if left:
        more = Section(title="More figures", level=1)
        files = tuple(_drawn(figure) for figure in left)
        blocks.append(Block(id="more", section=more, figures=files))
    return blocks


def _drawn(figure: Figure) -> Drawn:
    return Drawn(
        figure=figure,
        svg_url=_url("image/svg+xml", figure.svg),
        csv_url=_url("text/csv;charset=utf-8", figure.csv),
    )


def _url(media_type: str, text: str) -> str:
    return f"data:{media_type};base64,{base64.b64encode(text.encode()).decode()}"


_COLUMNS = (
    "experiment",
    "software",
    "hardware",
    "runs",
    "failed",
    "classes",
    "repeats",
    "mean",
    "minimum",
    "maximum",
    "sd",
)


def _row(experiment: str, cell: Cell, findings: Findings) -> tuple[Datum, ...]:
    unit = next(words.unit_of(own) for own in findings.experiments if own.name == experiment)
    repeats: Any = cell.repeatability
    if not isinstance(repeats, str):
        repeats = NOT_ASSESSABLE
    return (
        *(Datum(text=text) for text in (experiment, cell.software, cell.hardware)),
        *(Datum(text=str(number), number=number) for number in (cell.ok, cell.failed)),
        Datum(text=letters(cell)),
        Datum(text=repeats),
        *(
            Datum(text=unit.value(number), number=number)
            for number in (cell.mean, cell.minimum, cell.maximum)
        ),
        Datum(text=unit.spread(cell.sd), number=cell.sd),
    )
