"""Findings as Markdown."""

from __future__ import annotations

from osgrepro.analysis.findings import Findings
from osgrepro.report.methods import METHODS, computed_with
from osgrepro.report.sections import sections
from osgrepro.runs import render


def markdown(findings: Findings, title: str = "Findings") -> str:
    """Return everything that was found as GitHub-flavoured Markdown.

    Parameters
    ----------
    findings : Findings
        What an analysis found.
    title : str
        The first heading: what was analysed.
    """
    return render.text(
        "report/findings.md.j2",
        title=title,
        sections=sections(findings, most=200),
        methods=METHODS,
        computed=computed_with(findings.versions),
    )
