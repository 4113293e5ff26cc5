"""Seeds and settings: what must be there before Python starts, and nothing else."""

from __future__ import annotations

import random

import pytest

from osgrepro.payload.training import seeding


def test_the_training_process_gets_what_python_reads_at_its_start():
    given = {"PATH": "/bin", "PYTHONHASHSEED": "9"}
    environ = seeding.child_environment(given, 2**32 + 5, "host", "/w")
    assert environ["PATH"] == "/bin"
    assert environ["PYTHONHASHSEED"] == "5"
    assert environ["PYTHONNOUSERSITE"] == "1"
    assert environ["KERAS_HOME"] == "/w"


@pytest.mark.parametrize(
    ("image", "backend"),
    [({}, "tensorflow"), ({"KERAS_BACKEND": ""}, "tensorflow"), ({"KERAS_BACKEND": "jax"}, "jax")],
)
def test_the_images_own_backend_is_kept(image, backend):
    assert seeding.child_environment(image, 1, "host", "/w")["KERAS_BACKEND"] == backend


def test_what_a_backend_reads_when_it_is_imported_is_there_before():
    environ = seeding.child_environment({"KERAS_BACKEND": "jax"}, 1, 6, "/w")
    assert environ["PJRT_NPROC"] == "6"


def test_pythons_and_numpys_numbers_repeat():
    numpy = pytest.importorskip("numpy")

    def draw():
        seeding.seed_python(3)
        return random.random(), numpy.random.random()

    assert draw() == draw()
