"""How many repeats, environments and seeds a bound takes: asked with the findings of a dataset."""

from __future__ import annotations

from osgrepro.analysis.planning.planning import requirements
from osgrepro.analysis.planning.wanted import Wanted, wanted

__all__ = ["Wanted", "requirements", "wanted"]
