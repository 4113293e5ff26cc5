"""Who computes: the experiment's framework, and for a program whatever the image has."""

from __future__ import annotations

import sys

import pytest

from osgrepro.payload.faults import SlotError
from osgrepro.payload.selftest import calculators

MODULES = ("tensorflow", "jax", "torch", "keras")


@pytest.fixture
def image(tmp_path, monkeypatch):
    """Makes modules that can be imported, and forgets them."""
    monkeypatch.syspath_prepend(str(tmp_path))
    for name in MODULES:
        monkeypatch.delitem(sys.modules, name, raising=False)

    def make(**sources):
        for name, source in sources.items():
            (tmp_path / f"{name}.py").write_text(source)

    yield make
    for name in MODULES:
        sys.modules.pop(name, None)


def names(environ, program):
    return [one.name for one in calculators.frameworks(environ, program=program)]


def test_an_experiment_has_the_named_framework_alone(image):
    image(tensorflow="keras = None", torch="", keras="")
    assert names({}, program=False) == ["tensorflow"]
    assert names({"KERAS_BACKEND": "torch"}, program=False) == ["torch"]


def test_a_program_may_have_any_the_named_one_first(image):
    image(tensorflow="", torch="")
    assert names({"KERAS_BACKEND": "torch"}, program=True) == ["torch", "tensorflow"]


def test_what_a_program_may_not_need_is_left_out_where_it_cannot_be_imported(image):
    image(tensorflow="raise ImportError('libcudart')", torch="")
    assert names({}, program=True) == ["torch"]
    with pytest.raises(SlotError, match="libcudart"):
        names({}, program=False)


def test_an_image_without_any_has_none(image, monkeypatch):
    monkeypatch.setattr(calculators.importlib.util, "find_spec", lambda _name: None)
    assert names({}, program=True) == names({}, program=False) == []
    assert calculators.numpy() is None
