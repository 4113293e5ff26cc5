"""Builds, inspects, tests and digests images: the one door to Apptainer and to the catalogue.

Called by the workflow, which passes in where Apptainer runs (an enclosure), who makes base file
systems, and who downloads wheels.
"""

from __future__ import annotations

from osgrepro.software.apptainer.base import MakeBase
from osgrepro.software.apptainer.build import FetchWheels, build
from osgrepro.software.apptainer.check import Check, Difference, check
from osgrepro.software.apptainer.header import Header, is_sif
from osgrepro.software.apptainer.header import read as read_header
from osgrepro.software.apptainer.interpreter import Python, python
from osgrepro.software.apptainer.place import note_staged
from osgrepro.software.apptainer.plan import (
    SOURCE_DATE_EPOCH,
    ImagePlan,
    definition,
    definition_text,
    read_image_facts,
)
from osgrepro.software.apptainer.plan import plan as plan_image
from osgrepro.software.apptainer.sif import digest, environment, inspect, test
from osgrepro.software.base_images import DebianBase, DockerBase
from osgrepro.software.catalogue import find as find_container
from osgrepro.software.catalogue import load as load_container
from osgrepro.software.catalogue import load_all as load_catalogue
from osgrepro.software.catalogue import parameters as container_parameters
from osgrepro.software.containers import Container
from osgrepro.software.lock_check import lock_problems

__all__ = [
    "SOURCE_DATE_EPOCH",
    "Check",
    "Container",
    "DebianBase",
    "Difference",
    "DockerBase",
    "FetchWheels",
    "Header",
    "ImagePlan",
    "MakeBase",
    "Python",
    "build",
    "check",
    "container_parameters",
    "definition",
    "definition_text",
    "digest",
    "environment",
    "find_container",
    "inspect",
    "is_sif",
    "load_catalogue",
    "load_container",
    "lock_problems",
    "note_staged",
    "plan_image",
    "python",
    "read_header",
    "read_image_facts",
    "test",
]
