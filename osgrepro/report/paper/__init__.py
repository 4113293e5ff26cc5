"""What an author takes into a paper: tables as LaTeX and Markdown, and sources as BibTeX."""

from __future__ import annotations

from osgrepro.report.paper.bibtex import bibtex
from osgrepro.report.paper.tables import PaperTable, tables

__all__ = ["PaperTable", "bibtex", "tables"]
