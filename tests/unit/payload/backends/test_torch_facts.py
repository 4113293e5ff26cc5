"""PyTorch's switches by their own names, in both ways in which they can be set."""

from __future__ import annotations

import sys
from collections import Counter
from types import SimpleNamespace

import pytest

from osgrepro.payload.backends import torch_facts
from osgrepro.payload.backends.torch import Torch


class Mixed:
    """The switches where a program used the newer of both ways: the older one refuses."""

    fp32_precision = "tf32"
    conv = SimpleNamespace(fp32_precision="ieee")
    benchmark = True
    allow_fp16_reduced_precision_reduction = (True, False)
    allow_bf16_reduced_precision_reduction = False

    @property
    def allow_tf32(self):
        raise RuntimeError("you have used mix of the legacy and new APIs")


def test_switches_are_read_by_their_own_names_in_the_newer_way_too():
    cuda = SimpleNamespace(
        matmul=Mixed(), flash_sdp_enabled=lambda: False, math_sdp_enabled=lambda: True
    )
    torch = SimpleNamespace(
        backends=SimpleNamespace(cuda=cuda, cudnn=Mixed()),
        get_float32_matmul_precision=lambda: "high",
    )
    read = {name: field() for name, field in Torch.around(torch).switches().items()}
    assert read == {
        "tensor_float_32": True,
        "matmul_tf32": True,
        "cudnn_tf32": False,
        "matmul_precision": "high",
        "fp16_reduction": True,
        "bf16_reduction": False,
        "cudnn_benchmark": True,
        "attention": {"flash": False, "math": True},
        "nccl_version": None,
        "compiled": False,
    }


def test_nccl_is_asked_only_where_there_is_one():
    nccl = SimpleNamespace(version=lambda: (2, 21, 5))
    torch = SimpleNamespace(_C=SimpleNamespace(_nccl_version=None), cuda=SimpleNamespace(nccl=nccl))
    assert torch_facts.nccl_version(torch) == "2.21.5"


@pytest.mark.parametrize(("graphs", "told"), [(0, False), (3, True)])
def test_compiling_is_told_by_its_own_counters(monkeypatch, graphs, told):
    counters = {"stats": Counter(unique_graphs=graphs)}
    utils = SimpleNamespace(counters=counters)
    monkeypatch.setitem(sys.modules, "torch._dynamo.utils", utils)
    assert torch_facts.compiled() is told
