"""What the result ran on, by subject: one small module for each, every field on its own.

The training process calls :func:`before` (no backend yet) and :func:`after`; a field that can't
be read is null, its error is kept as text, and the run goes on.
"""

from __future__ import annotations

from .collector import Collector
from .stages import after, after_program, before

__all__ = ["Collector", "after", "after_program", "before"]
