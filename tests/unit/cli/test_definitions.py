"""An edited script: every command counts the same runs, and says how many others there are."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from osgrepro.common.models import Json, Matrix, Run
from osgrepro.results import dataset, records
from osgrepro.runs.workspace import open_workspace
from osgrepro.workflow.loading import load

CAMPAIGN = """
[campaign]
name = "mine"
repeats = 2

[[experiment]]
name = "own"
entry = "train.py"
metrics = ["accuracy"]
primary = "accuracy"

[[software]]
name = "tensorflow-2.8.0"

[[hardware]]
name = "a"

[[hardware]]
name = "b"

[[claim]]
name = "good"
a = "own"
metric = "accuracy"
delta = 0.7
"""
FORMER, PRESENT = 0.5, 0.75


class Study:
    """A campaign whose runs end as the test likes; what is in its dataset was collected before."""

    def __init__(self, home: Path) -> None:
        self.file = home / "mine.toml"
        self.file.write_text(CAMPAIGN)
        self.edit("first")
        self.place = open_workspace(home / "mine.runs", "mine", self.file.name)
        self.rows: list[Json] = []

    def edit(self, text: str) -> None:
        (self.file.parent / "train.py").write_text(f"print('{text}')\n")

    @property
    def matrix(self) -> Matrix:
        return load(str(self.file)).matrix

    def end(self, run: Run, value: float, **changes: Any) -> None:
        """Put a run of the campaign, as it is now, into the dataset."""
        told = records.expected_definition(self.matrix, run, None)
        number = len(self.rows)
        ok = changes.get("status", "ok") == "ok"
        self.rows.append(
            {
                **{name: told[name] for name in ("campaign", "experiment", "hardware", "software")},
                **{name: told[name] for name in ("entry", "code_sha256", "seed", "repeat")},
                "run_id": run.run_id,
                "params_json": json.dumps(told["params"]),
                "data_json": "[]",
                "threads_requested": "host",
                "status": "ok",
                "primary_metric": "accuracy",
                "metrics": [{"name": "accuracy", "value": value, "hex": value.hex()}] if ok else [],
                "final_weights": f"{value}" if ok else None,
                "file": f"{run.run_id[:2]}/{run.run_id}.1.{number}.1.json",
                "file_bytes": 1,
                "file_modified_ns": 1,
                **changes,
            }
        )
        dataset.write(self.place.dataset_file, self.rows, force=True)


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """Return a campaign all of whose runs ended, one of them badly, and a script edited since."""
    made = Study(tmp_path)
    for run in made.matrix.runs:
        made.end(run, FORMER)
    made.rows[-1] |= {"status": "failed", "metrics": [], "exception_type": "ValueError"}
    made.edit("second")
    for run in made.matrix.runs[:2]:
        made.end(run, PRESENT)
    return made


def test_every_command_counts_the_same_runs(osgrepro: Any, study: Study, tmp_path: Path) -> None:
    collected = osgrepro("collect", "mine.toml")
    assert collected.code == 0, collected.err
    assert "2 of 4 runs are in the dataset" in collected.out
    assert "4 runs: 2 done, 2 missing" in collected.out
    assert "4 of 6 runs are of other definitions" in collected.err
    assert "0.750000" in collected.out
    assert "0.500000" not in collected.out
    assert "ValueError" not in collected.out
    counts = json.loads(osgrepro("status", "mine.toml", "--json").out)["counts"]
    assert (counts["done"], counts["failed"]) == (2, 0)
    path = "mine.runs/dataset.parquet"
    said = osgrepro("analyze", path)
    assert said.out.index("4 of 6 runs are of other definitions") < said.out.index("Verdict")
    found = json.loads(osgrepro("analyze", path, "--json").out)
    assert (found["data"]["rows"], found["data"]["failed"]) == (2, 0)
    assert [cell["ok"] for one in found["experiments"] for cell in one["cells"]] == [2]
    assert found["claims"][0]["holds"] == found["claims"][0]["environments"] == 1
    page = osgrepro("report", path)
    assert "4 of 6 runs are of other definitions" in page.err
    text = (tmp_path / "mine.runs" / "dataset-report.html").read_text()
    assert text.index("4 of 6 runs are of other definitions") < text.index("<dl")
    assert osgrepro("report", path, "--format", "json").code == 0
    written = json.loads((tmp_path / "mine.runs" / "dataset-report.json").read_text())
    # A page names the dataset beside it, a terminal the one that was given.
    assert written.pop("next") != found.pop("next")
    assert written == found
    exported = osgrepro("export", "mine.toml", "--ro-crate", "crate")
    assert exported.code == 0, exported.err
    exported_findings = json.loads((tmp_path / "crate" / "findings.json").read_text())
    assert exported_findings.pop("next")
    assert exported_findings == found
    about = (tmp_path / "crate" / "README.md").read_text()
    assert "2 results" in about
    assert "4 more in the dataset are of former definitions" in about
    assert osgrepro("verify", "crate").code == 0


def test_a_former_definition_is_compared_only_when_asked(osgrepro: Any, study: Study) -> None:
    osgrepro("collect", "mine.toml")
    path = "mine.runs/dataset.parquet"
    listed = json.loads(osgrepro("analyze", path, "--definition", "list", "--json").out)
    assert [(one["rows"], one["failed"], one["current"]) for one in listed] == [
        (2, 0, True),
        (4, 1, False),
    ]
    former = listed[1]["id"]
    assert former in osgrepro("analyze", path, "--definition", "list").out
    found = json.loads(osgrepro("analyze", path, "--json", "--definition", former[:6]).out)
    assert (found["data"]["rows"], found["data"]["failed"]) == (4, 1)
    every = json.loads(osgrepro("analyze", path, "--json", "--definition", "all").out)
    assert every["data"]["experiments"] == ["own", f"own@{former}"]
    told = osgrepro("analyze", path, "--definition", former, "--claim", "own.accuracy > 0.6")
    assert "own.accuracy > 0.6: no" in told.out
    refused = osgrepro("analyze", path, "--definition", "0000beef")
    assert refused.code == 2
    assert former in refused.err


def test_a_script_that_is_as_before_again_has_its_runs_again(osgrepro: Any, study: Study) -> None:
    osgrepro("collect", "mine.toml")
    study.edit("first")
    assert "4 of 4 runs are in the dataset" in osgrepro("collect", "mine.toml").out
    found = json.loads(osgrepro("analyze", "mine.runs/dataset.parquet", "--json").out)
    assert (found["data"]["rows"], found["data"]["failed"]) == (4, 1)


def test_a_crate_says_that_the_campaign_was_changed_since(osgrepro: Any, study: Study) -> None:
    osgrepro("collect", "mine.toml")
    study.edit("third")
    said = osgrepro("export", "mine.toml", "--ro-crate", "crate")
    assert "has changed since the last" in said.out + said.err


def test_status_says_how_runs_failed_and_what_sends_them_again(osgrepro: Any, study: Study) -> None:
    run = study.matrix.runs[2]
    study.end(run, 0.0, status="failed", exception_type="KeyError", exception_message="no x")
    osgrepro("collect", "mine.toml")
    said = osgrepro("status", "mine.toml")
    assert "KeyError: no x" in said.out
    assert "ValueError" not in said.out  # of a former definition
    assert "osgrepro retry mine.toml --state failed" in said.err
    assert "4 results are of former definitions" in said.err
    part = osgrepro("status", "mine.toml", "--only", "hardware=a")
    assert "KeyError" not in part.out


def test_where_no_run_is_current_nothing_is_counted(osgrepro: Any, study: Study) -> None:
    study.edit("third")
    osgrepro("collect", "mine.toml")
    said = osgrepro("analyze", "mine.runs/dataset.parquet")
    assert "No run is of the campaign's current definitions" in said.out
    assert "0 runs" not in said.out
