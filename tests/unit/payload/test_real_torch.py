"""Runs with PyTorch itself, on the CPU: two of them end with the same bits, and tell the same."""

from __future__ import annotations

import importlib.util
import os
import sys

import pytest
from slot import Slot

TRAINING = """
import torch


def run(context):
    model = torch.nn.Sequential(torch.nn.Linear(8, 8), torch.nn.Dropout(0.5), torch.nn.Linear(8, 1))
    rate = torch.optim.SGD(model.parameters(), lr=0.1)
    x, losses = torch.randn(64, 8), []
    for _ in range(5):
        rate.zero_grad()
        loss = model(x).square().mean()
        loss.backward()
        rate.step()
        losses.append(loss)
    return {"score": losses[-1]}
"""


@pytest.fixture(scope="module")
def torch_python() -> str:
    """Return a Python that has PyTorch."""
    if importlib.util.find_spec("torch") is not None:
        return sys.executable
    python = os.environ.get("OSGREPRO_TORCH_PYTHON")
    if not python:
        pytest.skip("no PyTorch here: OSGREPRO_TORCH_PYTHON can name a Python that has it")
    return python


@pytest.fixture
def slot(tmp_path, archive, torch_python):
    return Slot(tmp_path, archive, enter=lambda argv: [torch_python, *argv[1:]])


def run(slot, **environ):
    code, output, result = slot.run(environ, timeout=300)
    assert code == 0, output
    for path in slot.folder.glob("results/*/*.json"):
        path.unlink()
    return result


def test_pytorch_without_keras_is_seeded_sized_and_recorded(slot):
    slot.script(TRAINING)
    slot.spec["threads"] = 2
    first, second = run(slot), run(slot)
    assert first["metrics"] == second["metrics"]
    shown = first["provenance"]
    assert shown["seeding"] == {
        "python": True,
        "numpy": True,
        "framework": True,
        "name": "torch",
        "seed": 1,
    }
    assert (shown["framework"]["backend"], shown["framework"]["keras_version"]) == ("torch", None)
    assert shown["framework"]["op_determinism"] is True
    assert shown["framework"]["matmul_precision"] == "highest"
    assert shown["framework"]["cpu_capability"]
    assert shown["framework"]["compiled"] is False
    assert set(shown["framework"]["attention"]) >= {"flash", "math"}
    assert (shown["threads"]["intra_op_effective"], shown["threads"]["inter_op_effective"]) == (
        2,
        2,
    )
    assert shown["environment"]["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert not {key for key in shown["errors"] if key.startswith("framework")}


def test_switches_are_recorded_as_the_training_left_them(slot):
    slot.experiment.update(framework="torch", determinism="off")
    switched = "    torch.backends.cuda.matmul.fp32_precision = 'tf32'\n    model ="
    slot.script(TRAINING.replace("    model =", switched))
    result = run(slot)
    shown = result["provenance"]["framework"]
    assert (shown["matmul_tf32"], shown["op_determinism"]) == (True, False)
    assert result["definition"]["framework"] == "torch"
    assert result["definition"]["determinism"] == "off"


def test_a_framework_that_is_not_there_is_bad_input(slot):
    slot.experiment["framework"] = "tensorflow"
    slot.script(TRAINING)
    code, _, result = slot.run()
    assert code == 20
    assert "the image has no tensorflow, it has torch" in result["exception"]["message"]
