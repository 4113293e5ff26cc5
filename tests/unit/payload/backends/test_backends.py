"""Which backend a run has, and what an image without one, or with a broken one, comes to."""

from __future__ import annotations

import sys

import pytest

from osgrepro.payload import backends
from osgrepro.payload.faults import InputError, SlotError


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """Return what puts a package of the given source in front of all others."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def install(name, source=""):
        monkeypatch.delitem(sys.modules, name, raising=False)
        (tmp_path / f"{name}.py").write_text(source)

    yield install
    for path in tmp_path.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_an_image_that_names_no_backend_has_tensorflow(packages):
    packages("tensorflow", "keras = 'its own'")
    packages("keras", "raise ImportError('not this one')")
    found = backends.load({}, needed=True)
    assert (found.name, found.keras) == ("tensorflow", "its own")
    assert backends.keras({}) == "its own"


@pytest.mark.parametrize(("name", "title"), [("jax", "JAX"), ("torch", "PyTorch")])
def test_another_backend_stands_under_keras_3(packages, name, title):
    packages(name)
    packages("keras")
    found = backends.load({"KERAS_BACKEND": name}, needed=True)
    assert (found.module.__name__, found.keras.__name__) == (name, "keras")
    assert found.title == title


@pytest.fixture
def nothing_installed(monkeypatch):
    monkeypatch.setattr(backends.importlib.util, "find_spec", lambda _name: None)


@pytest.mark.parametrize(
    ("environ", "missing"),
    [({}, "no tensorflow"), ({"KERAS_BACKEND": "jax"}, "no jax and no keras")],
)
def test_an_image_without_its_backend_is_a_bad_slot_only_if_it_is_needed(
    nothing_installed, environ, missing
):
    assert backends.load(environ, needed=False) is None
    with pytest.raises(SlotError, match=missing):
        backends.load(environ, needed=True)


def test_a_backend_that_does_not_import_is_a_bad_slot(packages):
    packages("torch", "raise OSError('libcudart.so.12 is not there')")
    packages("keras")
    with pytest.raises(SlotError, match=r"PyTorch can't be imported: OSError: libcudart"):
        backends.load({"KERAS_BACKEND": "torch"}, needed=False)


def test_a_backend_that_nobody_knows_is_bad_input_only_if_it_is_needed():
    environ = {"KERAS_BACKEND": "theano"}
    assert backends.load(environ, needed=False) is None
    with pytest.raises(InputError, match="'theano' is not one of tensorflow, torch, jax"):
        backends.load(environ, needed=True)


def test_a_backend_that_nobody_knows_is_left_as_it_is():
    assert backends.environment({"KERAS_BACKEND": "theano"}, 4) == {"KERAS_BACKEND": "theano"}


def test_a_framework_without_keras_is_one_unless_keras_is_needed(packages, monkeypatch):
    packages("torch")
    there = {"torch"}
    monkeypatch.setattr(backends, "_is_there", there.__contains__)
    assert backends.named({}) == "torch"
    loaded = backends.load({}, needed=False)
    assert (loaded.name, loaded.module.__name__, loaded.keras) == ("torch", "torch", None)
    assert backends.environment({}, "host") == {
        "KERAS_BACKEND": "torch",
        "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    }
    with pytest.raises(SlotError, match="the image has no keras"):
        backends.load({}, needed=True)


def test_a_framework_that_is_named_wins_over_what_the_image_names(packages, monkeypatch):
    packages("torch")
    monkeypatch.setattr(backends, "_is_there", {"torch", "tensorflow"}.__contains__)
    environ = {"KERAS_BACKEND": "tensorflow"}
    assert backends.load(environ, needed=False, asked="torch").name == "torch"
    assert backends.environment(environ, 4, "torch")["KERAS_BACKEND"] == "torch"


def test_of_several_frameworks_tensorflow_comes_first(monkeypatch):
    monkeypatch.setattr(backends, "_is_there", {"torch", "jax", "tensorflow"}.__contains__)
    assert backends.named({}) == "tensorflow"
    assert backends.installed() == ["tensorflow", "torch", "jax"]


@pytest.mark.parametrize(
    ("has", "told"),
    [
        ({"tensorflow", "jax"}, r"the image has no torch, it has tensorflow and jax: name what"),
        (set(), r"the image has no torch, it has no framework that osgrepro knows"),
    ],
)
def test_a_framework_that_is_not_in_the_image_is_bad_input(monkeypatch, has, told):
    monkeypatch.setattr(backends, "_is_there", has.__contains__)
    with pytest.raises(InputError, match=told):
        backends.load({}, needed=False, asked="torch")


def test_no_framework_may_be_asked_for(packages):
    packages("tensorflow", "raise AssertionError('it was imported')")
    assert backends.load({}, needed=False, asked="none") is None
    assert backends.environment({"X": "1"}, 4, "none") == {}
