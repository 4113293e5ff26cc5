"""The command line: arguments in, text and exit codes out. All work is the workflow's.

``main`` is the one door, and the one place where an expected error is caught: its message and its
hint are printed, never a traceback.
"""

from osgrepro.cli.app import main

__all__ = ["main"]
