"""The spec: everything that is wrong with it is said at once, and nothing runs."""

from __future__ import annotations

import pytest

from osgrepro.payload import spec
from osgrepro.payload.faults import InputError

ARGUMENTS = {
    "run_id": "0123456789abcdef01234567",
    "experiment": "probe",
    "hardware": "any",
    "seed": 1,
    "repeat": 1,
    "scratch": "/scratch",
    "out": "/scratch/results",
}


def read(slot, **changes):
    return spec.read_task(str(slot.save()), **{**ARGUMENTS, **changes})


def test_a_task_knows_its_definition(slot):
    slot.data("digits.npz", b"bytes", sample=True)
    slot.experiment["params"] = {"epochs": 2}
    task = read(slot, repeat=3)
    assert task.definition() == {
        "campaign": "test",
        "experiment": "probe",
        "entry": "script.py",
        "code_sha256": slot.experiment["code_sha256"],
        "params": {"epochs": 2},
        "data": slot.experiment["data"],
        "software": "here",
        "image_sha256": None,
        "hardware": "any",
        "seed": 1,
        "threads": "host",
        "repeat": 3,
        "environment": {},
    }
    assert task.sample_data


def test_all_problems_are_reported_together(slot):
    slot.spec.update(threads=0)
    slot.spec["software"]["name"] = None
    slot.experiment["data"] = [{"file": "../up", "spec": "x", "sha256": "short", "sample": 1}]
    with pytest.raises(InputError) as error:
        read(slot, run_id="../../etc", seed=-1, repeat=0)
    for place in (
        "--run-id",
        "--repeat",
        "--seed",
        "threads",
        "software.name",
        "data[0].file",
        "data[0].sha256",
        "data[0].sample",
    ):
        assert place in str(error.value)


@pytest.mark.parametrize(
    "run_id",
    ["", "../../../../etc/passwd", "0123456789ABCDEF01234567", "0" * 23, "0" * 24 + "\n", "0" * 25],
)
def test_a_run_id_that_is_no_run_id_is_refused(slot, run_id):
    with pytest.raises(InputError, match="--run-id"):
        read(slot, run_id=run_id)


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "/etc/passwd"])
def test_a_file_name_that_leaves_the_scratch_folder_is_refused(slot, name):
    slot.experiment["metrics_file"] = name
    with pytest.raises(InputError, match="metrics_file"):
        read(slot)


def test_an_unknown_experiment_and_hardware_are_named(slot):
    with pytest.raises(InputError) as error:
        read(slot, experiment="other", hardware="gpu9")
    assert "no experiment 'other'" in str(error.value)
    assert "no hardware environment 'gpu9'" in str(error.value)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"schema_version": 2}', "\xff"])
def test_a_file_that_is_no_spec_is_refused(tmp_path, text):
    path = tmp_path / "spec.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"spec\.json"):
        spec.read_task(str(path), **ARGUMENTS)


def test_a_spec_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InputError, match="can't be read"):
        spec.read_task(str(tmp_path / "none.json"), **ARGUMENTS)


@pytest.mark.parametrize(("threads", "known"), [("host", "host"), (4, 4)])
def test_threads_are_the_hosts_or_a_number(slot, threads, known):
    slot.spec["threads"] = threads
    assert read(slot).threads == known


@pytest.mark.parametrize("threads", [True, 0, -1, "4", 1.5, None])
def test_other_threads_are_refused(slot, threads):
    slot.spec["threads"] = threads
    with pytest.raises(InputError, match="threads"):
        read(slot)


@pytest.mark.parametrize("given", [["X"], {"X": 1}, {"X=Y": "1"}, {"": "1"}, {"X": "\0"}])
def test_variables_that_no_process_can_have_are_bad_input(slot, given):
    slot.experiment["environment"] = given
    with pytest.raises(InputError, match="environment"):
        read(slot)
