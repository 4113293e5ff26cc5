"""``probe`` as a user meets it: a line for each class, all of it as JSON, mistakes as exit 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trial

from osgrepro.common import shipped
from osgrepro.results import dataset, records

OPERATIONS = {f"operation_{number}": f"{number}" * 64 for number in range(7)}
OTHER = dict.fromkeys(OPERATIONS, "f" * 64)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return a dataset of two places with two runs each, one of them emulated."""
    matrix = trial.expand(2, ("host", "threads4"))
    rows = []
    for proc, run in enumerate(matrix.runs):
        hashes = OPERATIONS if run.hardware == "host" else OTHER
        content = trial.result(
            matrix, run, "ab", cluster=1, proc=proc, fingerprints={"probe": hashes}
        )
        if run.hardware == "threads4":
            content["provenance"] |= {
                "cpu": {"model_name": "EPYC 7513"},
                "threads": {"intra_op_effective": 4},
                "emulation": {"emulated": True, "what": ["4 threads"], "simulated_gpu": False},
            }
        rows.append(
            records.Record(
                source=trial.source(content),
                result=records.Result.model_validate(content),
                machine={"Name": "slot1", "Machine": "here", "OsgreproEP": run.hardware},
            )
        )
    dataset.update(tmp_path / "d.parquet", rows)
    return tmp_path / "d.parquet"


def test_every_class_has_a_line(osgrepro, path: Path) -> None:
    said = osgrepro("probe", str(path))
    assert said.code == 0, said.err
    assert "stand-in, tf: 2 numerical classes in 4 runs of 7 operations" in said.out
    first, second = [line.split() for line in said.out.splitlines() if line[:2] in ("A ", "B ")]
    assert first == ["A", "host", "host", "2", "the", "same"]
    assert second[:6] == ["B", "threads4", "threads4", "4", "EPYC", "7513"]
    assert " ".join(second[6:12]) == "4 threads 2 the same operation_0,"
    assert "and 3 more" in said.out


def test_json_names_every_operation(osgrepro, path: Path) -> None:
    (probe,) = json.loads(osgrepro("probe", str(path), "--json").out)["probes"]
    first, second = probe["classes"]
    assert (first["letter"], first["differs"], first["repeats_agree"]) == ("A", [], True)
    assert second["differs"] == sorted(OPERATIONS)
    assert second["members"][0]["place"]["intra_op_threads"] == 4


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["demo"], "none of its experiments is the probe"),
        (["demo", "--submit", "--wait"], "none of its experiments is the probe"),
        (["x.parquet", "--submit"], "a dataset can't be submitted"),
        (["x.parquet", "--wait"], "a dataset can't be submitted or waited for"),
        (["nowhere"], "no such campaign file"),
    ],
)
def test_mistakes_are_exit_2(osgrepro, argv: list[str], told: str) -> None:
    said = osgrepro("probe", *argv)
    assert (said.code, said.out) == (2, "")
    assert told in said.err
    assert "Traceback" not in said.err


def test_submit_without_a_pool_says_so(osgrepro) -> None:
    said = osgrepro("probe", "probe", "--submit", "--pool", "local", "--workspace", "w")
    assert said.code == 1
    assert "the mini-pool is down" in said.err


def ads(folder: Path, *machines: dict[str, object]) -> str:
    """Write machine ads as condor_status -json does; return the file's name."""
    whole = [
        {"MyType": "Machine", "Name": f"slot1@{number}", "Machine": str(number), **one}
        for number, one in enumerate(machines)
    ]
    (folder / "ads.json").write_text(json.dumps(whole))
    return "ads.json"


V3 = {"CpuFamily": 23, "CpuModelNumber": 49, "Microarch": "x86_64-v3", "DetectedCpus": 64}
V4 = {"CpuFamily": 6, "CpuModelNumber": 85, "Microarch": "x86_64-v4", "DetectedCpus": 80}


def test_a_campaign_of_one_probe_for_each_class_is_written_once(osgrepro, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text((shipped.folder("submit") / "probe.toml").read_text())
    said = osgrepro("probe", "mine.toml", "--per-class", "--ads", ads(tmp_path, V3, V3, V4))
    assert said.code == 0, said.err
    assert "mine-classes.toml: 2 hardware classes" in said.err
    plan = json.loads(osgrepro("plan", "mine-classes.toml", "--json").out)
    assert plan["campaign"]["name"] == "probe-classes"
    assert len(plan["runs"]) == 4
    assert plan["unproved"] == {}
    before = (tmp_path / "mine-classes.toml").read_bytes()
    again = osgrepro("probe", "mine.toml", "--per-class", "--ads", ads(tmp_path, V4))
    assert "going on with" in again.err
    assert (tmp_path / "mine-classes.toml").read_bytes() == before


def test_the_most_different_classes_are_kept(osgrepro, tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text((shipped.folder("submit") / "probe.toml").read_text())
    words = ("--per-class", "--limit", "1", "--ads", ads(tmp_path, V3, V3, V4))
    said = osgrepro("probe", "mine.toml", *words)
    assert "1 hardware classes, 1 left out" in said.err


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("d.parquet", "--per-class"), "a dataset has no hardware"),
        (("demo", "--per-class", "--ads", "ads.json"), "none of its experiments is the probe"),
        (("probe", "--limit", "2"), "--limit is for --per-class"),
        (("probe", "--ads", "ads.json"), "--ads is for --per-class"),
    ],
)
def test_what_has_no_classes_to_fan_out_to_is_refused(
    osgrepro, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    ads(tmp_path, V3)
    said = osgrepro("probe", *words)
    assert (said.code, said.out) == (2, "")
    assert message in said.err
