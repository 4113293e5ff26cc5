"""``osgrepro import``: what it prints and writes, and what it refuses."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from paths import STUDY

from osgrepro.results import dataset

CSV = "date_time,epochs,test_loss,test_accuracy\n2022-07-11 18:30:11,2,0.25,0.5\n"


def archive(folder: Path, name: str = "a.csv", content: bytes = CSV.encode()) -> Path:
    inside = folder / "old" / "tf" / "cpu" / "7"
    inside.mkdir(parents=True, exist_ok=True)
    (inside / name).write_bytes(content)
    return folder / "old"


def test_an_archive_becomes_a_dataset(osgrepro: Any, tmp_path: Path) -> None:
    said = osgrepro("import", str(archive(tmp_path)))
    assert said.code == 0
    assert "1 rows in 1 cells" in said.out
    assert "filled      tf/cpu/7/a.csv: the hardware's name" in said.out
    assert dataset.read(tmp_path / "old.parquet", ["campaign"]).to_pylist() == [{"campaign": "old"}]


def test_json_is_for_programs(osgrepro: Any, tmp_path: Path) -> None:
    said = osgrepro("import", str(archive(tmp_path)), "-o", "d.parquet", "--json")
    found = json.loads(said.out)
    assert (found["rows"], found["software"], found["repeats"]) == (1, ["tf"], [1])
    assert found["filled"][0]["file"] == "tf/cpu/7/a.csv"


def test_a_file_that_is_there_stays_unless_told(osgrepro: Any, tmp_path: Path) -> None:
    out = tmp_path / "d.parquet"
    out.write_text("mine")
    said = osgrepro("import", str(archive(tmp_path)), "-o", str(out))
    assert (said.code, out.read_text()) == (2, "mine")
    assert "--force" in said.err
    assert osgrepro("import", str(archive(tmp_path)), "-o", str(out), "--force").code == 0
    assert dataset.read(out).num_rows == 1


@pytest.mark.parametrize(
    ("name", "content", "why"),
    [
        ("a.csv", CSV.encode() + b"\xff", "not UTF-8: invalid start byte at byte 72"),
        ("a.csv", b"", "it is empty"),
        ("a_system_info.yaml", b"a: !!python/name:os.system\n", "could not determine"),
        ("a b.csv", CSV.encode(), "can't be the name of experiment"),
    ],
)
def test_bad_input_is_one_message_and_no_file(
    osgrepro: Any, tmp_path: Path, name: str, content: bytes, why: str
) -> None:
    archive(tmp_path)
    said = osgrepro("import", str(archive(tmp_path, name, content)))
    assert said.code == 2
    assert why in said.err
    assert "Traceback" not in said.err
    assert not list(tmp_path.glob("*.parquet"))


def test_a_folder_without_results_is_refused(osgrepro: Any, tmp_path: Path) -> None:
    assert "no such folder" in osgrepro("import", str(tmp_path / "none")).err
    assert "no result file" in osgrepro("import", str(tmp_path)).err
    said = osgrepro("import", str(archive(tmp_path)), "-o", str(tmp_path / "no" / "d.parquet"))
    assert said.code == 2
    assert "is not a folder" in said.err


@pytest.mark.shared
@pytest.mark.skipif(not STUDY.is_dir(), reason=f"the study's raw data are not in {STUDY}")
def test_the_study_of_2022_is_390_rows_with_its_known_outcome_classes(
    osgrepro: Any, tmp_path: Path
) -> None:
    found = json.loads(osgrepro("import", str(STUDY), "-o", "d.parquet", "--json").out)
    assert (found["rows"], found["cells"], found["repeats"]) == (390, 78, [5])
    assert (len(found["software"]), len(found["hardware"]), found["failed"]) == (2, 13, 0)
    assert len(found["filled"]) == 4
    runs = dataset.frame(tmp_path / "d.parquet")
    keys = ["software", "experiment", "metric_hex.test_loss", "metric_hex.test_accuracy"]
    classes = runs[keys].astype(str).drop_duplicates().groupby(keys[:2]).size()
    assert classes.tolist() == [18, 10, 10, 6, 10, 10]


def test_what_the_archive_does_not_tell_can_be_told(osgrepro: Any, tmp_path: Path) -> None:
    said = osgrepro("import", str(archive(tmp_path)), "-o", "d.parquet", "--test-set", "a=100:0.25")
    assert said.code == 0
    (row,) = dataset.read(tmp_path / "d.parquet", ["test_set", "baseline", "filled"]).to_pylist()
    assert (row["test_set"], row["baseline"]) == (100, 0.25)
    assert "test_set: given at the import" in row["filled"]


@pytest.mark.parametrize("text", ["a", "a=", "a=0", "=5", "a=5:2", "a=5:x", "a=5:1e", "b=5"])
def test_a_test_set_that_can_not_be_is_refused(osgrepro: Any, tmp_path: Path, text: str) -> None:
    said = osgrepro("import", str(archive(tmp_path)), "-o", "d.parquet", "--test-set", text)
    assert said.code == 2
    assert "--test-set" in said.err
    assert not (tmp_path / "d.parquet").exists()


def test_every_file_that_is_passed_over_is_named_and_nothing_written_unless_told(
    osgrepro: Any, tmp_path: Path
) -> None:
    root = archive(tmp_path)
    (root / "README.md").write_text("about")
    (root / ".git").mkdir()
    (root / ".git/index").write_text("git's")
    assert osgrepro("import", str(root), "-o", "whole.parquet").code == 0
    (root / "tf/notes.txt").write_text("mine")
    (root / "tf/cpu/late.csv").write_text(CSV)
    (root / "tf/cpu/readme_score.csv").write_text(CSV)
    (root / "tf/License.csv").write_text(CSV)
    (root / "tf/cpu" / os.fsdecode(b"\xff.csv")).write_text(CSV)
    (root / "tf/linked").symlink_to(root / "tf/cpu")
    (root / "tf/cpu/7/b.csv").symlink_to(root / "tf/cpu/7/a.csv")
    (root / "tf/lost").mkdir()
    (root / "tf/lost/a_system_info.yaml").write_text("hostname: x\n")
    said = osgrepro("import", str(root), "-o", "part.parquet")
    assert said.code == 1
    assert not (tmp_path / "part.parquet").exists()
    names = ("notes.txt", "cpu/late.csv", "tf/linked", "7/b.csv", "lost/a_system_info.yaml")
    names += ("readme_score.csv", "License.csv", r"\udcff.csv")
    assert all(name in said.err for name in names)
    assert "README" not in said.err
    assert "--partial" in said.err

    told = osgrepro("import", str(root), "-o", "part.parquet", "--partial", "--json")
    assert told.code == 0
    found = json.loads(told.out)
    assert (found["rows"], len(found["passed_over"])) == (1, len(names))


@pytest.mark.parametrize(
    ("gpu", "hardware"),
    [
        ("gpu: null\n", "epyc-7513"),
        ("gpu: {nvidia_smi_log: {gpu: {product_name: NVIDIA A40}}}\n", "a40"),
    ],
)
def test_a_layout_that_does_not_say_cpu_or_gpu_is_told_by_its_description(
    osgrepro: Any, tmp_path: Path, gpu: str, hardware: str
) -> None:
    inside = tmp_path / "old" / "tf" / "7" / "0"
    inside.mkdir(parents=True)
    (inside / "a.csv").write_text(CSV)
    cpu = "cpu: [{model name: AMD EPYC 7513 32-Core Processor}]\n"
    (inside / "a_system_info.yaml").write_text(cpu + gpu)
    said = osgrepro("import", "old", "--json")
    assert said.code == 0, said.err
    (name,) = json.loads(said.out)["hardware"]
    assert name.startswith(hardware)
    columns = ["cluster", "proc", "software"]
    (row,) = dataset.read(tmp_path / "old.parquet", columns).to_pylist()
    assert row == {"cluster": 7, "proc": 0, "software": "tf"}


def test_a_dataset_is_not_named_after_another_format(osgrepro, tmp_path: Path) -> None:
    said = osgrepro("import", str(archive(tmp_path)), "-o", "d.csv")
    assert said.code == 2
    assert "d.parquet" in said.err
    assert not (tmp_path / "d.csv").exists()
