"""Turns a data frame of runs into findings: pure functions, one file for each question.

Called by the verb ``analyze`` and by whoever has a data frame.
"""

from osgrepro.analysis.findings import analyze

__all__ = ["analyze"]
