"""Values in, text out: the shipped templates, and submit descriptions with their items and specs.

Pure: nothing is read but the templates, and nothing is written. Called by the workflow, and by
every room that makes a text for another program to read.
"""

from __future__ import annotations

from osgrepro.runs.render.brake import BrakePaths, brake_description, brake_settings
from osgrepro.runs.render.extra import lines as extra_lines
from osgrepro.runs.render.resources import Requests, Shape, device_expression
from osgrepro.runs.render.settings import (
    BRAKED,
    BRAKED_SUBCODE,
    KILLED,
    MACHINE_ATTRIBUTES,
    NO_CONTAINER,
    NOT_BEGUN,
    PAYLOAD_NAME,
    RESULT_NAME,
    SPEC_NAME,
    TEN_SLOTS,
)
from osgrepro.runs.render.submission import Submission, SubmissionPaths, submissions
from osgrepro.runs.render.templates import markdown, text

__all__ = [
    "BRAKED",
    "BRAKED_SUBCODE",
    "KILLED",
    "MACHINE_ATTRIBUTES",
    "NOT_BEGUN",
    "NO_CONTAINER",
    "PAYLOAD_NAME",
    "RESULT_NAME",
    "SPEC_NAME",
    "TEN_SLOTS",
    "BrakePaths",
    "Requests",
    "Shape",
    "Submission",
    "SubmissionPaths",
    "brake_description",
    "brake_settings",
    "device_expression",
    "extra_lines",
    "markdown",
    "submissions",
    "text",
]
