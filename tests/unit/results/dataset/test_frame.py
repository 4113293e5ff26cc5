"""Rows that are mappings become a dataset, and the dataset a flat frame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
import pytest

from osgrepro.common.errors import DatasetError, UsageError
from osgrepro.results import dataset
from osgrepro.results.dataset import added_columns


def metric(name: str, value: float) -> dict[str, Any]:
    return {"name": name, "value": value, "hex": value.hex()}


ROWS: list[dict[str, Any]] = [
    {
        "run_id": "a",
        "metrics": [metric("loss", 0.5), metric("accuracy", 0.25)],
        "losses": [{"name": "loss", "hex": ["1", "2"]}, {"name": "val", "hex": ["3"]}],
        "emulation": ["threads 4", "no AVX"],
        "software": "tf",
    },
    {"run_id": "b", "metrics": None, "software": "tf", "filled": ["x"]},
    {"run_id": "c", "metrics": [metric("accuracy", 0.75)], "losses": [], "software": "tf"},
    {"run_id": "d", "metrics": [], "losses": [{"name": "loss", "hex": ["4"]}], "software": "tf"},
]


@pytest.fixture
def made(tmp_path: Path) -> Path:
    path = tmp_path / "d.parquet"
    assert dataset.write(path, ROWS) == 4
    return path


def test_metrics_become_columns_and_stay_in_their_rows(made: Path) -> None:
    runs = dataset.frame(made).set_index("run_id")
    assert runs["metric.loss"].dropna().to_dict() == {"a": 0.5}
    assert runs["metric.accuracy"].dropna().to_dict() == {"a": 0.25, "c": 0.75}
    assert runs["metric_hex.accuracy"].dropna().to_dict() == {
        "a": (0.25).hex(),
        "c": (0.75).hex(),
    }
    assert runs["metric.loss"].dtype == "float64"


def test_lists_become_texts(made: Path) -> None:
    runs = dataset.frame(made).set_index("run_id")
    assert runs["losses_hex"].dropna().to_dict() == {"a": "loss=1 2;val=3", "d": "loss=4"}
    assert runs["emulation"].dropna().to_dict() == {"a": "threads 4 + no AVX"}
    assert runs["filled"].dropna().to_dict() == {"b": "x"}
    assert not {"metrics", "losses"} & set(runs.columns)


def test_a_text_that_repeats_is_categorical(made: Path) -> None:
    runs = dataset.frame(made)
    assert isinstance(runs["software"].dtype, pd.CategoricalDtype)
    assert not isinstance(runs["run_id"].dtype, pd.CategoricalDtype)


def test_bulk_is_taken_on_demand(made: Path) -> None:
    assert "provenance_json" not in dataset.frame(made).columns
    assert "provenance_json" in dataset.frame(made, bulk=True).columns


def test_what_is_null_everywhere_and_what_is_not_wanted_can_be_left_out(made: Path) -> None:
    whole, small = dataset.frame(made), dataset.frame(made, empty=False, without=["software"])
    assert {"hardware", "gpu_name", "emulated", "software"} < set(whole.columns)
    assert set(small.columns) == {
        *("run_id", "losses_hex", "emulation", "filled"),
        *("metric.loss", "metric.accuracy", "metric_hex.loss", "metric_hex.accuracy"),
    }
    pd.testing.assert_frame_equal(small, whole[list(small.columns)])


def test_a_dataset_without_rows_is_an_empty_frame(tmp_path: Path) -> None:
    dataset.write(tmp_path / "d.parquet", [])
    assert dataset.frame(tmp_path / "d.parquet").empty


def test_a_failed_write_leaves_what_was_there(made: Path) -> None:
    before = made.read_bytes()
    with pytest.raises(DatasetError):
        dataset.write(made, [{"run_id": "a"}, {"repeat": "no number"}], force=True)
    assert made.read_bytes() == before
    assert [path.name for path in made.parent.iterdir()] == ["d.parquet"]


def test_a_file_that_is_there_is_replaced_only_by_force(made: Path) -> None:
    with pytest.raises(UsageError, match="already exists"):
        dataset.write(made, ROWS)
    assert dataset.write(made, ROWS[:1], force=True) == 1


def test_a_dataset_from_before_the_added_columns_is_still_read(made: Path) -> None:
    old = pq.read_table(made)
    old = old.drop_columns([column.name for column in added_columns.ADDED])
    pq.write_table(old.replace_schema_metadata({b"osgrepro_dataset": b"1"}), made)
    assert dataset.read(made, ["origin", "run_id"]).column("origin").to_pylist() == [None] * 4
    assert dataset.read(made).column_names == [column.name for column in dataset.COLUMNS]
    assert len(dataset.frame(made)) == 4
