"""The values that travel between the rooms: frozen, compared by content, free of behaviour.

``Campaign`` and what it is made of are pydantic models, because they come from a file that a person
wrote and every fault wants its place. Everything that osgrepro itself makes is a frozen dataclass.
"""

from __future__ import annotations

from osgrepro.common.models.artefacts import Code, DataFile, Image
from osgrepro.common.models.campaign import (
    CVMFS,
    DEVICE_PATTERN,
    NAME_PATTERN,
    OSDF,
    REMOTE_IMAGES,
    Alternative,
    Campaign,
    Claim,
    ClaimTest,
    Definitions,
    Experiment,
    Gpus,
    Hardware,
    Name,
    Scalar,
    Seed,
    Software,
    SubmitOptions,
)
from osgrepro.common.models.machine import (
    Enclosure,
    Execution,
    JobEvent,
    User,
)
from osgrepro.common.models.progress import (
    Json,
    Notify,
    Progress,
    silent,
)
from osgrepro.common.models.run_ids import Definition, RunDefinition
from osgrepro.common.models.runs import (
    Matrix,
    Run,
    RunState,
)

__all__ = [
    "CVMFS",
    "DEVICE_PATTERN",
    "NAME_PATTERN",
    "OSDF",
    "REMOTE_IMAGES",
    "Alternative",
    "Campaign",
    "Claim",
    "ClaimTest",
    "Code",
    "DataFile",
    "Definition",
    "Definitions",
    "Enclosure",
    "Execution",
    "Experiment",
    "Gpus",
    "Hardware",
    "Image",
    "JobEvent",
    "Json",
    "Matrix",
    "Name",
    "Notify",
    "Progress",
    "Run",
    "RunDefinition",
    "RunState",
    "Scalar",
    "Seed",
    "Software",
    "SubmitOptions",
    "User",
    "silent",
]
