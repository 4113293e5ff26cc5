"""What tests on a real pool share: an image that was built before, and waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

import pytest

from osgrepro.common import folders, shipped
from osgrepro.software import apptainer

T = TypeVar("T")


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
