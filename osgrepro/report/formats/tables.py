"""The tables of a paper: one over all experiments, then hardware × software for each of them.

Nothing is left out of them; where a page is too short for one, its LaTeX goes on to the next.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from osgrepro.analysis.findings import Cell, ExperimentFindings, Findings
from osgrepro.report import summary, words
from osgrepro.report.figures.canvas.words import slugs
from osgrepro.report.formats import latex
from osgrepro.report.questions import claims, outcomes
from osgrepro.report.values import Table
from osgrepro.runs import render

_WIDE = ("sampling", "on CPUs", "distinct", "moving")


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperTable:
    """One table; ``name`` is unique among those of a report and safe as a file's name."""

    name: str
    caption: str
    table: Table

    @property
    def markdown(self) -> str:
        """The table as GitHub-flavoured Markdown, with its caption above it."""
        caption = render.markdown(self.caption)
        return f"{caption}\n\n{render.text('report/table.md.j2', table=self.table)}"

    @property
    def latex(self) -> str:
        """The table as LaTeX, for a document that loads booktabs; long ones need longtable."""
        return latex.table(self.table, caption=self.caption, label=f"tab:{self.name}")


def tables(findings: Findings) -> tuple[PaperTable, ...]:
    """Return the tables of all that was found."""
    names = slugs(experiment.name for experiment in findings.experiments)
    return tuple(_tables(findings, names))


def _tables(findings: Findings, names: dict[str, str]) -> Iterator[PaperTable]:
    # As wide as a page of paper.
    if (numbers := summary.numbers(findings, without=_WIDE)) is not None:
        caption, table = numbers
        yield PaperTable(name="summary", caption=_marked(findings, caption), table=table)
    for experiment in findings.experiments:
        yield PaperTable(
            name=f"results-{names[experiment.name]}",
            caption=_marked(findings, _caption(experiment)),
            table=_results(experiment),
        )


def _marked(findings: Findings, caption: str) -> str:
    """Return a caption that says, too, what of the data is not what it seems to be."""
    return " ".join([caption, *claims.provenance(findings)])


def _caption(experiment: ExperimentFindings) -> str:
    metric = experiment.primary or "outcome"
    return (
        f"{experiment.name}: {metric} by hardware and software, as a value or, where runs differ, "
        "the smallest to the largest, and the outcome class. Cells with the same letter "
        f"{words.agreement([experiment])}."
    )


def _results(experiment: ExperimentFindings) -> Table:
    cells = {(cell.hardware, cell.software): cell for cell in experiment.cells}
    hardware, software = (
        sorted({getattr(cell, name) for cell in experiment.cells})
        for name in ("hardware", "software")
    )
    unit = words.unit_of(experiment)
    rows = [(name, *(_cell(cells.get((name, of)), unit) for of in software)) for name in hardware]
    return words.table(("hardware", *software), rows, right=software)


def _cell(cell: Cell | None, unit: words.Unit) -> str:
    if cell is None or cell.mean is None:
        return outcomes.letters(cell)
    same = cell.minimum == cell.maximum
    value = unit.value(cell.mean) if same else unit.extent(cell.minimum, cell.maximum)
    several = len(cell.classes) > 1
    return (
        f"{value}, {len(cell.classes)} classes" if several else f"{value} {outcomes.letters(cell)}"
    )
