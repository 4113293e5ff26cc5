"""A campaign's folder: every path in it, its lock, its journal, and writing whole files or none.

Called by the workflow; no other room knows where something lies.
"""

from __future__ import annotations

from osgrepro.runs.workspace.files import replacing, write
from osgrepro.runs.workspace.folder import Workspace
from osgrepro.runs.workspace.opening import open_workspace
from osgrepro.runs.workspace.returned import Found

__all__ = ["Found", "Workspace", "open_workspace", "replacing", "write"]
