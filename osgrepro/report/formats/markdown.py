"""Findings as Markdown."""

from __future__ import annotations

from pathlib import Path

from osgrepro.analysis.findings import Findings
from osgrepro.report.methods import METHODS, computed_with
from osgrepro.report.sections import sections
from osgrepro.report.values import DATASET
from osgrepro.runs import render


def markdown(findings: Findings, title: str = "Findings", dataset: Path = DATASET) -> str:
    """Return everything that was found as GitHub-flavoured Markdown.

    Parameters
    ----------
    findings : Findings
        What an analysis found.
    title : str
        The first heading: what was analysed.
    dataset : Path
        The dataset, as it is named in commands.
    """
    return render.text(
        "report/findings.md.j2",
        title=title,
        sections=sections(findings, most=200, dataset=dataset),
        methods=METHODS,
        computed=computed_with(findings.versions),
    )
