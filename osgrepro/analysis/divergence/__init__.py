"""Two results of one experiment → the first point at which their trainings part.

Pure: parsed results come in, frozen values go out. Called by the verb ``diverge``.
"""

from __future__ import annotations

from osgrepro.analysis.divergence.compare import diverge
from osgrepro.analysis.divergence.operations import Operation, computed_by
from osgrepro.analysis.divergence.values import (
    Candidate,
    Divergence,
    Gradient,
    Point,
    Side,
    Stage,
)

__all__ = [
    "Candidate",
    "Divergence",
    "Gradient",
    "Operation",
    "Point",
    "Side",
    "Stage",
    "computed_by",
    "diverge",
]
