"""The container image, as seen from inside: its labels and what Apptainer says about it."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Mapping

from ..spec import Task
from . import files
from .collector import Collector


def collect(
    collector: Collector, task: Task, environ: Mapping[str, str], root: str = "/"
) -> Dict[str, Any]:
    """Return the section ``image``; ``labels`` is null outside of a container."""
    return collector.section(
        "image",
        {
            "name": lambda: task.software,
            "location": lambda: task.image,
            "sha256": lambda: task.image_sha256,
            "labels": lambda: _labels(root),
            "container": lambda: environ.get("APPTAINER_NAME", environ.get("SINGULARITY_NAME")),
        },
    )


def _labels(root: str) -> Any:
    text = files.text_or_none(os.path.join(root, ".singularity.d/labels.json"))
    return None if text is None else json.loads(text)
