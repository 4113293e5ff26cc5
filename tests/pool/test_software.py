"""One experiment in six software environments: what each result knows of its image is true."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from osgrepro.common import shipped
from osgrepro.software import apptainer

pytestmark = [pytest.mark.pool, pytest.mark.timeout(1800)]

RUNS = ("--only", "experiment=mnist_convnet")
CATALOGUE = apptainer.load_catalogue([shipped.folder("containers")])


@pytest.fixture(scope="module")
def rows(osgrepro, tmp_path_factory):
    """Twelve runs, from the campaign file to the rows of the dataset."""
    place = tmp_path_factory.mktemp("software-runs") / "w"
    workspace = ("--workspace", str(place))
    osgrepro("build", "software")
    assert "submitted 12 of 12 runs" in osgrepro("submit", "software", *RUNS, *workspace)
    said = osgrepro("collect", "software", "--wait", *workspace)
    assert "12 of 36 runs are in the dataset (12 new)" in said
    return pq.read_table(place / "dataset.parquet").to_pylist()


def test_the_image_of_a_row_is_the_file_to_the_last_bit(osgrepro, rows) -> None:
    plan = json.loads(osgrepro("plan", "software", "--json"))
    files = {image["software"]: Path(image["location"]) for image in plan["images"]}
    sha256 = {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()}
    assert len(set(sha256.values())) == 6
    assert {(row["software"], row["image_sha256"]) for row in rows} == set(sha256.items())


def test_the_framework_that_ran_is_the_catalogues(rows) -> None:
    for row in rows:
        container = CATALOGUE[row["software"]]
        assert (row["keras_backend"], row["framework_version"]) == (
            container.backend,
            container.framework,
        )
        assert row["python_version"] == container.python


def test_environments_differ_in_the_libraries_that_computed_and_repeats_do_not(rows) -> None:
    libraries = {row["software"]: set() for row in rows}
    for row in rows:
        libraries[row["software"]].add(row["libraries_sha256"])
    assert all(len(found) == 1 for found in libraries.values())
    assert len(set.union(*libraries.values())) == 6


def test_every_environment_learns_the_digits(rows) -> None:
    assert all(row["primary_value"] > 0.5 for row in rows)


def test_repeats_of_a_cell_agree_bitwise(rows) -> None:
    outcomes = {row["software"]: set() for row in rows}
    for row in rows:
        outcomes[row["software"]].add(row["final_weights"])
    assert all(len(found) == 1 for found in outcomes.values())
