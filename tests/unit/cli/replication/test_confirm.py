"""``confirm`` as a user meets it: a line for each environment, JSON, and exit 1 for refuted."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from osgrepro.results import dataset


def row(hardware: str, weights: str, *, emulated: bool = False, **changes: Any) -> dict[str, Any]:
    """Return a run as a row of the dataset."""
    return {
        "run_id": f"{hardware}{emulated}",
        "experiment": "mnist",
        "software": "tf",
        "hardware": hardware,
        "repeat": 1,
        "status": "ok",
        "code_sha256": "c" * 64,
        "params_json": "{}",
        "data_json": "[]",
        "seed": 1,
        "final_weights": weights,
        "emulated": emulated,
        **changes,
    }


@pytest.fixture
def remote(tmp_path: Path) -> str:
    """Return a dataset of three remote cells."""
    rows = [row("epyc-7302", "a"), row("epyc-7513", "b"), row("gpu-a100", "a")]
    dataset.write(tmp_path / "remote.parquet", rows)
    return "remote.parquet"


@pytest.fixture
def emulated(tmp_path: Path) -> str:
    """Return a dataset in which one of two cells is as the remote one was."""
    rows = [row("epyc-7302", "a", emulated=True), row("epyc-7513", "c", emulated=True)]
    dataset.write(tmp_path / "emulated.parquet", rows)
    return "emulated.parquet"


def test_every_environment_has_a_line_and_one_refuted_is_exit_1(osgrepro, remote, emulated) -> None:
    said = osgrepro("confirm", remote, "--with", emulated, "--twin", "osg-2022")
    assert said.code == 1, said.err
    _, first, second, third, *folded, summary = said.out.splitlines()
    assert first.split()[:5] == ["mnist", "tf", "epyc-7302", "A", "confirmed"]
    assert first.rstrip().endswith("the same to the last bit")
    assert second.split()[:5] == ["mnist", "tf", "epyc-7513", "B", "refuted"]
    assert third.split()[:6] == ["mnist", "tf", "gpu-a100", "A", "not", "emulable"]
    assert "simulated, jobs run on the CPU" in " ".join(" ".join([third, *folded]).split())
    assert summary == "1 confirmed, 1 refuted, 1 not emulable, 0 not ready, 0 not tried"


def test_what_was_not_replayed_yet_has_the_command_that_replays_it(osgrepro, remote) -> None:
    said = osgrepro("confirm", remote, "--as", "tf=our tf")
    assert "0 confirmed, 0 refuted, 0 not emulable, 0 not ready, 3 not tried" in said.out
    assert (
        "next: osgrepro confirm remote.parquet --as 'tf=our tf' --replay --campaign CAMPAIGN "
        "--twin TWIN"
    ) in " ".join(said.out.split())


def test_json_tells_all(osgrepro, remote, emulated) -> None:
    found = json.loads(osgrepro("confirm", remote, "--with", emulated, "--json").out)
    assert [one["answer"] for one in found["confirmations"]] == [
        *("confirmed", "refuted", "not tried")
    ]
    assert found["confirmations"][1] == {
        "experiment": "mnist",
        "software": "tf",
        "remote": ["epyc-7513"],
        "remote_class": "B",
        "emulated": "epyc-7513",
        "emulated_class": "C",
        "answer": "refuted",
        "emulation": [],
        "not_emulated": [],
        "p_upper": None,
        "text": "final weights: C here, B there",
    }
    counts = [found[key] for key in ("confirmed", "refuted", "not_emulable", "not_tried")]
    assert counts == [1, 1, 0, 1]


def test_without_emulated_runs_nothing_is_refuted(osgrepro, remote, tmp_path: Path) -> None:
    said = osgrepro("confirm", remote)
    assert said.code == 0
    assert said.out.count("not replayed yet") == 3
    (tmp_path / "t.toml").write_text(
        '[twin]\nname = "mine"\n[[machine]]\nname = "m"\nvendor = "v"\nfamily = 1\nmodel = 1\n'
        'model_name = "M"\nlogical_cpus = 2\nisa = []\nl1d_kib = 32\nl2_kib = 512\n'
    )
    said = osgrepro("confirm", remote, "--twin", "t.toml")
    assert "the twin has no machine gpu-a100" in said.out


def test_one_dataset_may_hold_both(osgrepro, tmp_path: Path) -> None:
    rows = [row("here", "a"), row("here", "a", emulated=True)]
    dataset.write(tmp_path / "both.parquet", rows)
    said = osgrepro("confirm", "both.parquet")
    assert (said.code, said.out.splitlines()[-1]) == (
        0,
        "1 confirmed, 0 refuted, 0 not emulable, 0 not ready, 0 not tried",
    )


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["nowhere.parquet"], "nowhere.parquet: no such file"),
        (["."], ".: no such file"),
        (["text.parquet"], "text.parquet: can't be read"),
        (["emulated.parquet"], "emulated.parquet: it has no remote run that ended well"),
        (["remote.parquet", "--with", "remote.parquet"], "it has no emulated run"),
        (["remote.parquet", "--with", "nowhere.parquet"], "nowhere.parquet: no such file"),
        (["remote.parquet", "--with", "text.parquet"], "text.parquet: can't be read"),
        (["remote.parquet", "--twin", "osg-2023"], "osg-2023: no such twin"),
    ],
)
def test_mistakes_are_exit_2(osgrepro, remote, emulated, tmp_path: Path, argv, told) -> None:
    (tmp_path / "text.parquet").write_text("experiment,hardware\n")
    said = osgrepro("confirm", *argv)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert "Traceback" not in said.err
