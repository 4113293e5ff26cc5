"""A class has one letter, wherever it is shown: in ``collect``, in ``analyze`` and on the page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from printed import words

from osgrepro.cli import tables
from osgrepro.results import dataset
from osgrepro.workflow.replication import confirming
from osgrepro.workflow.results import analyzing

# The largest class is last by hardware, and one software has it alone.
WEIGHTS = {
    ("jax", "a"): ["x", "x"],
    ("jax", "b"): ["y", "z"],
    ("tf", "a"): ["w", "w"],
    ("tf", "b"): ["v", "v"],
    ("tf", "c"): ["v", "v", "v"],
}


@pytest.fixture
def runs(tmp_path: Path) -> str:
    rows = [
        {
            "campaign": "c",
            "run_id": f"{software}{hardware}{repeat}",
            "experiment": "own",
            "software": software,
            "hardware": hardware,
            "repeat": repeat,
            "seed": 1,
            "status": "ok",
            "primary_metric": "loss",
            "metrics": [{"name": "loss", "value": 0.5, "hex": "0x1p-1"}],
            "final_weights": name,
            "emulated": False,
        }
        for (software, hardware), names in WEIGHTS.items()
        for repeat, name in enumerate(names, 1)
    ]
    dataset.write(tmp_path / "d.parquet", rows)
    return "d.parquet"


def test_all_commands_give_a_class_the_same_letter(
    osgrepro: Any, runs: str, tmp_path: Path
) -> None:
    found = json.loads(osgrepro("analyze", runs, "--json").out)
    (one,) = found["experiments"]
    letters = {(cell["software"], cell["hardware"]): set(cell["classes"]) for cell in one["cells"]}
    assert letters["tf", "c"] == letters["tf", "b"] == {"A"}
    assert len(letters["jax", "b"]) == 2
    shown = {
        (row[1], row[2]): set(" ".join(row[5:]).split(str(len(WEIGHTS[row[1], row[2]])))[0].split())
        for row in words(tables.outcomes(analyzing.preview(tmp_path / runs)))[1:]
    }
    assert shown == letters
    told: dict[tuple[str, str], set[str]] = {}
    for row in confirming.read(tmp_path / runs):
        told.setdefault((row["software"], row["hardware"]), set()).add(row["letter"])
    assert told == letters
    osgrepro("report", runs)
    page = (tmp_path / "d-report.html").read_text()
    inside = page.split('type="application/json"')[1].split(">", 1)[1].split("</script>")[0]
    assert json.loads(inside)["experiments"] == found["experiments"]
    for (software, hardware), own in letters.items():
        assert any(
            software in row and hardware in row and all(letter in row for letter in own)
            for row in page.split("<tr")
        )
