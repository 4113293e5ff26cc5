"""Remote outcome classes are put to the test on a real twin: one is confirmed, a lie is refuted."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from osgrepro.results import dataset, records
from osgrepro.results.records import Record, Source

pytestmark = [pytest.mark.pool, pytest.mark.timeout(300)]

CAMPAIGN = """
[campaign]
name = "mini"
repeats = 1

[[experiment]]
name = "mnist"
entry = "experiments.mnist_convnet:run"
data = ["sample:digits"]
params = { epochs = 1, limit_train = 1280, limit_test = 320 }
metrics = ["test_loss"]
primary = "test_loss"

[[software]]
name = "tensorflow-2.8.0"

[[hardware]]
name = "anywhere"
request_memory_mb = 1024
"""
_AS_HOST = {"threads_requested": "host"}
COLUMNS = [column.name for column in dataset.COLUMNS]


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A campaign, and two results of it: of this machine, and of one that has twice its threads."""
    folder = tmp_path_factory.mktemp("replay")
    (folder / "mini.toml").write_text(CAMPAIGN)
    return folder


@pytest.fixture(scope="module")
def results(commands, place):
    commands("build", str(place / "mini.toml"))
    cell = ("--cell", "mnist/anywhere/tensorflow-2.8.0")
    found = {}
    for threads in (None, 2 * (os.cpu_count() or 1)):
        campaign = place / "mini.toml"
        if threads:  # as on a host of this size, where the backend would do so by itself
            campaign = place / "large.toml"
            pinned = f"repeats = 1\nthreads = {threads}"
            campaign.write_text(CAMPAIGN.replace("repeats = 1", pinned))
        out = place / f"host-{threads}"
        commands("run", str(campaign), *cell, "--out", str(out))
        (found[threads],) = out.glob("*.json")
    return found


@pytest.fixture(scope="module")
def remote(place, results) -> Path:
    """A dataset of three hosts; the third one's weights are not what such a machine computes."""
    own, other = (_row(file) for file in results.values())
    rows = [
        own | {"hardware": "small-host", "run_id": "a"},
        other | {"hardware": "large-host", "run_id": "b"} | _AS_HOST,
        own | {"hardware": "wrong-host", "run_id": "c", "final_weights": "0" * 64},
    ]
    dataset.write(place / "remote.parquet", rows)
    return place / "remote.parquet"


@pytest.fixture(scope="module")
def twin(commands, place, results) -> Path:
    """A twin of both hosts, described from a result."""
    (small, large) = results.values()
    described = commands("twin", "from", str(small), "--name", "small")
    own = json.loads(small.read_text())["provenance"]["threads"]["logical_cpus"]
    threads = json.loads(large.read_text())["provenance"]["threads"]["intra_op_effective"]
    machine = described[described.index("[[machine]]") :].replace('"small"', '"large"')
    machine = machine.replace(f"logical_cpus = {own}\n", f"logical_cpus = {threads}\n")
    (place / "mine.toml").write_text(f"{described}\n{machine}")
    return place / "mine.toml"


@pytest.fixture(scope="module")
def replay(place, remote, twin):
    return (
        *("confirm", str(remote), "--replay", "--json", "--twin", str(twin)),
        *("--campaign", str(place / "mini.toml")),
    )


def test_a_replay_confirms_to_the_last_bit_and_refutes(outcome, commands, replay, twin):
    code, _, err = outcome(*replay)
    assert code == 1
    assert "the mini-pool is down" in err
    assert f"osgrepro pool up --twin {twin}" in err
    commands("pool", "up", "--twin", str(twin))
    code, out, err = outcome(*replay)
    assert code == 1, err
    told = json.loads(out)
    answers = {one["remote"][0]: one for one in told["confirmations"]}
    assert {name: one["answer"] for name, one in answers.items()} == {
        "small-host": "confirmed",
        "large-host": "confirmed",
        "wrong-host": "refuted",
    }
    assert [one["machine"] for one in told["replays"]] == ["small", "small", "large"]
    assert answers["small-host"]["remote_class"] != answers["large-host"]["remote_class"]
    assert answers["wrong-host"]["emulated_class"] == answers["small-host"]["remote_class"]
    assert answers["large-host"]["emulated"] == "large"
    assert "large-host is large by CPU model and threads" in answers["large-host"]["text"]


def test_begun_again_it_runs_nothing_and_says_the_same(outcome, commands, replay):
    commands("pool", "down")
    code, out, err = outcome(*replay)
    assert code == 1, err
    assert json.loads(out)["confirmed"] == 2


def _row(file: Path) -> dict[str, object]:
    """Return a result of `osgrepro run` as a row of the dataset."""
    source = Source(
        file=f"{file.name[:2]}/{file.name}", size_bytes=file.stat().st_size, modified_ns=0
    )
    record = Record(source=source, result=records.parse(file.read_bytes()), machine={})
    return dataset.row(record, COLUMNS)
