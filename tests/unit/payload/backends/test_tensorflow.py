"""TensorFlow: nothing is called that a recorded run of 2022 did not call, and in that order."""

from __future__ import annotations

import os
from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from fake_modules import Calls

from osgrepro.payload.backends.tensorflow import TensorFlow


def test_the_hosts_threads_are_left_alone():
    tensorflow = Calls("tf")
    TensorFlow(tensorflow).seed(7, "host", {"TF_NUM_INTRAOP_THREADS": "3"})
    assert tensorflow.calls == [
        ("tf.keras.utils.set_random_seed", (7,)),
        ("tf.config.experimental.enable_op_determinism", ()),
    ]


def test_a_number_of_threads_is_pinned_before_anything_else():
    tensorflow = Calls("tf")
    TensorFlow(tensorflow).seed(7, 4, {})
    assert tensorflow.calls[0] == ("tf.config.threading.set_intra_op_parallelism_threads", (4,))


def test_nothing_must_be_set_before_the_import():
    assert TensorFlow.environment({"TF_NUM_INTRAOP_THREADS": "3"}, 4) == {}


class Pools:
    """Has an intra-op pool of the size given."""

    keras = None

    def __init__(self, intra):
        self.config = self.threading = self
        self.get_intra_op_parallelism_threads = lambda: intra
        self.get_inter_op_parallelism_threads = lambda: 0


@pytest.mark.parametrize(
    ("configured", "environ", "effective"),
    [
        (3, {"TF_NUM_INTRAOP_THREADS": "128"}, 3),
        (0, {"TF_NUM_INTRAOP_THREADS": "128"}, 128),
        (0, {"TF_NUM_INTRAOP_THREADS": "many"}, None),
        (0, {}, None),
    ],
)
def test_the_pool_is_as_tensorflow_makes_it(configured, environ, effective):
    found = TensorFlow(Pools(configured)).pools(environ, 0)
    assert found["intra_op_configured"]() == configured
    assert found["intra_op_effective"]() == (effective or len(os.sched_getaffinity(0)))


def test_a_sum_that_soft_placement_put_elsewhere_is_refused():
    result = SimpleNamespace(device="/job:localhost/device:CPU:0")
    tensorflow = SimpleNamespace(
        device=lambda _name: nullcontext(),
        constant=lambda values, _kind: values,
        identity=lambda values: result,
        reduce_sum=None,
        matmul=None,
    )
    with pytest.raises(RuntimeError, match=r"it was computed on .*CPU:0"):
        TensorFlow.around(tensorflow).answer("copy", ([[1.0]],), 0)
