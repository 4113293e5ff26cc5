"""The demo's way, command by command: real HTCondor, real images, real training."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from osgrepro.common import shipped, toml
from osgrepro.pool import condor
from osgrepro.software import apptainer

pytestmark = pytest.mark.pool

RUNS = ("--only", "experiment=mnist_convnet", "--only", "repeat=1", "--only", "repeat=2")
CELLS = ("--only", "hardware=gpu", "--only", "hardware=threads4")


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """The folder of the demo's runs."""
    return tmp_path_factory.mktemp("demo-runs") / "w"


@pytest.fixture(scope="module")
def rows(osgrepro, place):
    """Eight runs of the demo, from the campaign file to the rows of the dataset."""
    workspace = ("--workspace", str(place))
    osgrepro("build", "demo")
    dry = osgrepro("submit", "demo", "--dry-run", *RUNS, *CELLS, *workspace)
    assert "would submit 8 of 8 runs" in dry
    assert not place.exists()
    assert "submitted 8 of 8 runs" in osgrepro("submit", "demo", *RUNS, *CELLS, *workspace)
    again = osgrepro("submit", "demo", *RUNS, *CELLS, *workspace)
    assert "submitted 0 of 8 runs" in again
    said = osgrepro("collect", "demo", "--wait", *workspace)
    assert "8 of 48 runs are in the dataset (8 new)" in said
    assert "(0 new)" in osgrepro("collect", "demo", *workspace)
    counts = json.loads(osgrepro("status", "demo", "--json", *workspace))["counts"]
    assert counts["done"] == 8
    return pq.read_table(place / "dataset.parquet").to_pylist()


def test_every_run_is_one_row_of_real_training(rows) -> None:
    assert len({row["run_id"] for row in rows}) == len(rows) == 8
    assert {row["status"] for row in rows} == {"ok"}
    assert all(row["container"] for row in rows)
    assert all(row["final_weights"] != row["initial_weights"] for row in rows)


def test_the_software_is_the_images(rows) -> None:
    for row in rows:
        assert row["software"] == f"{row['keras_backend']}-{row['framework_version']}"
    assert {row["python_version"].rpartition(".")[0] for row in rows} == {"3.9", "3.11"}


def test_the_slot_is_one_that_matches_the_hardware_environment(rows) -> None:
    campaign = toml.loads((shipped.folder("submit") / "demo.toml").read_text(), "demo.toml")
    requirements = {item["name"]: item["requirements"] for item in campaign["hardware"]}
    for row in rows:
        assert condor.matches(requirements[row["hardware"]], json.loads(row["machine_ad_json"]))
        assert row["execution_point"] == row["hardware"]
        assert f"@{row['hardware']}@" in row["slot"]


def test_what_is_emulated_and_what_is_sample_says_so(rows) -> None:
    for row in rows:
        assert row["sample_data"]
        assert row["emulated"]
        assert row["simulated_gpu"] == (row["hardware"] == "gpu")
        if row["hardware"] == "threads4":
            assert row["intra_op_threads"] == 4
            assert row["emulation"] == ["intra-op threads 4"]


def test_repeats_of_a_cell_agree_bitwise(rows) -> None:
    cells: dict[tuple[str, str], set[str]] = {}
    for row in rows:
        cells.setdefault((row["hardware"], row["software"]), set()).add(row["final_weights"])
    assert len(cells) == 4
    assert all(len(outcomes) == 1 for outcomes in cells.values())


def test_the_images_in_the_dataset_are_the_files(osgrepro, rows) -> None:
    plan = json.loads(osgrepro("plan", "demo", "--json"))
    files = {image["software"]: Path(image["location"]) for image in plan["images"]}
    for row in rows:
        assert row["image_sha256"] == apptainer.digest(files[row["software"]])


def test_a_crate_of_it_runs_again_and_agrees(osgrepro, rows, place) -> None:
    crate = place.with_name("crate")
    osgrepro("export", "demo", "--ro-crate", str(crate), "--workspace", str(place))
    cell = ("--only", "experiment=mnist_convnet", "--only", "hardware=threads4")
    one = ("--only", f"software={rows[0]['software']}", "--only", "repeat=1")
    said = json.loads(osgrepro("verify", str(crate), "--rerun", "--yes", "--json", *cell, *one))
    assert said["sound"]
    assert said["rerun"]["agrees"]
    assert (said["rerun"]["agree"], said["rerun"]["strangers"]) == (1, 0)
