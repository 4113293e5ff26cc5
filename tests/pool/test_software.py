"""One experiment in several software environments: what each result knows of its image is true."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import real_pool

from osgrepro.common import shipped
from osgrepro.software import apptainer

pytestmark = [pytest.mark.pool, pytest.mark.timeout(1800)]

CATALOGUE = apptainer.load_catalogue([shipped.folder("containers")])


@pytest.fixture(scope="module")
def software(request):
    """The campaign's six environments; without --slow those whose images are there anyway."""
    names = [n for n, c in CATALOGUE.items() if c.base.kind == "debian" and c.keras]
    slow = request.config.getoption("--slow")
    return names if slow else [name for name in names if name in real_pool.ALWAYS]


@pytest.fixture(scope="module")
def rows(osgrepro, software, tmp_path_factory):
    """Two runs in each, from the campaign file to the rows of the dataset."""
    place = tmp_path_factory.mktemp("software-runs") / "w"
    workspace = ("--workspace", str(place))
    only = ("--only", "experiment=mnist_convnet", "--only", f"software={','.join(software)}")
    osgrepro("build", *software)
    n = 2 * len(software)
    assert f"submitted {n} of {n} runs" in osgrepro("submit", "software", *only, *workspace)
    said = osgrepro("collect", "software", "--wait", *workspace)
    assert f"{n} of 36 runs are in the dataset ({n} new)" in said
    return pq.read_table(place / "dataset.parquet").to_pylist()


def test_the_image_of_a_row_is_the_file_to_the_last_bit(osgrepro, rows, software) -> None:
    plan = json.loads(osgrepro("plan", "software", "--json"))
    files = {image["software"]: Path(image["location"]) for image in plan["images"]}
    sha256 = {name: hashlib.sha256(files[name].read_bytes()).hexdigest() for name in software}
    assert len(set(sha256.values())) == len(software)
    assert {(row["software"], row["image_sha256"]) for row in rows} == set(sha256.items())


def test_the_framework_that_ran_is_the_catalogues(rows) -> None:
    for row in rows:
        container = CATALOGUE[row["software"]]
        assert (row["keras_backend"], row["framework_version"]) == (
            container.backend,
            container.framework,
        )
        assert row["python_version"] == container.python


def test_environments_differ_in_the_libraries_that_computed_and_repeats_do_not(
    rows, software
) -> None:
    libraries = {row["software"]: set() for row in rows}
    for row in rows:
        libraries[row["software"]].add(row["libraries_sha256"])
    assert all(len(found) == 1 for found in libraries.values())
    assert len(set.union(*libraries.values())) == len(software)


def test_every_environment_learns_the_digits(rows) -> None:
    assert all(row["primary_value"] > 0.5 for row in rows)


def test_repeats_of_a_cell_agree_bitwise(rows) -> None:
    outcomes = {row["software"]: set() for row in rows}
    for row in rows:
        outcomes[row["software"]].add(row["final_weights"])
    assert all(len(found) == 1 for found in outcomes.values())
