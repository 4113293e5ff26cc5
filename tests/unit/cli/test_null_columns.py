"""Datasets in which a column, or all of them, say nothing: a message or an answer, no traceback."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from osgrepro.results import dataset
from osgrepro.results.dataset.column_type import METRIC, SERIES

START = datetime(2026, 11, 23, tzinfo=timezone.utc)
PLAIN: dict[Any, Any] = {
    pa.string(): "x",
    pa.int64(): 1,
    pa.float64(): 0.5,
    pa.bool_(): True,
    pa.binary(): b"x",
    pa.timestamp("us", tz="UTC"): START,
    pa.list_(pa.string()): [],
    pa.list_(METRIC): [{"name": "loss", "value": 0.5, "hex": (0.5).hex()}],
    pa.list_(SERIES): [{"name": "loss", "hex": [(0.5).hex()]}],
}
OWN = {"status": "ok", "primary_metric": "loss", "emulated": False, "params_json": "{}"}
LABELS = {"label_count": 1, "label_type": "uint8"} | {
    name: value
    for column in ("predicted_labels", "true_labels", "truth_ranks")
    for name, value in (
        (column, zlib.compress(b"x")),
        (f"{column}_sha256", hashlib.sha256(b"x").hexdigest()),
    )
}
JSON = ("provenance_json", "machine_ad_json", "machine_json", "data_json", "environment_json")


def rows() -> list[dict[str, Any]]:
    """Return two runs on each of two machines, with a value in every column."""
    made = []
    for number in range(4):
        row = {column.name: PLAIN[column.type] for column in dataset.COLUMNS} | OWN | LABELS
        row |= dict.fromkeys(JSON, "{}")
        row |= {"run_id": f"{number:024x}", "repeat": number % 2 + 1, "cluster": number}
        made.append(row | {"hardware": "ab"[number // 2], "final_weights": "w" * (number // 2 + 1)})
    return made


def check(osgrepro: Any, *argv: str) -> None:
    said = osgrepro(*argv)
    assert said.code in {0, 1, 2}, said.err
    assert "Traceback" not in said.out + said.err
    assert said.code == 0 or said.err.startswith(("osgrepro:", "warning:")), said.err


@pytest.mark.sweep
@pytest.mark.parametrize("column", [column.name for column in dataset.COLUMNS])
def test_a_column_without_a_value(osgrepro: Any, tmp_path: Path, column: str) -> None:
    dataset.write(tmp_path / "d.parquet", [row | {column: None} for row in rows()])
    check(osgrepro, "analyze", "d.parquet", "--full")
    check(osgrepro, "report", "d.parquet")


@pytest.mark.parametrize("kept", ["", "run_id", "experiment", "hardware", "status", "metrics"])
def test_all_columns_but_one_without_a_value(osgrepro: Any, tmp_path: Path, kept: str) -> None:
    dataset.write(tmp_path / "d.parquet", [{kept: row[kept]} if kept else {} for row in rows()])
    for argv in (("analyze", "d.parquet"), ("report", "d.parquet"), ("confirm", "d.parquet")):
        check(osgrepro, *argv, *(("--with", "d.parquet") if argv[0] == "confirm" else ()))
