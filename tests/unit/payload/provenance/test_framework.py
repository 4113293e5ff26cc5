"""The backend and its Keras, as a result tells them."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from osgrepro.payload.backends.jax import Jax
from osgrepro.payload.provenance import Collector, framework


def module(name, **content):
    made = ModuleType(name)
    made.__dict__.update(content)
    return made


def test_keras_tells_its_own_version():
    assert framework.keras_version(module("keras", __version__="3.15.1")) == "3.15.1"


def test_where_it_does_not_the_package_below_does(monkeypatch):
    monkeypatch.setitem(sys.modules, "keras", module("keras", __version__="2.15.0"))
    assert framework.keras_version(module("keras.api._v2.keras")) == "2.15.0"


class Backend(Jax):
    """Halves a number as a processor does that flushes denormal numbers, or not."""

    def __init__(self, half):
        numpy = pytest.importorskip("numpy")
        self.halved = lambda numbers: numpy.asarray([half] * len(numbers))
        self.deterministic = lambda: True


@pytest.mark.parametrize(("half", "flushed"), [(0.0, True), (5e-41, False)])
def test_denormal_numbers_are_flushed_where_the_half_of_one_is_zero(half, flushed):
    collector = Collector()
    found = framework.after_training(collector, Backend(half))
    assert found == {"op_determinism": True, "denormals_flushed": flushed}
    assert collector.errors == {}


def test_what_a_backend_cannot_tell_is_null_and_the_rest_is_there():
    keras = module("keras", __version__="3.15.1")
    collector = Collector()
    found = framework.collect(collector, Jax(module("jax", __version__="0.10.2"), keras))
    assert (found["version"], found["keras_version"]) == ("0.10.2", "3.15.1")
    assert found["backend"] is None
    assert collector.errors["framework.backend"].startswith("AttributeError")
