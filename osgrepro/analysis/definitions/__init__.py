"""Which runs are of the same definition of their experiment, and which of them are analysed.

Called before anything else looks at a frame.
"""

from __future__ import annotations

from osgrepro.analysis.definitions.choosing import (
    EVERY,
    REMEMBERED,
    Chosen,
    choose,
    current_rows,
    every_definition,
)

__all__ = ["EVERY", "REMEMBERED", "Chosen", "choose", "current_rows", "every_definition"]
