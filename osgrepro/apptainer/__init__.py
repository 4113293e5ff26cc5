"""Builds, inspects, tests and digests images: the one door to Apptainer and to the catalogue.

Called by the workflow, which passes in where Apptainer runs (an enclosure), who makes base file
systems, and who downloads wheels.
"""

from __future__ import annotations

from osgrepro.apptainer.build import FetchWheels, MakeBase, build
from osgrepro.apptainer.catalogue import Container, DebianBase, DockerBase
from osgrepro.apptainer.catalogue import load as load_container
from osgrepro.apptainer.catalogue import load_all as load_catalogue
from osgrepro.apptainer.plan import ImagePlan, definition, definition_text
from osgrepro.apptainer.plan import plan as plan_image
from osgrepro.apptainer.sif import digest, inspect, is_sif, test

__all__ = [
    "Container",
    "DebianBase",
    "DockerBase",
    "FetchWheels",
    "ImagePlan",
    "MakeBase",
    "build",
    "definition",
    "definition_text",
    "digest",
    "inspect",
    "is_sif",
    "load_catalogue",
    "load_container",
    "plan_image",
    "test",
]
