"""The command that writes the findings down for others: report."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

from osgrepro import report as pages
from osgrepro.cli import console
from osgrepro.cli.arguments import Only
from osgrepro.cli.results.analyze import (
    LIST,
    ClaimTexts,
    Cpus,
    Dataset,
    DefinitionIds,
    Gpus,
    show,
)
from osgrepro.common.errors import UsageError
from osgrepro.workflow.results import analyzing, reporting


class Format(str, Enum):
    """What a report can be."""

    HTML = "html"
    MARKDOWN = "markdown"
    JSON = "json"


Out = Annotated[
    Path | None,
    typer.Option(
        "-o",
        "--out",
        metavar="FILE",
        help="The file to write; by default DATASET-report.html beside the dataset.",
        show_default=False,
    ),
]
Title = Annotated[
    str | None,
    typer.Option("--title", metavar="TEXT", help="Its heading; by default the campaign's name."),
]
FiguresFolder = Annotated[
    Path | None,
    typer.Option(
        "--figures",
        metavar="DIR",
        help="Write each figure there, too: SVG, PDF, PNG, and its numbers as CSV.",
        show_default=False,
    ),
]
TablesFolder = Annotated[
    Path | None,
    typer.Option(
        "--tables",
        metavar="DIR",
        help="Write the tables of a paper there, too: LaTeX and Markdown.",
        show_default=False,
    ),
]
BibTeX = Annotated[
    bool,
    typer.Option(
        "--bibtex", help="Print the sources of the methods as BibTeX, and write no report."
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(report)


def report(
    dataset: Dataset,
    out: Out = None,
    format_: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.HTML,
    claim: ClaimTexts = None,
    definition: DefinitionIds = None,
    only: Only = None,
    cpus: Cpus = False,
    gpus: Gpus = False,
    title: Title = None,
    figures: FiguresFolder = None,
    tables: TablesFolder = None,
    bibtex: BibTeX = False,
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> None:
    """Write what a dataset says as one page that needs no network, or as Markdown or JSON."""
    if LIST in (definition or ()):
        show(pages.listed(analyzing.definitions(dataset)))
        return
    files = {"--out": out, "--figures": figures, "--tables": tables}
    if bibtex and (written := [name for name, path in files.items() if path]):
        raise UsageError(
            f"--bibtex and {', '.join(written)}: with --bibtex nothing is written",
            hint=f"run the command twice: once with --bibtex, once with {' '.join(written)}",
        )
    part = analyzing.part(only or (), cpus=cpus, gpus=gpus)
    path = out or reporting.target(dataset, format_.value)
    # What can't be written is said before minutes go into what it would say.
    if not bibtex and dataset.exists():
        reporting.check(path, force)
    findings = analyzing.analyze(dataset, analyzing.claims(claim or ()), definition or (), part)
    if bibtex:
        console.raw(pages.bibtex(findings))
        return
    heading = title or ", ".join(findings.data.campaigns) or dataset.name
    if figures is not None:
        drawn = reporting.save_figures(findings, figures, force=force)
        console.note(f"wrote {len(drawn)} figures to {figures}")
        for sentence in pages.remarks(findings, drawn):
            console.warn(sentence)
    if tables is not None:
        made = reporting.save_tables(findings, tables, force=force)
        console.note(f"wrote {len(made)} tables to {tables}")
    reporting.save(findings, heading, path, format_.value, dataset=dataset, force=force)
    for sentence in pages.sentences(findings.definitions):
        console.warn(sentence)
    for section in pages.first(findings, dataset):
        show(section)
    console.say("")
    console.note(f"wrote {path}")
