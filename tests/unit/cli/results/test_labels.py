"""Labels on their way from a dataset to every kind of output."""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import pytest

from osgrepro.results import dataset

TRUTH = [0, 1, 2, 2, 1, 0, 0, 1]
ALIKE, APART = [0, 1, 2, 2, 1, 0, 1, 1], [0, 1, 2, 2, 1, 0, 0, 2]


def packed(name: str, numbers: list[int]) -> dict[str, Any]:
    return {
        name: zlib.compress(bytes(numbers)),
        f"{name}_sha256": hashlib.sha256(bytes(numbers)).hexdigest(),
    }


def write(path: Path, hardware: dict[str, list[int]], **changes: Any) -> None:
    rows = [
        {
            "campaign": "c",
            "run_id": f"{number:024x}",
            "experiment": "digits",
            "software": "tf",
            "hardware": name,
            "repeat": number % 2 + 1,
            "seed": 1,
            "status": "ok",
            "primary_metric": "test_accuracy",
            "metrics": [{"name": "test_accuracy", "value": 0.875, "hex": (0.875).hex()}],
            "label_count": 8,
            "label_type": "uint8",
            **packed("predicted_labels", labels),
            **packed("true_labels", TRUTH),
            **changes,
        }
        for number, (name, labels) in enumerate(
            (name, labels) for name, labels in hardware.items() for _ in (1, 2)
        )
    ]
    dataset.write(path, rows, force=True)


def test_churn_is_in_every_output(osgrepro: Any, tmp_path: Path) -> None:
    write(tmp_path / "d.parquet", {"epyc": ALIKE, "xeon": APART})
    screen = " ".join(osgrepro("analyze", "d.parquet").out.split())
    assert "Of 8 test examples, two environments under one seed disagree on 2 on average" in screen
    assert "right equally often (87.50 %), and disagree on 2 of 8 examples" in screen
    markdown = osgrepro("analyze", "d.parquet", "--markdown").out
    for title in ("Label churn", "Churn between environments", "Examples that flip"):
        assert title in markdown
    assert "1960" in markdown
    found = json.loads(osgrepro("analyze", "d.parquet", "--json").out)
    (experiment,) = found["experiments"]
    assert experiment["examples"]["pairs"][0]["churn"] == 2
    assert [flip["example"] for flip in experiment["examples"]["flips"]] == [6, 7]
    assert osgrepro("report", "d.parquet", "--out", "page.html").code == 0
    assert "Churn by class" in (tmp_path / "page.html").read_text()


def test_the_same_labels_everywhere_are_no_news(osgrepro: Any, tmp_path: Path) -> None:
    write(tmp_path / "d.parquet", {"epyc": ALIKE, "xeon": ALIKE})
    assert "test example" not in osgrepro("analyze", "d.parquet").out
    told = " ".join(osgrepro("analyze", "d.parquet", "--full").out.split())
    assert "All 4 runs predict the same label for each of 8 test examples." in told


def test_where_nobody_recorded_labels_one_line_says_so(osgrepro: Any, tmp_path: Path) -> None:
    nothing = dict.fromkeys(("predicted_labels", "predicted_labels_sha256"))
    write(tmp_path / "d.parquet", {"epyc": ALIKE, "xeon": APART}, **nothing)
    assert "churn" not in osgrepro("analyze", "d.parquet").out
    full = osgrepro("analyze", "d.parquet", "--full").out
    assert full.count("label churn") == 1
    assert "digits: label churn is not assessable: no run recorded its labels" in full


@pytest.mark.parametrize(
    "fault",
    [
        {"predicted_labels_sha256": "0" * 64},
        {"predicted_labels": zlib.compress(bytes(10_000_000))},
        {"label_type": "\x1b[2J"},
    ],
)
def test_damaged_labels_end_in_a_message(
    osgrepro: Any, tmp_path: Path, fault: dict[str, Any]
) -> None:
    write(tmp_path / "d.parquet", {"epyc": ALIKE, "xeon": APART}, **fault)
    said = osgrepro("analyze", "d.parquet")
    assert said.code == 2
    assert "predicted_labels" in said.err
    assert "Traceback" not in said.err
    assert "\x1b" not in said.err
