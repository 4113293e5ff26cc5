"""Records become rows, once each, in a file that is always whole; the reference names every one."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from paths import ROOT

from osgrepro.common.errors import DatasetError
from osgrepro.payload import fingerprint
from osgrepro.results import dataset, records
from osgrepro.results.dataset import reading, store, values

DOCS = ROOT / "docs" / "reference"


def record(number: int = 0, *, status: str = "ok", cluster: int = 7, **changes: Any) -> Any:
    sections = ("process", "host", "threads", "framework", "image", "data", "environment")
    run_id = f"{number:024x}"
    content = {
        "schema_version": 1,
        "checksum": "sha256:0",
        "run_id": run_id,
        "attempt": 1,
        "batch": "ab",
        "cluster": cluster,
        "proc": number,
        "status": status,
        "exit_code": 0 if status == "ok" else 10,
        "exception": None,
        "definition": {
            "campaign": "demo",
            "experiment": "digits",
            "entry": "experiments.mnist_convnet:run",
            "code_sha256": "c" * 64,
            "params": {"epochs": 2},
            "data": [],
            "software": "tf",
            "image_sha256": None,
            "hardware": "epyc",
            "seed": 1,
            "threads": "host",
            "repeat": 1,
        },
        "metrics": {
            "loss": {"value": 0.1, "hex": (0.1).hex()},
            "bad": {"value": None, "hex": "nan"},
        },
        "primary": "loss",
        "fingerprints": {"final_weights": "f" * 64, "losses": {"loss": [(0.5).hex()]}},
        "provenance": {name: {} for name in sections}
        | {
            "cpu": {"vendor": "AuthenticAMD", "family": 23, "flags": ["avx2", "fma"]},
            "libraries": [],
            "gpus": [],
            "emulation": {"emulated": True, "what": ["threads 4"], "simulated_gpu": False},
            "machine_ad": {"Name": "slot1@epyc"},
            "job_ad": {"WantContainer": True},
            "sample_data": True,
        },
        "timings": {
            "started_at": "2026-11-23T05:00:00Z",
            "ended_at": "2026-11-23T05:00:09.5+00:00",
            "wall_s": 9.5,
        },
        "payload": {"version": "0.1.0", "sha256": None},
    } | changes
    return records.Record(
        source=records.Source(
            file=f"{run_id[:2]}/{run_id}.{cluster}.{number}.1.json", size_bytes=9, modified_ns=5
        ),
        result=records.Result.model_validate(content),
        machine={"Name": "slot1@epyc", "Machine": "host", "Cpus": 1},
    )


def libraries_of(*libraries: dict[str, Any]) -> str | None:
    made = record()
    provenance = made.result.provenance.model_copy(update={"libraries": list(libraries)})
    changed = made.result.model_copy(update={"provenance": provenance})
    return values.libraries(replace(made, result=changed))


def test_libraries_have_one_digest_wherever_they_lie_and_in_whatever_order() -> None:
    one, two = {"path": "/a/libm.so.6", "sha256": "1" * 64}, {"path": "/b/libc.so", "sha256": "2"}
    moved = {**one, "path": "/elsewhere/libm.so.6"}
    assert libraries_of(one, two) == libraries_of(two, moved) is not None
    assert libraries_of(one) != libraries_of(one, two)
    assert libraries_of({**one, "sha256": "3"}, two) != libraries_of(one, two)


@pytest.mark.parametrize("library", [{"path": "/a", "sha256": None}, {"sha256": "1"}, {"path": 1}])
def test_a_library_that_was_not_hashed_leaves_no_digest(library: dict[str, Any]) -> None:
    assert libraries_of({"path": "/a/libm.so.6", "sha256": "1"}, library) is None
    assert libraries_of() is None


def test_a_probe_has_one_digest_which_is_the_payloads_own() -> None:
    hashes = {"sum": "1" * 64, "product": "2" * 64}
    assert values.probe(record(fingerprints={"probe": hashes})) == fingerprint.mapping(hashes)
    assert values.probe(record()) is None


def rejected(file: str, reason: str = "truncated") -> records.Rejected:
    source = records.Source(file=file, size_bytes=1, modified_ns=2)
    return records.Rejected(source=source, run_id=None, reason=reason, message="…")


def test_a_record_is_one_row_with_its_values(tmp_path: Path) -> None:
    path = tmp_path / "dataset.parquet"
    assert dataset.update(path, [record()]) == 1
    (row,) = dataset.read(path).to_pylist()
    assert row["run_id"] == "0" * 24
    assert row["primary_value"] == 0.1
    assert float.fromhex(row["primary_hex"]) == 0.1
    assert {metric["name"]: metric["hex"] for metric in row["metrics"]}["bad"] == "nan"
    assert math.isclose(row["wall_s"], 9.5)
    assert (row["ended_at"] - row["started_at"]).total_seconds() == 9.5
    assert row["container"] is True
    assert (row["cpu_avx2"], row["cpu_avx512f"]) == (True, False)
    assert (row["slot"], row["machine"], row["provisioned_cpus"]) == ("slot1@epyc", "host", 1)
    assert row["emulation"] == ["threads 4"]


def test_what_has_another_type_than_its_column_is_null(tmp_path: Path) -> None:
    path = tmp_path / "dataset.parquet"
    cpu = {"vendor": 5, "family": "23", "model_name": "\ud800", "model": 2**70, "flags": "avx"}
    good = record().result.provenance.model_dump()
    dataset.update(path, [record(provenance=good | {"cpu": cpu, "job_ad": None})])
    (row,) = dataset.read(path).to_pylist()
    assert row["cpu_vendor"] is row["cpu_family"] is row["cpu_model"] is row["cpu_avx"] is None
    assert row["cpu_model_name"] == "?"
    assert row["container"] is None


def test_a_run_has_one_row_however_often_it_is_put(tmp_path: Path) -> None:
    path = tmp_path / "dataset.parquet"
    dataset.update(path, [record(1), record(2, status="failed")])
    dataset.update(path, [record(2, cluster=8)])
    found = dataset.taken(path)
    assert {run_id: row.status for run_id, row in found.items()} == {
        f"{1:024x}": "ok",
        f"{2:024x}": "ok",
    }
    assert dataset.read(path).num_rows == 2


def test_nothing_new_leaves_the_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "dataset.parquet"
    assert dataset.update(path, []) == 0
    assert not path.exists()
    dataset.update(path, [record()])
    before = path.stat()
    dataset.update(path, [])
    assert path.stat().st_ino == before.st_ino


def test_many_rows_go_through_in_pieces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_CHUNK_ROWS", 3)
    monkeypatch.setattr(reading, "_GROUP_ROWS", 4)
    path = tmp_path / "dataset.parquet"
    dataset.update(path, (record(number) for number in range(10)))
    dataset.update(path, (record(number, cluster=8) for number in range(5, 15)))
    assert len(dataset.taken(path)) == dataset.read(path).num_rows == 15


def test_a_failure_on_the_way_leaves_the_old_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "dataset.parquet"
    dataset.update(path, [record(1)])

    def breaks() -> Any:
        yield record(2)
        raise OSError(28, "No space left on device")

    with pytest.raises(DatasetError, match="No space left"):
        dataset.update(path, breaks())
    assert list(dataset.taken(path)) == [f"{1:024x}"]
    assert [file.name for file in tmp_path.iterdir()] == ["dataset.parquet"]


@pytest.mark.parametrize("content", [b"", b"PAR1", b"no parquet at all" * 100])
def test_a_broken_dataset_is_said_to_be_broken(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "dataset.parquet"
    path.write_bytes(content)
    with pytest.raises(DatasetError, match="can't be read"):
        dataset.taken(path)


def test_another_table_is_not_taken_for_a_dataset(tmp_path: Path) -> None:
    path = tmp_path / "dataset.parquet"
    pq.write_table(pa.table({"run_id": ["x"]}), path)
    with pytest.raises(DatasetError, match="not a dataset of this version"):
        dataset.update(path, [record()])
    with pytest.raises(DatasetError, match="no dataset yet"):
        dataset.read(tmp_path / "absent.parquet")


def test_rejects_are_kept_with_their_reason(tmp_path: Path) -> None:
    path = tmp_path / "rejected.parquet"
    dataset.replace_rejected(path, [rejected("a"), rejected("b")], [])
    dataset.replace_rejected(path, [rejected("c", "checksum")], ["b"])
    assert {row["file"]: row["reason"] for row in dataset.rejected(path)} == {
        "b": "truncated",
        "c": "checksum",
    }


@pytest.mark.parametrize(
    ("seeding", "expected"),
    [
        ({}, None),  # a result from before
        ({"python": True, "numpy": None, "framework": None, "name": None}, True),
        ({"python": True, "numpy": True, "framework": True, "name": "torch"}, True),
        ({"python": True, "numpy": True, "framework": False, "name": "torch"}, False),
        ({"python": True, "numpy": True, "framework": None, "name": "torch"}, None),
        ({"python": None, "numpy": False, "framework": True, "name": "torch"}, False),
        ({"python": None, "numpy": None, "framework": True, "name": "torch"}, None),
    ],
)
def test_seeded_is_what_is_certain(seeding: dict[str, Any], expected: bool | None) -> None:
    made = record()
    seeding = records.result.Seeding(**seeding)
    provenance = made.result.provenance.model_copy(update={"seeding": seeding})
    changed = replace(made, result=made.result.model_copy(update={"provenance": provenance}))
    assert dataset.row(changed, ["seeded"]) == {"seeded": expected}


def test_columns_tell_what_they_hold() -> None:
    for column in (*dataset.COLUMNS, *dataset.REJECTED_COLUMNS):
        assert column.description.endswith(".")
        assert column.name == column.name.lower()


@pytest.mark.parametrize("columns", [dataset.COLUMNS, dataset.REJECTED_COLUMNS])
def test_the_reference_has_a_line_for_every_column(columns: tuple[dataset.Column, ...]) -> None:
    text = (DOCS / "dataset.md").read_text()
    for column in columns:
        assert f"| `{column.name}` | `{column.type}` | {column.description} |" in text


def test_the_reference_has_a_line_for_every_reason() -> None:
    text = (DOCS / "result.md").read_text()
    for word, meaning in records.REASONS.items():
        assert f"| `{word}` | {meaning} |" in text


def test_runs_that_nobody_seeded_are_counted_by_experiment(tmp_path: Path) -> None:
    path = tmp_path / "d.parquet"
    assert dataset.unseeded(path) == {}
    known = {"status": "ok", "campaign": "c"}
    told = [("a", False), ("a", False), ("a", True), ("b", None), ("c", False)]
    dataset.write(
        path,
        [
            {**known, "run_id": f"{number:024x}", "experiment": name, "seeded": seeded}
            for number, (name, seeded) in enumerate(told)
        ],
    )
    assert dataset.unseeded(path) == {"a": 2, "c": 1}
