"""Reads the layout of the 2022 study: a tree of CSV and YAML becomes rows of the dataset.

Pure: paths come in, and a function that returns a path's text. Called by the verb ``import``.
"""

from __future__ import annotations

from osgrepro.results.archive.layout import DESCRIPTION, result_files
from osgrepro.results.archive.rows import Archive, read_archive

__all__ = ["DESCRIPTION", "Archive", "read_archive", "result_files"]
