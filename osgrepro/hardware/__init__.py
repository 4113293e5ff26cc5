"""Machine ads become hardware classes, and classes become a campaign's hardware environments.

Pure: the workflow hands the ads in, as plain values.
"""

from __future__ import annotations

from osgrepro.hardware.classes import UNKNOWN, HardwareClass, classes
from osgrepro.hardware.proposal import Proposal, amount, environment, numerical, propose, table
from osgrepro.hardware.selection import proves, requirements
from osgrepro.hardware.substitutes import Substitute, nearest
from osgrepro.hardware.traits import FLAGS, Gpu, Traits, model_name, traits

__all__ = [
    "FLAGS",
    "UNKNOWN",
    "Gpu",
    "HardwareClass",
    "Proposal",
    "Substitute",
    "Traits",
    "amount",
    "classes",
    "environment",
    "model_name",
    "nearest",
    "numerical",
    "propose",
    "proves",
    "requirements",
    "table",
    "traits",
]
