"""Findings as a page, as Markdown, figures and tables: values in, text out; no file is written.

Called by the verbs that analyze, report and export.
"""

from __future__ import annotations

from osgrepro.report.figures import Figure, figures, remarks
from osgrepro.report.formats import PaperTable, bibtex, markdown, page, tables
from osgrepro.report.questions.definitions import listed, sentences
from osgrepro.report.questions.planning import required
from osgrepro.report.sections import brief, sections
from osgrepro.report.values import Section, Table
from osgrepro.report.words import percent

__all__ = [
    "Figure",
    "PaperTable",
    "Section",
    "Table",
    "bibtex",
    "brief",
    "figures",
    "listed",
    "markdown",
    "page",
    "percent",
    "remarks",
    "required",
    "sections",
    "sentences",
    "tables",
]
