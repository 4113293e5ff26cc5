"""Sections as texts to hand on: a page, Markdown, and what an author takes into a paper."""

from __future__ import annotations

from osgrepro.report.formats.bibtex import bibtex
from osgrepro.report.formats.document import document
from osgrepro.report.formats.markdown import markdown
from osgrepro.report.formats.page import page
from osgrepro.report.formats.tables import PaperTable, tables

__all__ = ["PaperTable", "bibtex", "document", "markdown", "page", "tables"]
