"""The command line as a user meets it: what it prints, where, and its exit code."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from osgrepro.cli import console
from osgrepro.common import shipped
from osgrepro.runs.workspace import Workspace


def test_plan_of_the_study_says_780_runs(osgrepro) -> None:
    said = osgrepro("plan", "osg-2022")
    assert said.code == 0
    assert (
        "3 experiments × 13 hardware × 4 software × 5 repeats = 780 runs in 156 cells" in said.out
    )
    assert said.out.endswith("nothing was changed\n")
    assert "creditcard.csv is not there yet" in said.err


def test_plan_as_json_lists_every_run(osgrepro) -> None:
    said = osgrepro("plan", "demo", "--json", "--only", "hardware=host")
    assert len(json.loads(said.out)["runs"]) == 12


def test_a_wrong_campaign_is_exit_2_with_every_problem_and_no_traceback(
    osgrepro, tmp_path: Path
) -> None:
    (tmp_path / "c.toml").write_text('[campaign]\nname = "c"\nrepeat = 3\n')
    said = osgrepro("plan", "c.toml")
    assert said.code == 2
    assert "c.toml: campaign.repeat: unknown key; did you mean 'repeats'?" in said.err
    assert "c.toml: experiment: needs at least one entry" in said.err
    assert "Traceback" not in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    "argv", [["plan"], ["plan", "nowhere.toml"], ["fly"], ["render", "demo"], ["pool", "fly"]]
)
def test_the_users_mistakes_are_exit_2(osgrepro, argv: list[str]) -> None:
    assert osgrepro(*argv).code == 2


def test_init_then_plan(osgrepro) -> None:
    assert osgrepro("init", "new").code == 0
    assert "= 3 runs in 1 cells" in osgrepro("plan", "new").out
    assert osgrepro("init", "new").code == 2


def test_render_writes_what_it_names(osgrepro, tmp_path: Path) -> None:
    said = osgrepro("render", "demo", "--out", "texts")
    assert said.code == 0
    assert all((tmp_path / line).is_file() for line in said.out.splitlines())


def test_data_stages_the_samples(osgrepro, tmp_path: Path) -> None:
    said = osgrepro("data", "demo", "--workspace", "w")
    assert said.code == 0
    assert "sample:digits (sample)" in said.out
    assert len(list((tmp_path / "w" / "inputs").glob("*/*.*"))) == 3


def test_two_campaigns_in_one_folder_are_refused(osgrepro, tmp_path: Path) -> None:
    osgrepro("data", "demo", "--workspace", "w")
    (tmp_path / "other.toml").write_text(
        (shipped.folder("submit") / "demo.toml")
        .read_text()
        .replace('name = "demo"', 'name = "other"')
    )
    said = osgrepro("data", "other.toml", "--workspace", "w")
    assert said.code == 2
    assert "belongs to another campaign" in said.err


def test_pool_status_of_a_pool_that_is_down_is_exit_1(osgrepro) -> None:
    said = osgrepro("pool", "status")
    assert (said.code, said.out.split(":")[0]) == (1, "the mini-pool is down")


def test_version_and_help(osgrepro) -> None:
    assert osgrepro("--version").out.startswith("osgrepro ")
    assert "submit" in osgrepro("--help").out


def test_submit_without_any_pool_is_exit_1_and_says_what_to_start(osgrepro, tmp_path: Path) -> None:
    said = osgrepro("submit", "demo", "--workspace", "w")
    assert said.code == 1
    assert "osgrepro pool up" in said.err
    assert not (tmp_path / "w").exists()


@pytest.mark.parametrize("command", ["status", "collect"])
def test_what_was_never_submitted_has_no_status(osgrepro, command: str) -> None:
    said = osgrepro(command, "demo", "--workspace", "w")
    assert said.code == 2
    assert "nothing has been submitted yet" in said.err


def test_run_of_a_cell_that_is_not_there_names_those_that_are(osgrepro) -> None:
    said = osgrepro("run", "demo", "--cell", "mnist_convnet/host/nothing")
    assert said.code == 2
    assert "mnist_convnet/host/tensorflow-2.8.0" in said.err


def test_run_without_its_image_says_how_to_build_it(osgrepro) -> None:
    said = osgrepro("run", "demo", "--cell", "mnist_convnet/host/tensorflow-2.8.0")
    assert said.code == 2
    assert "osgrepro build" in said.err


def test_data_that_is_not_there_is_named_and_the_rest_is_staged(osgrepro, tmp_path: Path) -> None:
    osgrepro("init", "mine")
    file = tmp_path / "mine" / "campaign.toml"
    file.write_text(file.read_text().replace('["sample:digits"]', '["sample:digits", "my.csv"]'))
    said = osgrepro("data", "mine")
    assert said.code == 2
    assert "my.csv" in said.err
    assert list((tmp_path / "mine" / "campaign.runs" / "inputs").glob("*/digits*"))


@pytest.mark.parametrize("command", ["status", "collect"])
def test_without_a_pool_the_folder_still_tells_what_has_returned(osgrepro, command: str) -> None:
    osgrepro("data", "demo", "--workspace", "w")
    said = osgrepro(command, "demo", "--workspace", "w")
    assert said.code == 0
    assert "48 runs: 48 missing" in said.out
    assert "where jobs stand is what their event logs say" in said.err
    assert osgrepro(command, "demo", "--workspace", "w", "--pool", "local").code == 1


def test_status_does_not_say_that_all_is_well_while_nobody_answers(
    osgrepro, tmp_path: Path
) -> None:
    osgrepro("data", "demo", "--workspace", "w")
    runs = json.loads(osgrepro("status", "demo", "--workspace", "w", "--json").out)["runs"]
    place = Workspace(tmp_path / "w")
    place.note({"event": "intent", "batch": "b1", "name": "tf.1", "count": 1})
    place.note({"event": "commit", "batch": "b1", "cluster": 1})
    place.submission("b1").mkdir(parents=True)
    (place.submission("b1") / "items.csv").write_text(f"{next(iter(runs))},x\n")
    said = osgrepro("status", "demo", "--workspace", "w", "--json")
    shown = json.loads(said.out)
    assert (said.code, shown["asked"], shown["counts"]["idle"]) == (1, False, 1)
    assert "1 run is on the way as far as event logs say" in said.err


def test_status_of_a_part_of_a_campaign(osgrepro) -> None:
    osgrepro("data", "demo", "--workspace", "w")
    said = osgrepro("status", "demo", "--workspace", "w", "--only", "hardware=host", "--json")
    assert len(json.loads(said.out)["runs"]) == 12
    assert osgrepro("status", "demo", "--workspace", "w", "--only", "hardware=x").code == 2


def test_coverage_says_of_every_empty_cell_why(osgrepro) -> None:
    osgrepro("data", "demo", "--workspace", "w")
    said = osgrepro("status", "demo", "--workspace", "w", "--coverage")
    assert said.code == 0
    assert "24 of 24 cells are empty" in said.out
    assert "never submitted" in said.out
    said = osgrepro("status", "demo", "--workspace", "w", "--coverage", "--json")
    assert len(json.loads(said.out)["coverage"]) == 24
    assert osgrepro("status", "demo", "--workspace", "w", "--starved-after", "-1").code == 2


def test_what_was_moved_is_told_by_a_pool_alone(osgrepro) -> None:
    osgrepro("data", "demo", "--workspace", "w")
    said = osgrepro("status", "demo", "--workspace", "w", "--transfers")
    assert (said.code, said.out) == (1, "")
    assert "osgrepro pool up" in said.err


def test_what_a_job_says_can_not_steer_the_terminal(capfd: pytest.CaptureFixture[str]) -> None:
    console.warn("boom\n\x1b[31m evil\nwarning: not ours")
    said = capfd.readouterr().err
    assert said == "warning: boom\n  \\x1b[31m evil\n  warning: not ours\n"


ADS = """\
MyType = "Machine"
Name = "slot1@xeon"
Machine = "xeon"
Arch = "X86_64"
OpSys = "LINUX"
HasSIF = true
Cpus = 64
Memory = 262144
Disk = 900000000
CpuFamily = 23
CpuModelNumber = 49
Start = true
"""


def test_plan_counts_the_slots_of_saved_ads_and_strict_refuses(osgrepro, tmp_path: Path) -> None:
    (tmp_path / "ads").write_text(ADS)
    said = osgrepro("plan", "osg-2022", "--ads", "ads")
    assert said.code == 0
    assert (
        "hardware xeon-gold-6148: none of 1 slots matches: no slot satisfies "
        "`CpuFamily == 6` nor `CpuModelNumber == 85`" in said.err
    )
    assert "hardware epyc-7302" not in said.err

    said = osgrepro("plan", "osg-2022", "--ads", "ads", "--strict")
    assert said.code == 2
    assert "hardware gpu-a40: none of 1 slots matches: without `gpus.count = 1` 1 would" in said.err

    only = ("--only", "hardware=epyc-7302", "--json")
    planned = json.loads(osgrepro("plan", "osg-2022", "--ads", "ads", "--strict", *only).out)
    (found,) = planned["feasibility"]
    assert (found["hardware"], found["matching"], found["free"]) == ("epyc-7302", 1, 1)


def test_ads_that_are_none_are_exit_2(osgrepro, tmp_path: Path) -> None:
    (tmp_path / "ads").write_text("once upon a time\n")
    assert osgrepro("plan", "demo", "--ads", "ads").code == 2
    assert osgrepro("plan", "demo", "--ads", "nowhere").code == 2


def test_status_tells_of_results_of_a_former_definition(
    osgrepro, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    osgrepro("data", "demo", "--workspace", "w")
    assert "former definitions" not in osgrepro("status", "demo", "--workspace", "w").err
    taken = {"0" * 24: SimpleNamespace(file="f", size_bytes=1, modified_ns=1, status="ok")}
    monkeypatch.setattr("osgrepro.results.dataset.taken", lambda _: taken)
    assert (
        "1 result is of former definitions"
        in osgrepro("status", "demo", "--workspace", "w", "--only", "hardware=host").err
    )
