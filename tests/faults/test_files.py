"""Files of a campaign are lost or garbled while it runs: what is left makes them anew."""

from __future__ import annotations

import shutil

import fault_bench
import htcondor2
import pytest
import trial
from real_pool import until

from osgrepro.common import files
from osgrepro.common.errors import DatasetError
from osgrepro.common.models import RunState
from osgrepro.pool import minipool
from osgrepro.results import dataset
from osgrepro.workflow.results.collection import collect
from osgrepro.workflow.runs.monitoring.waiting import wait

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600)]


def garbled(path):
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 64] = bytes(64)
    path.write_bytes(content)


def halved(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def rotated(path):
    path.rename(path.with_name(f"{path.name}.old"))


def deleted(path):
    shutil.rmtree(path) if path.is_dir() else path.unlink()


def event_log(workspace):
    return next(iter(workspace.event_log(batch) for batch in workspace.event_batches()))


FILES = {
    "journal": lambda workspace: workspace.journal_file,
    "cache": lambda workspace: workspace.event_cache("x").parent,
    "submit folder": lambda workspace: workspace.submission("x").parent,
    "event log": event_log,
}


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("journal", deleted),
        pytest.param("journal", halved, marks=pytest.mark.slow),
        pytest.param("cache", deleted, marks=pytest.mark.slow),
        pytest.param("event log", deleted, marks=pytest.mark.slow),
        pytest.param("event log", halved, marks=pytest.mark.slow),
        pytest.param("event log", garbled, marks=pytest.mark.slow),
        pytest.param("event log", rotated, marks=pytest.mark.slow),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__,
)
def test_a_file_of_the_folder_is_damaged(bench, ended, name, damage):
    bench.start()
    wait(bench.workspace, bench.schedd(), timeout_s=1)
    bench.fault()
    damage(FILES[name](bench.workspace))
    assert ended(f"{name} {damage.__name__}", "made anew from queue and results").did == "nothing"


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(deleted, marks=pytest.mark.slow),
        pytest.param(garbled, marks=pytest.mark.slow),
        halved,
    ],
)
def test_a_result_is_damaged_before_it_is_collected(bench, ended, damage):
    bench.start()
    bench.fault()
    damage(bench.workspace.results / next(iter(bench.workspace.returned_files())).file)
    assert ended(f"result {damage.__name__}", "refused, and due again").did == "osgrepro submit"


@pytest.mark.slow
def test_the_dataset_is_deleted(bench, ended):
    bench.start()
    collect(bench.matrix, bench.images, bench.workspace)
    bench.fault()
    bench.workspace.dataset_file.unlink()
    assert ended("dataset deleted", "made anew from the results").did == "nothing"


def refusal(bench):
    try:
        collect(bench.matrix, bench.images, bench.workspace)
    except DatasetError as error:
        return error
    return None


@pytest.mark.slow
@pytest.mark.parametrize("damage", [halved, garbled])
def test_the_dataset_is_damaged(bench, ended, damage):
    bench.start()
    collect(bench.matrix, bench.images, bench.workspace)
    bench.fault()
    file = bench.workspace.dataset_file
    damage(file)
    # What is damaged is read when there are new results.
    refused = until(lambda: refusal(bench), "the damage is not noticed")
    assert "can't be read" in refused.message
    assert f"mv {file}" in (refused.hint or "")
    file.rename(file.with_suffix(".damaged"))
    bench.did.append("mv")
    assert ended(f"dataset {damage.__name__}", "collect says so, with the command").did == "mv"


@pytest.mark.slow
@pytest.mark.parametrize("damage", [deleted, halved])
def test_the_image_is_damaged_and_mended(bench, ended, damage):
    kept, bench.image = bench.image, bench.workspace.root.parent / "image.sif"
    shutil.copy(kept, bench.image)
    bench.start()
    bench.fault()
    damage(bench.image)
    bench.act(htcondor2.JobAction.Vacate)
    # An execution point that has the image already needs it no more.
    under_way = {RunState.IDLE, RunState.RUNNING}
    until(lambda: bench.status().held or not under_way & set(bench.status().counts))
    held = bench.status().held
    if held and damage is deleted:
        assert "image.sif" in held[0].reason
    shutil.copy(kept, bench.image)
    if held:
        bench.person("release")
    happened = "held, and says why" if held else "the copies on the execution points are used"
    ended(f"image {damage.__name__}", happened)


@pytest.mark.slow
def test_the_image_is_another_one_when_it_is_staged(bench, ended):
    """Between submit and the transfer the file becomes another image, as valid as the first."""
    kept, bench.image = bench.image, bench.workspace.root.parent / "image.sif"
    shutil.copy(kept, bench.image)
    bench.image_sha256 = files.sha256(kept)
    bench.matrix = trial.expand(6, fault_bench.PLACES, sleep_s=1, measure=True)
    other = bench.image.with_name("other.sif")
    other.write_bytes(kept.read_bytes() + bytes(4096))
    other.chmod(0o644)
    bench.send()
    bench.fault()
    other.replace(bench.image)
    until(lambda: set(bench.status().counts) == {RunState.RETURNED}, "not all return", 300)
    collect(bench.matrix, bench.images, bench.workspace)
    reasons = [row["reason"] for row in dataset.rejected(bench.workspace.rejected_file)]
    assert set(reasons) == {"image"}
    assert len(reasons) + len(dataset.taken(bench.workspace.dataset_file)) == fault_bench.RUNS
    shutil.copy(kept, bench.image)
    bench.did.append("put it back")
    happened = "results of the other image are refused, their runs due again"
    assert ended("image replaced by another", happened).did == "put it back, osgrepro submit"


@pytest.mark.slow
def test_the_queue_is_lost(bench, ended):
    bench.start()
    bench.fault()
    minipool.down(bench.settings.directory)
    shutil.rmtree(bench.settings.directory / "spool")
    bench.up_again()
    assert "osgrepro submit" in ended("spool deleted", "the queue is empty").did
    assert dataset.taken(bench.workspace.dataset_file)
    until(lambda: bench.status().counts == {RunState.DONE: 12}, "not all done")
