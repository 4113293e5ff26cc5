"""What tests on a real pool share: an image that was built before, and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from osgrepro.common import folders, shipped
from osgrepro.software import apptainer

T = TypeVar("T")

# The oldest and the newest TensorFlow, another backend, and no Keras at all. Each takes minutes to
# build: those between them on demand.
ALWAYS = ("tensorflow-2.8.0", "tensorflow-2.21.0", "keras3-jax", "pytorch-2.13.0-cpu")


def built_from_indexes(*, keras: bool = False) -> list[Any]:
    """Return the environments that package indexes alone build, as parameters of a test."""
    catalogue = apptainer.load_catalogue([shipped.folder("containers")])
    return [
        pytest.param(container, marks=[] if name in ALWAYS else pytest.mark.slow, id=name)
        for name, container in sorted(catalogue.items())
        if container.base.kind == "debian" and (not keras or container.keras)
    ]


def image() -> str:
    """Return the image that most tests run in; skip the test where it was not built."""
    catalogue = apptainer.load_catalogue([shipped.folder("containers")])
    built = apptainer.plan_image(catalogue["tensorflow-2.8.0"], folders.cache()).built_image()
    if built is None:
        pytest.skip("the image tensorflow-2.8.0 is not built: osgrepro build submit/demo.toml")
    return built.location


def until(look: Callable[[], T], otherwise: str = "it does not happen", within_s: float = 120) -> T:
    """Return what ``look`` says, once that is something."""
    deadline_s = time.monotonic() + within_s
    while not (seen := look()):
        assert time.monotonic() < deadline_s, otherwise
        time.sleep(0.3)
    return seen
