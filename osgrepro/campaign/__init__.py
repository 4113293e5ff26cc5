"""A campaign file becomes a campaign, and a campaign the matrix of its runs, each with its id.

Pure: text in, frozen values out.
"""

from __future__ import annotations

from osgrepro.campaign.checks import CheckExpression
from osgrepro.campaign.matrix import current_definitions, definition_ids, expand, select
from osgrepro.campaign.read import accept_any, parse
from osgrepro.campaign.redaction import without_extra
from osgrepro.campaign.statements import read_claim

__all__ = [
    "CheckExpression",
    "accept_any",
    "current_definitions",
    "definition_ids",
    "expand",
    "parse",
    "read_claim",
    "select",
    "without_extra",
]
