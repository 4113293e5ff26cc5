"""What the training process finds in its environment: seed, home, backend, the campaign's own."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from osgrepro.payload.training import environment


def task(seed=1, threads="host", **own):
    return SimpleNamespace(
        seed=seed,
        threads=threads,
        experiment=SimpleNamespace(environment=own, framework=None, determinism=None),
    )


def test_the_training_process_gets_what_python_reads_at_its_start():
    given = {"PATH": "/bin", "PYTHONHASHSEED": "9"}
    environ = environment.of_training(given, task(seed=2**32 + 5), None, "/w")
    assert environ["PATH"] == "/bin"
    assert environ["PYTHONHASHSEED"] == "5"
    assert environ["PYTHONNOUSERSITE"] == "1"
    assert environ["KERAS_HOME"] == "/w"


@pytest.mark.parametrize(
    ("image", "backend"),
    [({}, "tensorflow"), ({"KERAS_BACKEND": ""}, "tensorflow"), ({"KERAS_BACKEND": "jax"}, "jax")],
)
def test_the_images_own_backend_is_kept(image, backend):
    assert environment.of_training(image, task(), None, "/w")["KERAS_BACKEND"] == backend


def test_what_a_backend_reads_when_it_is_imported_is_there_before():
    environ = environment.of_training({"KERAS_BACKEND": "jax"}, task(threads=6), None, "/w")
    assert environ["PJRT_NPROC"] == "6"


def test_the_campaigns_variables_count_over_those_of_the_slot_but_not_over_the_seed():
    own = {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "9"}
    environ = environment.of_training({"OMP_NUM_THREADS": "1"}, task(threads=6, **own), None, "/w")
    assert (environ["OMP_NUM_THREADS"], environ["MKL_NUM_THREADS"]) == ("2", "6")
    assert environ["PYTHONHASHSEED"] == "1"
