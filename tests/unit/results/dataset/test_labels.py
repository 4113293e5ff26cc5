"""Labels are read by their hash, each once; a frame and an old dataset do without."""

from __future__ import annotations

import hashlib
import json
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
import trial

from osgrepro.common.errors import DatasetError
from osgrepro.payload import examples
from osgrepro.results import dataset, records
from osgrepro.results.dataset import added_columns, reading
from osgrepro.results.dataset.labels import LABELS

VECTORS = [np.array(own, "<u2") for own in ([300, 1, 2], [300, 1, 1], [0, 0, 0])]
HASHES = [hashlib.sha256(own.tobytes()).hexdigest() for own in VECTORS]


def row(number: int, vector: int) -> dict[str, Any]:
    return {
        "run_id": f"{number:024x}",
        "status": "ok",
        "label_count": 3,
        "label_type": "uint16",
        "label_classes": 301,
        "predicted_labels": zlib.compress(VECTORS[vector].tobytes()),
        "predicted_labels_sha256": HASHES[vector],
        "truth_ranks": zlib.compress(bytes([1, 2, vector + 1])),
        "truth_ranks_sha256": hashlib.sha256(bytes([1, 2, vector + 1])).hexdigest(),
    }


def make_record(**changes: Any) -> records.Record:
    matrix = trial.expand(1, ("host",))
    content = trial.result(matrix, matrix.runs[0], "b" * 32, cluster=1, proc=0, **changes)
    return records.Record(
        source=trial.source(content),
        result=records.parse(json.dumps(content).encode()),
        machine={},
    )


@pytest.fixture
def made(tmp_path: Path) -> Path:
    dataset.write(tmp_path / "d.parquet", [row(number, number % 2) for number in range(200)])
    return tmp_path / "d.parquet"


def test_labels_are_read_by_their_hash(made: Path) -> None:
    found = dataset.labels(made, HASHES)
    assert {key: own.tolist() for key, own in found.items()} == {
        HASHES[0]: [300, 1, 2],
        HASHES[1]: [300, 1, 1],
    }
    assert dataset.labels(made, []) == {}


def test_ranks_are_read_like_labels(made: Path) -> None:
    sha256 = row(0, 1)["truth_ranks_sha256"]
    assert dataset.labels(made, [sha256], "truth_ranks")[sha256].tolist() == [1, 2, 2]
    assert dataset.labels(made, [sha256], "true_labels") == {}


def test_groups_of_rows_that_nobody_asks_for_are_not_read(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    later = made.with_name("later.parquet")
    dataset.write(later, [row(number, int(number >= 1024)) for number in range(2048)])
    read: list[Any] = []
    real = pq.ParquetFile.iter_batches

    def noted(file: Any, *args: Any, **kwargs: Any) -> Any:
        read.append(kwargs["row_groups"])
        return real(file, *args, **kwargs)

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", noted)
    assert set(dataset.labels(later, HASHES[1:])) == {HASHES[1]}
    assert read == [[1]]


def test_labels_of_another_hash_are_refused(tmp_path: Path) -> None:
    dataset.write(tmp_path / "d.parquet", [row(0, 0) | {"predicted_labels_sha256": "0" * 64}])
    with pytest.raises(DatasetError, match="other labels"):
        dataset.labels(tmp_path / "d.parquet", ["0" * 64])


@pytest.mark.parametrize("column", ["label_count", "label_type"])
def test_labels_without_their_number_or_type_are_refused(tmp_path: Path, column: str) -> None:
    dataset.write(tmp_path / "d.parquet", [row(0, 0) | {column: None}])
    with pytest.raises(DatasetError, match="predicted_labels"):
        dataset.labels(tmp_path / "d.parquet", HASHES)


def test_rows_with_many_labels_are_rewritten_a_few_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(6)
    rows = [row(number, 0) | {"predicted_labels": generator.bytes(10_000)} for number in range(60)]
    dataset.write(tmp_path / "d.parquet", rows)
    whole = [len(rows) for rows in reading.groups(tmp_path / "d.parquet", dataset.COLUMNS)]
    monkeypatch.setattr(reading, "_GROUP_BYTES", 100_000)
    parts = [len(rows) for rows in reading.groups(tmp_path / "d.parquet", dataset.COLUMNS)]
    assert whole == [60]
    assert max(parts) < 10
    assert sum(parts) == 60


def test_a_frame_has_the_hashes_and_no_labels(made: Path) -> None:
    runs = dataset.frame(made)
    assert not set(LABELS) & set(runs.columns)
    assert set(runs["predicted_labels_sha256"]) == set(HASHES[:2])
    assert isinstance(dataset.frame(made, bulk=True)["predicted_labels"].iloc[0], bytes)


def test_a_dataset_from_before_them_has_no_labels(made: Path) -> None:
    old = pq.read_table(made)
    old = old.drop_columns([column.name for column in added_columns.ADDED])
    pq.write_table(old.replace_schema_metadata({b"osgrepro_dataset": b"1"}), made)
    assert dataset.labels(made, HASHES) == {}


def test_a_record_becomes_a_row_whose_labels_come_back(tmp_path: Path) -> None:
    scores = np.random.default_rng(4).random((300, 5))
    truth = scores.argsort(axis=1)[:, -2]
    record = make_record(examples=examples.recorded(scores, truth))
    dataset.update(tmp_path / "d.parquet", [record])
    names = ["label_count", "label_classes", "label_type", *(f"{name}_sha256" for name in LABELS)]
    (told,) = dataset.read(tmp_path / "d.parquet", names).to_pylist()
    assert [told[name] for name in names[:3]] == [300, 5, "uint8"]
    expected = {
        "predicted_labels": scores.argmax(axis=1).tolist(),
        "true_labels": truth.tolist(),
        "truth_ranks": [2] * 300,
    }
    for name, numbers in expected.items():
        sha256 = told[f"{name}_sha256"]
        assert dataset.labels(tmp_path / "d.parquet", [sha256], name)[sha256].tolist() == numbers


def test_a_record_without_labels_is_a_row_of_nulls() -> None:
    names = ["label_count", "predicted_labels", "predicted_labels_sha256"]
    left_out = examples.recorded(np.array([17.5]))
    for record in (make_record(), make_record(examples=None), make_record(examples=left_out)):
        assert dataset.row(record, names) == dict.fromkeys(names)
