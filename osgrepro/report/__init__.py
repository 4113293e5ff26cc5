"""Findings as a page, as Markdown, figures and tables: values in, text out; no file is written.

Called by the verbs that analyze, report and export.
"""

from __future__ import annotations

from osgrepro.report.figures import Figure, figures, remarks
from osgrepro.report.formats import PaperTable, bibtex, document, markdown, page, tables
from osgrepro.report.questions.definitions import listed, sentences
from osgrepro.report.questions.planning import required
from osgrepro.report.sections import brief, first, sections
from osgrepro.report.values import DATASET, Section, Table
from osgrepro.report.words import percent

__all__ = [
    "DATASET",
    "Figure",
    "PaperTable",
    "Section",
    "Table",
    "bibtex",
    "brief",
    "document",
    "figures",
    "first",
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
