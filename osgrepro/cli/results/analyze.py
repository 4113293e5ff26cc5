"""The command that says what a dataset means: analyze."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from osgrepro import report
from osgrepro.analysis.findings import (
    NO,
    NOT_ASSESSABLE,
    PARTLY,
    UNDECIDED,
    YES,
    Findings,
    Requirement,
)
from osgrepro.cli import console
from osgrepro.cli.arguments import Json, Only
from osgrepro.common.errors import UsageError
from osgrepro.common.texts import command
from osgrepro.report import Section
from osgrepro.workflow.results import analyzing

_STYLES = {1: "bold underline", 2: "bold"}
_ANSWERS = {
    YES: "green",
    NO: "red",
    PARTLY: "yellow",
    UNDECIDED: "yellow",
    NOT_ASSESSABLE: "dim",
}

Dataset = Annotated[
    Path,
    typer.Argument(
        metavar="DATASET",
        help="A dataset, such as NAME.runs/dataset.parquet.",
        show_default=False,
    ),
]
ClaimTexts = Annotated[
    list[str] | None,
    typer.Option(
        "--claim",
        metavar="'EXPERIMENT.METRIC > NUMBER'",
        help="A claim to put to the test, besides those of the campaign. May be repeated. "
        "'A.METRIC = B.METRIC +- MARGIN' is of equivalence.",
        show_default=False,
    ),
]


DefinitionIds = Annotated[
    list[str] | None,
    typer.Option(
        "--definition",
        metavar="ID|all|list",
        help="Instead of the campaign's current definition of an experiment, analyse this one (the "
        "first digits do); several, or `all`, are compared side by side; `list` names them.",
        show_default=False,
    ),
]
Plans = Annotated[
    list[str] | None,
    typer.Option(
        "--plan",
        metavar="BOUND=NUMBER",
        help="Instead, say how many repeats, hardware environments or seeds a bound takes: "
        "p_upper=0.05, s_R=1.5, range=0.9, flips=0.1, seeds=3 or margin=0.005. May be repeated.",
        show_default=False,
    ),
]
Cpus = Annotated[bool, typer.Option("--cpus", help="Only runs that trained on a CPU.")]
Gpus = Annotated[bool, typer.Option("--gpus", help="Only runs that trained on a GPU.")]
LIST = "list"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command()(analyze)


def analyze(
    dataset: Dataset,
    claim: ClaimTexts = None,
    definition: DefinitionIds = None,
    plan: Plans = None,
    only: Only = None,
    cpus: Cpus = False,
    gpus: Gpus = False,
    full: Annotated[
        bool, typer.Option("--full", help="Print everything that was found, not only the answer.")
    ] = False,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print everything that was found as Markdown.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Say what is bitwise the same, what goes along with the difference, and which claims hold."""
    if markdown and as_json:
        raise UsageError(
            "--markdown and --json: the findings can be printed in one form only",
            hint="leave one of the two out, or run the command twice",
        )
    if LIST in (definition or ()):
        known = analyzing.definitions(dataset)
        if as_json:
            console.json([asdict(definition_row) for definition_row in known])
        else:
            show(report.listed(known))
        return
    part = analyzing.part(only or (), cpus=cpus, gpus=gpus)
    if plan:
        _check_alone({"--claim": bool(claim), "--full": full, "--markdown": markdown})
        _show_plan(analyzing.requirements(dataset, plan, definition or (), part), as_json=as_json)
        return
    findings = analyzing.analyze(dataset, analyzing.claims(claim or ()), definition or (), part)
    if as_json:
        console.json(report.document(findings, dataset))
    elif markdown:
        console.raw(report.markdown(findings, str(dataset), dataset))
    else:
        whole = report.sections(findings, most=40, dataset=dataset) if full else ()
        for section in whole or report.brief(findings, dataset):
            show(section)
        if not full:
            chosen = [word for text in claim or () for word in ("--claim", text)]
            _further(dataset, (*chosen, *findings.data.options), findings)


def _further(dataset: Path, chosen: Sequence[str], findings: Findings) -> None:
    """Say how to see more, to be pasted into a shell, whatever a stranger's dataset is called."""
    command_line = command("osgrepro", "analyze", dataset, *chosen)
    page = command("osgrepro", "report", dataset, *chosen)
    console.note(f"everything: {command_line} --full; a page: {page}")
    if not findings.claims and (example := _example(findings)):
        console.note(f"a conclusion: {command_line} {command('--claim', example)}")
        console.note("NUMBER is what you published or expected, not one that this dataset suggests")


def _check_alone(options: Mapping[str, bool]) -> None:
    """Refuse what has no meaning beside a plan, which is no analysis."""
    if given := [option for option, value in options.items() if value]:
        raise UsageError(
            f"--plan and {', '.join(given)}: a plan has only numbers of runs, no findings",
            hint=f"leave out {' and '.join(given)}, or analyse without --plan",
        )


def _show_plan(requirements: Sequence[Requirement], *, as_json: bool) -> None:
    if as_json:
        console.json([asdict(requirement) for requirement in requirements])
    else:
        show(report.required(requirements))


def _example(findings: Findings) -> str | None:
    """Return a claim that could be asked of an experiment, but for its number.

    A number of the dataset's own would make a claim that holds by how it was chosen.
    """
    for experiment in findings.experiments:
        if experiment.primary is not None and any(cell.ok for cell in experiment.cells):
            text = f"{experiment.name}.{experiment.primary} > "
            with suppress(UsageError):  # a stranger's name may be none that a claim can have
                analyzing.claims([f"{text}0"])
                return f"{text}NUMBER"
    return None


def show(section: Section) -> None:
    """Print one section: heading, sentences, table."""
    console.say("")
    console.styled(section.title, _STYLES[section.level])
    for line in (*section.lines, *section.details):
        console.say(line)
    if section.table is None:
        return
    shown = console.table(*section.table.columns, right=section.table.right)
    for row in section.table.rows:
        shown.add_row(*(console.word(word, _ANSWERS.get(word, "")) for word in row))
    console.show(shown)
    if section.table.more:
        console.say(f"and {section.table.left_out}")
