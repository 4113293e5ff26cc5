"""A twin: machines elsewhere as data, and how far another machine can stand in for each.

Pure: the workflow reads the file and this machine.
"""

from __future__ import annotations

from osgrepro.hardware.twin.machines import Machine, Twin, attributes, gpu_attributes
from osgrepro.hardware.twin.reading import parse
from osgrepro.hardware.twin.standing_in import Here, Verdict, compare

__all__ = [
    "Here",
    "Machine",
    "Twin",
    "Verdict",
    "attributes",
    "compare",
    "gpu_attributes",
    "parse",
]
