"""PyTorch: the pools before the seeds, determinism, and the devices."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fake_modules import Calls

from osgrepro.payload.backends.torch import Torch


class Noting(Calls):
    """A PyTorch that notes what is called, with the switch of cuDNN that is assigned."""

    def __init__(self) -> None:
        super().__init__("torch")
        self.backends = SimpleNamespace(cudnn=SimpleNamespace(benchmark=True))


@pytest.mark.parametrize(
    ("threads", "environ", "pinned"),
    [
        (4, {"TF_NUM_INTRAOP_THREADS": "128"}, 4),
        ("host", {"TF_NUM_INTRAOP_THREADS": "128"}, 128),
        ("host", {"OMP_NUM_THREADS": "3"}, 0),
    ],
)
@pytest.mark.parametrize("with_keras", [True, False])
def test_the_pools_are_sized_first_then_all_is_seeded(threads, environ, pinned, with_keras):
    torch = Noting()
    backend = Torch(torch, Calls("keras", torch.calls) if with_keras else None)
    backend.seed(7, threads, environ)
    sized = [("torch.set_num_threads", (pinned,)), ("torch.set_num_interop_threads", (pinned,))]
    assert torch.calls == [
        *(sized if pinned else []),
        *([("keras.utils.set_random_seed", (7,))] if with_keras else []),
        ("torch.manual_seed", (7,)),
        ("torch.use_deterministic_algorithms", (True,)),
    ]
    assert torch.backends.cudnn.benchmark is False
    assert backend.pools(environ, 0)["intra_op_configured"]() == pinned
    assert backend.pools(environ, 0)["inter_op_configured"]() == pinned


@pytest.mark.parametrize(
    ("determinism", "called"), [("warn", (True, ("warn_only", True))), ("off", (False,))]
)
def test_determinism_is_as_the_campaign_says(determinism, called):
    torch = Noting()
    Torch.around(torch).seed(7, "host", {}, determinism)
    assert torch.calls[-1] == ("torch.use_deterministic_algorithms", called)


def test_the_pools_are_as_pytorch_tells_them():
    torch = SimpleNamespace(get_num_threads=lambda: 5, get_num_interop_threads=lambda: 2)
    found = Torch(torch, None).pools({}, 0)
    assert (found["intra_op_effective"](), found["inter_op_effective"]()) == (5, 2)


@pytest.mark.parametrize(("given", "kept"), [(None, ":4096:8"), (":16:8", ":16:8")])
def test_cublas_gets_the_workspace_that_determinism_needs(given, kept):
    environ = {} if given is None else {"CUBLAS_WORKSPACE_CONFIG": given}
    assert Torch.environment(environ, "host") == {"CUBLAS_WORKSPACE_CONFIG": kept}


def test_cublas_is_left_alone_where_determinism_is_off():
    assert Torch.environment({}, "host", "off") == {}


def test_gpus_are_those_of_cuda():
    cuda = SimpleNamespace(
        device_count=lambda: 2,
        get_device_properties=lambda index: SimpleNamespace(
            name=f"GPU {index}",
            major=8,
            minor=index,
            multi_processor_count=108,
            max_threads_per_multi_processor=2048,
        ),
    )
    found = Torch(SimpleNamespace(cuda=cuda), None).devices()
    assert found[1] == {
        "device": "cuda:1",
        "name": "GPU 1",
        "capability": "8.1",
        "multiprocessors": 108,
        "threads_per_multiprocessor": 2048,
    }
