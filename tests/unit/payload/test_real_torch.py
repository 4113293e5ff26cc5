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


RECORDED = """
import torch


def run(context):
    torch = context.torch
    model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4)).to(torch.bfloat16)
    model.register_buffer("scale", torch.ones(3).to(torch.float8_e4m3fn))
    adam = torch.optim.Adam(model.parameters())
    context.model(model, initial=True)
    data = torch.utils.data.TensorDataset(torch.arange(64.0).reshape(16, 4))
    loader = torch.utils.data.DataLoader(
        data, batch_size=4, shuffle=True, num_workers=2, **context.loader_seeding()
    )
    losses = []
    for (x,) in loader:
        adam.zero_grad()
        loss = model(x.to(torch.bfloat16)).square().mean()
        loss.backward()
        adam.step()
        losses.append(loss)
    context.losses({"loss": losses})
    context.model(model, adam)
    context.predictions(model(torch.ones(2, 4).to(torch.bfloat16)), torch.tensor([0, 1]))
    return {"score": loss}
"""


def test_a_model_its_optimizer_and_two_workers_repeat_bit_by_bit(slot):
    slot.script(RECORDED)
    first, second = run(slot), run(slot)
    assert not first["provenance"]["errors"].keys() & {"final_weights", "optimizer"}
    assert first["fingerprints"] == second["fingerprints"]
    model = first["fingerprints"]["model"]
    assert all(model[part] for part in ("parameters", "buffers", "optimizer"))
    assert {"0.weight", "1.running_mean", "scale"} <= set(model["entries"])
    assert first["fingerprints"]["initial_weights"] != first["fingerprints"]["final_weights"]
    assert len(first["fingerprints"]["losses"]["loss"]) == 4
    assert first["examples"]["predicted"]["sha256"]


AFTERWARDS = """
import numpy, torch


def run(context):
    weights = [torch.ones(2, 3, requires_grad=True), torch.zeros(3)]
    context.initial_weights([weight.detach().numpy() for weight in weights])
    context.final_weights(weights)
    context.model(torch.nn.Linear(2, 2, device="meta"))
    return {"score": torch.tensor(0.5, requires_grad=True)}
"""


def test_tensors_hash_as_arrays_do_and_what_has_none_costs_no_training(slot):
    slot.script(AFTERWARDS)
    result = run(slot)
    prints, errors = result["fingerprints"], result["provenance"]["errors"]
    assert prints["initial_weights"] == prints["final_weights"]
    assert "state_dict entry 'weight': a tensor on the device meta" in errors["final_weights"]


def test_a_refused_operation_is_named_with_the_switch(slot):
    slot.script(
        "import torch\n\n\ndef run(context):\n"
        "    torch.zeros(3).put_(torch.tensor([0, 0]), torch.ones(2))\n"
        "    return {'score': 1}\n"
    )
    code, _, result = slot.run()
    message = result["exception"]["message"]
    assert code == 10 and "put_ is not deterministic here" in message
    assert 'determinism = "warn"' in message
