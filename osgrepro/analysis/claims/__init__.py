"""Claims: does a conclusion get the same answer in every environment, and by other measures.

``answers`` asks all of them at once, since their tests share one family-wise error.
"""

from __future__ import annotations

from osgrepro.analysis.claims.claims import claims

__all__ = ["claims"]
