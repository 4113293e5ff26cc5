"""Findings as a page, as Markdown and as figures: values in, text out; no file is written.

Called by the verbs that analyze, report and export.
"""

from __future__ import annotations

from osgrepro.report.markdown import markdown
from osgrepro.report.sections import brief, sections
from osgrepro.report.values import Section, Table

__all__ = ["Section", "Table", "brief", "markdown", "sections"]
