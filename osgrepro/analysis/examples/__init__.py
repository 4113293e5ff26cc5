"""Which examples change their label from run to run: asked of one experiment at a time."""

from __future__ import annotations

from osgrepro.analysis.examples.churn import examples
from osgrepro.analysis.examples.predictions import LabelReader

__all__ = ["LabelReader", "examples"]
