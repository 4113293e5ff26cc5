"""Builds, inspects, tests and digests images: the one door to Apptainer and to the catalogue.

Called by the workflow, which passes in where Apptainer runs (an enclosure), who makes base file
systems, and who downloads wheels.
"""

from __future__ import annotations

from osgrepro.apptainer.base import MakeBase
from osgrepro.apptainer.build import FetchWheels, build
from osgrepro.apptainer.catalogue import Container, DebianBase, DockerBase, lock_problems
from osgrepro.apptainer.catalogue import find as find_container
from osgrepro.apptainer.catalogue import load as load_container
from osgrepro.apptainer.catalogue import load_all as load_catalogue
from osgrepro.apptainer.catalogue import parameters as container_parameters
from osgrepro.apptainer.check import Check, Difference, check
from osgrepro.apptainer.header import Header, is_sif
from osgrepro.apptainer.header import read as read_header
from osgrepro.apptainer.interpreter import Python, python
from osgrepro.apptainer.place import note_staged
from osgrepro.apptainer.plan import SOURCE_DATE_EPOCH, ImagePlan, definition, definition_text
from osgrepro.apptainer.plan import plan as plan_image
from osgrepro.apptainer.plan import read_lock as read_image_lock
from osgrepro.apptainer.sif import digest, inspect, test

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
    "read_image_lock",
    "test",
]
