"""The container image, as seen from inside: its labels, what Apptainer says about it, its file."""

from __future__ import annotations

import json
import os
from typing import Any, Dict, Mapping, Optional

from ..scrub import public_location
from ..spec import Task
from . import files
from .collector import Collector

# A line that executes it comes first, in 32 bytes.
_MAGIC = b"SIF_MAGIC"
_HEADER_BYTES = 32 + len(_MAGIC)


def collect(
    collector: Collector, task: Task, environ: Mapping[str, str], root: str = "/"
) -> Dict[str, Any]:
    """Return the section ``image``; ``labels`` is null outside of a container."""
    return collector.section(
        "image",
        {
            "name": lambda: task.software,
            "location": lambda: public_location(task.image),
            "sha256": lambda: task.image_sha256,
            "sha256_source": lambda: "declared" if task.image_sha256 else None,
            "labels": lambda: _labels(root),
            "base_pinned": lambda: _base_pinned(root, task.image),
            "container": lambda: environ.get("APPTAINER_NAME", environ.get("SINGULARITY_NAME")),
        },
    )


def file(task: Task, environ: Mapping[str, str]) -> Optional[str]:
    """Return the SIF that this process runs in, where the slot shows it; None elsewhere.

    HTCondor leaves it in the scratch folder, and Apptainer tells under which name.
    """
    inside = [environ.get(name) for name in ("APPTAINER_CONTAINER", "SINGULARITY_CONTAINER")]
    paths = [path for path in inside if path]
    if not paths:
        return None
    names = [os.path.basename(path) for path in paths]
    candidates = [*paths, *(os.path.join(task.scratch, name) for name in names)]
    return next((path for path in candidates if _is_sif(path)), None)


def _is_sif(path: str) -> bool:
    try:
        if not os.path.isfile(path):
            return False
        with open(path, "rb") as image:
            return image.read(_HEADER_BYTES)[-len(_MAGIC) :] == _MAGIC
    except OSError:
        return False


def _base_pinned(root: str, location: Optional[str]) -> Optional[bool]:
    """Whether what the image was made of is named by its digest, if that can be known.

    A tag can come to mean other bytes. An image without a base of a registry has none to pin.
    """
    if location is not None and location.startswith(("docker://", "oras://")):
        return "@sha256:" in location
    try:
        labels = _labels(root)
    except ValueError:  # told of the labels themselves
        return None
    label = labels.get("org.osgrepro.base-pinned") if isinstance(labels, dict) else None
    return {"yes": True, "no": False}.get(str(label))


def _labels(root: str) -> Any:
    text = files.text_or_none(os.path.join(root, ".singularity.d/labels.json"))
    return None if text is None else json.loads(text)
