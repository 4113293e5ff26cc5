"""The program that every image passes before it counts: it names what is not as it should be.

The frameworks are modules of one line each, which say of themselves what the test wants.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

from osgrepro.software import apptainer

TENSORFLOW = """
__version__ = {version!r}
def ones(shape): return [1.0] * shape[0] * shape[1]
def reduce_sum(values): return sum(values) + {error}
"""
KERAS = """
import types
__version__ = {version!r}
backend = types.SimpleNamespace(backend=lambda: {backend!r})
ops = types.SimpleNamespace(ones=lambda shape: [1.0] * shape[0] * shape[1], sum=sum)
"""
ARRAYS = """
import types
__version__ = {version!r}
def ones(shape): return types.SimpleNamespace(sum=lambda: float(shape[0] * shape[1] + {error}))
numpy = types.SimpleNamespace(ones=ones)
"""


@pytest.fixture
def said(bench, tmp_path):
    """Return what the program of a container prints where these modules are installed."""

    def run(modules, **container):
        for name, text in modules.items():
            (tmp_path / f"{name}.py").write_text(text)
        fields = {"tensorflow": None, "python": platform.python_version(), **container}
        text = apptainer.definition_text(bench.container.model_copy(update=fields))
        program = text.partition("<<'PROGRAM'\n")[2].partition("\nPROGRAM\n")[0]
        argv = [sys.executable, "-c", program]
        env = {**os.environ, "PYTHONPATH": str(tmp_path)}
        done = subprocess.run(argv, env=env, capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]

    return run


def tensorflow(version="2.8.0", error=0):
    return {"tensorflow": TENSORFLOW.format(version=version, error=error)}


def keras(version="3.15.1", backend="jax"):
    return {"keras": KERAS.format(version=version, backend=backend)}


def jax(version="0.10.2"):
    return {"jax": ARRAYS.format(version=version, error=0)}


def torch(version="2.13.0+cpu", error=0):
    return {"torch": ARRAYS.format(version=version, error=error)}


def test_what_is_as_it_should_be_passes(said):
    python = platform.python_version()

    found = said(tensorflow(), tensorflow="2.8.0")
    assert found == f"osgrepro: tensorflow 2.8.0 on Python {python}"
    found = said({**jax(), **keras()}, jax="0.10.2", keras="3.15.1")
    assert found == f"osgrepro: jax 0.10.2 on Python {python}"
    found = said(jax(), jax="0.10.2")
    assert found == f"osgrepro: jax 0.10.2 on Python {python}"
    found = said(torch(), torch="2.13.0+cpu")
    assert found == f"osgrepro: torch 2.13.0+cpu on Python {python}"
    assert said({}) == f"osgrepro: Python {python}"


@pytest.mark.parametrize(
    ("modules", "container", "expected"),
    [
        (
            tensorflow("2.9.1"),
            {"tensorflow": "2.8.0"},
            "AssertionError: TensorFlow is 2.9.1, not 2.8.0",
        ),
        (
            tensorflow(error=1),
            {"tensorflow": "2.8.0"},
            "AssertionError: the sum of six ones is 7.0, not 6.0",
        ),
        (
            {**tensorflow(), **keras("2.9.0")},
            {"tensorflow": "2.8.0", "keras": "2.8.0"},
            "AssertionError: Keras is 2.9.0, not 2.8.0",
        ),
        (
            {**jax("0.4.0"), **keras()},
            {"jax": "0.10.2", "keras": "3.15.1"},
            "AssertionError: JAX is 0.4.0, not 0.10.2",
        ),
        (
            {**jax(), **keras(backend="tensorflow")},
            {"jax": "0.10.2", "keras": "3.15.1"},
            "AssertionError: the backend of Keras is tensorflow, not jax",
        ),
    ],
)
def test_what_is_not_as_it_should_be_is_named(said, modules, container, expected):
    assert said(modules, **container) == expected


def test_another_python_is_named(said):
    found = said(tensorflow(), tensorflow="2.8.0", python="3.8.10")

    assert found == f"AssertionError: Python is {platform.python_version()}, not 3.8.10"


@pytest.mark.parametrize(
    ("asked", "tested"),
    [
        ({"APPTAINER_COMMAND": "test", "_CONDOR_JOB_AD": "/srv/.job.ad"}, False),
        ({"APPTAINER_COMMAND": "test"}, True),
        ({"_CONDOR_JOB_AD": "/srv/.job.ad"}, True),
        ({}, True),
    ],
)
def test_only_before_a_job_is_the_test_left_to_the_slots_own(bench, tmp_path, asked, tested):
    program = apptainer.definition_text(bench.container).partition("\n%test\n")[2]
    (tmp_path / "python3").write_text("#!/bin/sh\necho tested\n")
    (tmp_path / "python3").chmod(0o755)

    done = subprocess.run(
        ["/bin/sh"],
        input=program,
        env={"PATH": str(tmp_path)} | asked,
        capture_output=True,
        text=True,
        check=True,
    )

    assert (done.stdout == "tested\n") == tested


def test_a_build_within_a_job_tests_its_image(monkeypatch):
    monkeypatch.setenv("_CONDOR_JOB_AD", "/srv/.job.ad")
    assert "_CONDOR_JOB_AD" not in apptainer.environment()
