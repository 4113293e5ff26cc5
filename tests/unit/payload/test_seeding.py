"""Seeds: what must be set before Python starts, before TensorFlow works, and nothing else."""

from __future__ import annotations

import random

import pytest

from osgrepro.payload import seeding


class FakeTensorFlow:
    """Notes what is called, by its dotted name."""

    def __init__(self, name="tf", calls=None):
        self._name, self.calls = name, [] if calls is None else calls

    def __getattr__(self, name):
        return FakeTensorFlow(self._name + "." + name, self.calls)

    def __call__(self, *args):
        self.calls.append((self._name, args))


def test_the_training_process_gets_what_python_reads_at_its_start():
    environ = seeding.child_environment({"PATH": "/bin", "PYTHONHASHSEED": "9"}, 2**32 + 5, "/w")
    assert environ["PATH"] == "/bin"
    assert environ["PYTHONHASHSEED"] == "5"
    assert environ["PYTHONNOUSERSITE"] == "1"
    assert environ["KERAS_HOME"] == "/w"


def test_the_hosts_threads_are_left_alone():
    tensorflow = FakeTensorFlow()
    seeding.seed_tensorflow(tensorflow, 7, "host")
    assert tensorflow.calls == [
        ("tf.keras.utils.set_random_seed", (7,)),
        ("tf.config.experimental.enable_op_determinism", ()),
    ]


def test_a_number_of_threads_is_pinned_before_anything_else():
    tensorflow = FakeTensorFlow()
    seeding.seed_tensorflow(tensorflow, 7, 4)
    assert tensorflow.calls[0] == (
        "tf.config.threading.set_intra_op_parallelism_threads",
        (4,),
    )


def test_pythons_and_numpys_numbers_repeat():
    numpy = pytest.importorskip("numpy")

    def draw():
        seeding.seed_python(3)
        return random.random(), numpy.random.random()

    assert draw() == draw()
