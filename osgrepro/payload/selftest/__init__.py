"""Whether a slot computes at all: small sums with known answers, before anything is trained.

A process of its own does them, so that a crash, a hang or memory that a framework keeps are not the
training's. Called by ``supervise``.
"""

from __future__ import annotations

from .judging import Judgement, run
from .testing import test

__all__ = ["Judgement", "run", "test"]
