"""The probe on a numerical twin: places whose hosts have pools of one size compute alike."""

from __future__ import annotations

import json

import pytest

from osgrepro.common import shipped

pytestmark = pytest.mark.pool

# Of one vendor and one cap on instructions: only the size of the host's pool differs.
THREADS = {
    "epyc-7f52": 32,
    "epyc-7302": 64,
    "epyc-7402": 96,
    "epyc-7443": 96,
    "epyc-7513": 128,
    "epyc-7713": 128,
}


@pytest.fixture(scope="module")
def classes(commands, tmp_path_factory):
    """The classes that the command tells of, of two repeats in each place."""
    workspace = ("--workspace", str(tmp_path_factory.mktemp("probe-runs") / "w"))
    hardware = [word for name in THREADS for word in ("--only", name)]
    commands("build", "probe-2022")
    commands("pool", "up", "--twin", "osg-2022", *hardware)
    chosen = [word for name in THREADS for word in ("--only", f"hardware={name}")]
    commands("submit", "probe-2022", *chosen, *workspace)
    commands("collect", "probe-2022", "--wait", *workspace)
    (probe,) = json.loads(commands("probe", "probe-2022", "--json", *workspace))["probes"]
    return probe["classes"]


def test_the_size_of_the_pool_separates_and_nothing_else_does(classes) -> None:
    found = {frozenset(member["place"]["hardware"] for member in one["members"]) for one in classes}
    sizes = {
        size: frozenset(n for n, t in THREADS.items() if t == size) for size in THREADS.values()
    }
    assert found == set(sizes.values())


def test_repeats_agree_and_every_place_says_that_it_is_emulated(classes) -> None:
    for one in classes:
        assert one["repeats_agree"]
        for member in one["members"]:
            place = member["place"]
            assert place["intra_op_threads"] == THREADS[place["hardware"]]
            assert place["emulation"]


def test_every_class_of_the_pool_is_probed_by_one_command(classes, commands, tmp_path) -> None:
    del classes  # the pool is up
    mine = tmp_path / "mine.toml"
    mine.write_text((shipped.folder("submit") / "probe-2022.toml").read_text())
    words = ("--per-class", "--limit", "2", "--submit", "--wait", "--json")
    (probe,) = json.loads(commands("probe", str(mine), *words))["probes"]
    probed = {member["place"]["hardware"] for one in probe["classes"] for member in one["members"]}
    assert len(probed) == 2
    assert (tmp_path / "mine-classes.runs" / "dataset.parquet").is_file()
