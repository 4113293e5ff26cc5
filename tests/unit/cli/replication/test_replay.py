"""``confirm --replay`` before anything runs: what it would run, why not the rest, and mistakes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sif_file
from paths import STUDY

from osgrepro.results import dataset
from osgrepro.workflow.hardware import twins
from osgrepro.workflow.loading import load
from osgrepro.workflow.replication.replay_plan import Plan, plan

CAMPAIGN = """
[campaign]
name = "mini"
repeats = 2

[[experiment]]
name = "mnist"
entry = "experiments.mnist_convnet:run"
data = ["sample:digits"]
metrics = ["test_loss"]
primary = "test_loss"

[[experiment]]
name = "fraud"
entry = "experiments.imbalanced_classification:run"
data = ["nowhere.csv"]
metrics = ["test_loss"]
primary = "test_loss"

[[software]]
name = "tf"
image = "tf.sif"

[[software]]
name = "unbuilt"
container = "keras3-jax"

[[hardware]]
name = "anywhere"
"""
MACHINE = """
[[machine]]
name = "{name}"
vendor = "{vendor}"
family = 1
model = 1
model_name = "CPU of {name}"
logical_cpus = {threads}
isa = []
l1d_kib = {l1d}
l2_kib = {l2}
"""


@pytest.fixture
def place(tmp_path: Path, osgrepro: object) -> Path:
    """A campaign, an empty cache, and a twin of this machine with other threads and a foreigner."""
    sif_file.write(tmp_path / "tf.sif", {})
    (tmp_path / "mini.toml").write_text(CAMPAIGN)
    here = twins.here()
    own = {"l1d": here.l1d_kib or 1, "l2": here.l2_kib or 1}
    known = [("four", 4), ("eight", 8), ("also-four", 4)]
    described = [
        MACHINE.format(name=name, threads=threads, vendor=here.vendor, **own)
        for name, threads in known
    ]
    described.append(MACHINE.format(name="foreign", threads=2, vendor="Else", **own))
    (tmp_path / "twin.toml").write_text('[twin]\nname = "mine"\n' + "".join(described))
    if here.vendor is None or None in (here.l1d_kib, here.l2_kib):
        pytest.skip("this machine does not tell its vendor or its caches, so none is like it")
    return tmp_path


def row(machine: str, threads: int, weights: str, **changes: Any) -> dict[str, Any]:
    """Return a remote run as an import has it."""
    return {
        "run_id": f"{machine}{changes}",
        "experiment": "mnist",
        "software": "tf",
        "hardware": f"host-of-{machine}",
        "repeat": 1,
        "status": "ok",
        "final_weights": weights,
        "cpu_model_name": f"CPU of {machine}",
        "logical_cpus": threads,
        **changes,
    }


def planned(place: Path, *rows: dict[str, Any], limit: int | None = None) -> Plan:
    dataset.write(place / "remote.parquet", rows, force=True)
    return plan(
        load(str(place / "mini.toml")),
        place / "remote.parquet",
        str(place / "twin.toml"),
        limit=limit,
    )


def test_one_run_for_each_class_and_emulation_the_cheapest_first(place: Path) -> None:
    rows = [row("eight", 8, "a"), row("four", 4, "a"), row("also-four", 4, "a")]
    made = planned(place, *rows)
    told = [(one.run.hardware, one.remote_class, len(one.remote)) for one in made.replays]
    assert told == [("also-four", "A", 2), ("eight", "A", 1)]
    assert made.left_out == {}
    assert made.folder == place / "mini.mine.replay"
    other = planned(place, row("four", 4, "a"), row("also-four", 4, "b"))
    assert sorted(one.run.hardware for one in other.replays) == ["also-four", "four"]


def test_why_not_the_rest(place: Path) -> None:
    made = planned(
        place,
        row("four", 4, "a"),
        row("eight", 8, "b"),
        row("foreign", 2, "c"),
        row("four", 4, "d", software="unbuilt"),
        row("four", 4, "e", experiment="fraud"),
        row("four", 4, "f", hardware="seeded", seed=7),
        row("four", 4, "g", hardware="gpu", gpu_name="A40"),
        limit=1,
    )
    assert [one.run.hardware for one in made.replays] == ["four"]
    why = {(c[0], c[1], c[2]): reasons for reasons, cells in made.left_out.items() for c in cells}
    assert why["mnist", "tf", "host-of-eight"] == ("left out by --limit: a larger one includes it",)
    assert why["mnist", "tf", "host-of-foreign"][0].startswith("vendor Else, here ")
    assert "the image of unbuilt is not there" in why["mnist", "unbuilt", "host-of-four"][0]
    assert why["fraud", "tf", "host-of-four"] == (
        "missing data: nowhere.csv; put it there, and run the same command again",
    )
    assert why["mnist", "tf", "seeded"] == (
        "the campaign's runs have other seed; --campaign names one that has the same",
    )
    never = {cell[2] for cell, here in made.counterparts.items() if here.obstacles}
    assert never == {"host-of-foreign", "gpu"}
    assert why["mnist", "tf", "gpu"] == (
        "no machine of the twin is a GPU A40; no GPU is ever emulated",
    )


def test_of_several_seeds_the_first_is_replayed(place: Path) -> None:
    text = (place / "mini.toml").read_text()
    (place / "mini.toml").write_text(text.replace("repeats = 2", "repeats = 2\nseeds = [3, 1]"))
    other = [row("four", 4, "a", seed=1), row("four", 4, "b", seed=3), row("eight", 8, "c", seed=1)]
    made = planned(place, *other)
    assert [(one.run.hardware, one.run.seed) for one in made.replays] == [("four", 3), ("eight", 1)]
    assert made.left_out == {}


def test_a_replay_never_gets_into_the_folder_of_the_real_runs(place: Path) -> None:
    made = planned(place, row("four", 4, "a"))
    real = load(str(place / "mini.toml"))
    assert made.loaded.campaign.name == "mini-on-mine"
    assert made.loaded.campaign.name != real.campaign.name
    assert {one.requirements for one in made.loaded.campaign.hardware} >= {'OsgreproEP == "four"'}


COMMAND = ("confirm", "remote.parquet", "--replay", "--campaign", "mini.toml")


def test_without_the_pool_the_plan_is_told_and_how_to_start_it(place: Path, osgrepro) -> None:
    planned(place, row("four", 4, "a"), row("foreign", 2, "c"))
    said = osgrepro(*COMMAND, "--twin", "twin.toml")
    assert said.code == 1
    assert "runs: 1, for 1 of 2 remote cells" in said.out
    assert "not replayed: host-of-foreign: vendor Else" in said.out
    assert "the mini-pool is down" in said.err
    assert "osgrepro pool up --twin twin.toml --only four" in said.err
    assert "Traceback" not in said.err


def test_with_nothing_to_replay_no_pool_is_needed(place: Path, osgrepro) -> None:
    planned(place, row("foreign", 2, "c"))
    said = osgrepro(*COMMAND, "--twin", "twin.toml", "--json")
    assert said.code == 0, said.err
    told = json.loads(said.out)
    assert (told["replays"], told["not_emulable"]) == ([], 1)
    assert told["confirmations"][0]["text"].startswith("vendor Else")


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["--replay", "--twin", "twin.toml"], "--replay needs --campaign"),
        (["--replay", "--campaign", "mini.toml"], "--replay needs --campaign"),
        (["--campaign", "mini.toml"], "are for --replay"),
        (["--limit", "2"], "are for --replay"),
        (["--twin", "twin.toml", "--as", "tf"], "--as tf: should be REMOTE=HERE"),
    ],
)
def test_mistakes_are_exit_2(place: Path, osgrepro, argv: list[str], told: str) -> None:
    planned(place, row("four", 4, "a"))
    said = osgrepro("confirm", "remote.parquet", *argv)
    assert said.code == 2
    assert told in said.err


@pytest.mark.skipif(not STUDY.is_dir(), reason=f"the study's raw data are not at {STUDY}")
def test_each_cpu_of_the_study_is_found_among_the_twins_machines(osgrepro) -> None:
    assert osgrepro("import", str(STUDY), "-o", "osg.parquet").code == 0
    names = {
        "bidirectional_lstm_imdb": "bidirectional_lstm",
        "dockerhub-2.8.0": "dockerhub-2.8.0-gpu",
    }
    told = [word for pair in names.items() for word in ("--as", "=".join(pair))]
    said = osgrepro(
        *("confirm", "osg.parquet", "--replay", "--campaign", "osg-2022", "--twin", "osg-2022"),
        *("--limit", "1", "--json", "--workspace", "w", *told),
    )
    unknown = [line for line in said.err.splitlines() if "Traceback" in line]
    assert not unknown
    if said.code == 1:  # a machine that can stand in for some, and no pool
        assert "the mini-pool is down" in said.err
        return
    found = json.loads(said.out)["confirmations"]
    cpus = [one for one in found if "GPU" not in one["text"] and "simulated" not in one["text"]]
    assert len(cpus) == 60
    assert not any("the twin" in one["text"] or "here is called" in one["text"] for one in cpus)
