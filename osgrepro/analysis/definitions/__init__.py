"""Which runs are of the same definition of their experiment, and which runs are analysed.

Called before anything else looks at a frame.
"""

from __future__ import annotations

from osgrepro.analysis.definitions.choosing import EVERY, Chosen, choose, every_definition
from osgrepro.analysis.definitions.current import REMEMBERED, current_rows
from osgrepro.analysis.definitions.part import KEYS, Part, select

__all__ = [
    "EVERY",
    "KEYS",
    "REMEMBERED",
    "Chosen",
    "Part",
    "choose",
    "current_rows",
    "every_definition",
    "select",
]
