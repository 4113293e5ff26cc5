"""The training process's own checks, with fakes in place of the slot."""

from __future__ import annotations

import errno

import pytest

from osgrepro.payload import faults, spec
from osgrepro.payload.faults import InputError, SlotError
from osgrepro.payload.training import train


def task_with(slot, gpus):
    slot.spec["hardware"]["any"]["gpus"] = gpus
    return spec.read_task(
        str(slot.save()),
        run_id="0" * 24,
        experiment="probe",
        hardware="any",
        seed=1,
        repeat=1,
        scratch=str(slot.folder),
        out="",
    )


class Seeing:
    """A backend that sees ``count`` GPUs."""

    title = "TensorFlow"

    def __init__(self, count):
        self.devices = lambda: [{}] * count


@pytest.mark.parametrize(("asked", "present"), [(0, 0), (1, 1), (1, 4), (0, 2)])
def test_enough_gpus_are_good(asked, present):
    train.check_gpus(asked, Seeing(present))


def test_a_gpu_that_the_backend_does_not_see_is_a_bad_slot():
    with pytest.raises(SlotError, match=r"2 GPU\(s\) asked for, but TensorFlow sees 1"):
        train.check_gpus(2, Seeing(1))


def test_a_slot_that_shows_no_gpu_is_bad_whatever_would_compute(slot):
    slot.script("import json\njson.dump({'score': 1}, open('metrics.json', 'w'))\n")
    slot.experiment["metrics_file"] = "metrics.json"
    slot.spec["hardware"]["any"]["gpus"] = 1
    code, _, result = slot.run()
    assert code == 30
    assert result["exception"]["message"] == "1 GPU(s) asked for, but the slot shows none"


def test_a_device_of_the_driver_is_a_gpu_also_without_nvidia_smi(tmp_path):
    (tmp_path / "dev").mkdir()
    with pytest.raises(SlotError):
        train.check_driver(1, [], str(tmp_path))
    (tmp_path / "dev/nvidia0").touch()
    train.check_driver(1, [], str(tmp_path))
    with pytest.raises(SlotError):
        train.check_driver(1, [{"visible": False}], str(tmp_path))


@pytest.mark.parametrize(
    ("asked", "shown", "bad"),
    [
        (1, {"gpu_used": False}, True),
        (1, {"gpu_used": None}, False),
        (1, {"gpu_used": True}, False),
        (2, {"gpu_used": True, "framework": {"backend": "torch", "gpus": [{}]}}, True),
        (0, {"gpu_used": False, "framework": {"gpus": []}}, False),
    ],
)
def test_a_training_that_took_the_cpu_is_a_bad_slot(asked, shown, bad):
    if bad:
        with pytest.raises(SlotError):
            train.check_use(asked, shown)
    else:
        train.check_use(asked, shown)


def test_a_full_disk_is_a_bad_slot(slot):
    with pytest.raises(SlotError, match="1 MiB free"):
        train.check_slot(task_with(slot, 0), free_bytes=lambda _folder: 2**20)


def test_a_slot_with_room_is_good(slot):
    train.check_slot(task_with(slot, 0), free_bytes=lambda _folder: 2**30)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ValueError("x"), 10),
        (InputError("x"), 20),
        (SlotError("x"), 30),
        (OSError(errno.ENOSPC, "No space left on device"), 30),
        (OSError(errno.ENOENT, "x"), 10),
        (KeyboardInterrupt(), 10),
    ],
)
def test_every_error_has_its_exit_code(error, code):
    assert faults.exit_code_of(error) == code


def test_long_messages_are_cut():
    described = faults.describe(ValueError("begins" + "x" * 1_000_000 + "ends"))
    assert len(described["message"]) <= 4_000
    assert described["message"].startswith("begins")
    assert described["message"].endswith("ends")
    assert len(described["traceback"]) <= 20_000


def test_a_simulated_gpu_is_no_reason_to_stop(slot):
    slot.spec["hardware"]["any"]["gpus"] = 1
    (slot.folder / "machine.ad").write_text(
        'OsgreproEmulated = true\nOsgreproEmulation = "a GPU"\nOsgreproSimulatedGpu = true\n'
    )
    (slot.folder / "tensorflow.py").write_text(
        "class Any:\n"
        "    def __getattr__(self, name): return Any()\n"
        "    def __call__(self, *args): return Any()\n"
        "    def __iter__(self): return iter(())\n"
        "    def __len__(self): return 0\n"
        "config = version = keras = sysconfig = Any()\n"
    )
    environ = {"PYTHONPATH": str(slot.folder)}
    ad = {"_CONDOR_MACHINE_AD": str(slot.folder / "machine.ad")}
    code, output, result = slot.run({**environ, **ad})
    assert code == 0, output
    assert result["provenance"]["emulation"] == {
        "emulated": True,
        "what": ["a GPU"],
        "not_emulated": [],
        "simulated_gpu": True,
    }
    assert slot.run(environ)[0] == 30
