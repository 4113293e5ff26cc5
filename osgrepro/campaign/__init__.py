"""A campaign file becomes a campaign, and a campaign the matrix of its runs, each with its id.

Pure: text in, frozen values out.
"""

from __future__ import annotations

from osgrepro.campaign.faults import CheckExpression
from osgrepro.campaign.read import accept_any, parse

__all__ = ["CheckExpression", "accept_any", "parse"]
