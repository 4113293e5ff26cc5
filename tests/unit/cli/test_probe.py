"""``probe`` as a user meets it: a line for each class, all of it as JSON, mistakes as exit 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import trial

from osgrepro import dataset, records

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
                source=records.Source(file="ab/x", size_bytes=1, modified_ns=1),
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
        (["demo"], "no experiment is the probe"),
        (["demo", "--submit", "--wait"], "no experiment is the probe"),
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
