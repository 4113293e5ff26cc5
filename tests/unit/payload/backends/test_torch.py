"""PyTorch: the pool before the seeds, determinism, and the devices."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from fake_modules import Calls

from osgrepro.payload.backends.torch import Torch


@pytest.mark.parametrize(
    ("threads", "environ", "pinned"),
    [
        (4, {"TF_NUM_INTRAOP_THREADS": "128"}, 4),
        ("host", {"TF_NUM_INTRAOP_THREADS": "128"}, 128),
        ("host", {"OMP_NUM_THREADS": "3"}, 0),
    ],
)
def test_the_pool_is_sized_first_then_all_is_seeded(threads, environ, pinned):
    torch = Calls("torch")
    backend = Torch(torch, Calls("keras", torch.calls))
    backend.seed(7, threads, environ)
    assert torch.calls == [
        *([("torch.set_num_threads", (pinned,))] if pinned else []),
        ("keras.utils.set_random_seed", (7,)),
        ("torch.use_deterministic_algorithms", (True,)),
    ]
    assert backend.pools(environ, 0)["intra_op_configured"]() == pinned


def test_the_pools_are_as_pytorch_tells_them():
    torch = SimpleNamespace(get_num_threads=lambda: 5, get_num_interop_threads=lambda: 2)
    found = Torch(torch, None).pools({}, 0)
    assert (found["intra_op_effective"](), found["inter_op_effective"]()) == (5, 2)


@pytest.mark.parametrize(("given", "kept"), [(None, ":4096:8"), (":16:8", ":16:8")])
def test_cublas_gets_the_workspace_that_determinism_needs(given, kept):
    environ = {} if given is None else {"CUBLAS_WORKSPACE_CONFIG": given}
    assert Torch.environment(environ, "host") == {"CUBLAS_WORKSPACE_CONFIG": kept}


def test_gpus_are_those_of_cuda():
    cuda = SimpleNamespace(
        device_count=lambda: 2,
        get_device_capability=lambda index: (8, index),
        get_device_name=lambda index: f"GPU {index}",
    )
    found = Torch(SimpleNamespace(cuda=cuda), None).devices()
    assert found[1] == {"device": "cuda:1", "name": "GPU 1", "capability": "8.1"}
