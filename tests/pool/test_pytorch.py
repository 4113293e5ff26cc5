"""Plain PyTorch in its real image: seeded, deterministic, and recorded by name, workers and all."""

from __future__ import annotations

import json

import pytest

from osgrepro.common import folders, shipped
from osgrepro.software import apptainer

pytestmark = pytest.mark.pool

SOFTWARE = "pytorch-2.13.0-cpu"
CAMPAIGN = f"""
[campaign]
name = "plain"
repeats = 2

[[experiment]]
name = "net"
entry = "net.py"
metrics = ["accuracy"]
primary = "accuracy"

[[software]]
name = "{SOFTWARE}"

[[hardware]]
name = "any"
requirements = "true"
request_memory_mb = 1024
request_disk_mb = 2048
"""
# What depends on the seed: data, weights, the order of examples, dropout, and what workers draw.
PROGRAM = """
def run(context):
    torch = context.torch
    nn = torch.nn
    x = torch.randn(128, 1, 12, 12)
    y = (x.mean((1, 2, 3)) > 0).long()

    class Noisy(torch.utils.data.Dataset):
        def __len__(self):
            return len(x)

        def __getitem__(self, at):
            return x[at] + 0.1 * torch.randn(1, 12, 12), y[at]

    model = nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten(), nn.Dropout(0.2),
        nn.Linear(400, 2),
    )
    context.model(model, initial=True)
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    loader = torch.utils.data.DataLoader(
        Noisy(), 32, shuffle=True, num_workers=2, **context.loader_seeding()
    )
    losses = []
    for _ in range(2):
        for batch, labels in loader:
            loss = nn.functional.cross_entropy(model(batch), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss)
    context.losses({"loss": losses})
    context.model(model, optimizer)
    model.eval()
    scores = context.predictions(model(x), truth=y)
    return {"accuracy": (model(x).argmax(1) == y).float().mean()}
"""


@pytest.fixture(scope="module")
def results(commands, tmp_path_factory):
    """What two repeats brought back."""
    catalogue = apptainer.load_catalogue([shipped.folder("containers")])
    if apptainer.plan_image(catalogue[SOFTWARE], folders.cache()).built_image() is None:
        pytest.skip(f"the image {SOFTWARE} is not built: osgrepro build {SOFTWARE}")
    place = tmp_path_factory.mktemp("plain")
    (place / "net.py").write_text(PROGRAM)
    (place / "plain.toml").write_text(CAMPAIGN)
    came = []
    for repeat in ("1", "2"):
        out = place / repeat
        cell = ("--cell", f"net/any/{SOFTWARE}", "--repeat", repeat)
        commands("run", str(place / "plain.toml"), *cell, "--out", str(out))
        (file,) = out.glob("*.json")
        came.append(json.loads(file.read_text()))
    return came


def test_two_repeats_of_plain_pytorch_agree_to_the_last_bit(results) -> None:
    first, second = (result["fingerprints"] for result in results)
    assert first == second
    assert first["initial_weights"] != first["final_weights"]
    assert len(first["losses"]["loss"]) == 8


def test_a_model_is_known_by_its_entries_its_buffers_apart_and_its_optimizer(results) -> None:
    model = results[0]["fingerprints"]["model"]
    assert {"0.weight", "1.running_mean", "5.bias"} <= model["entries"].keys()
    assert len({model[part] for part in ("parameters", "buffers", "optimizer")}) == 3


def test_the_result_says_what_computed(results) -> None:
    for result in results:
        framework = result["provenance"]["framework"]
        assert (framework["backend"], framework["keras_version"]) == ("torch", None)
        assert framework["op_determinism"] is True
        assert framework["cudnn_benchmark"] is False
        assert result["provenance"]["threads"]["intra_op_effective"] >= 1
        assert "errors" not in result["provenance"] or result["provenance"]["errors"] == {}
