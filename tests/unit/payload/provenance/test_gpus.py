"""GPUs as nvidia-smi tells them, also where it is old, broken, or not there."""

from __future__ import annotations

import pytest

from osgrepro.payload.provenance import gpus

TWO = {
    "index": ["0", "1"],
    "name": ["NVIDIA A100-SXM4-40GB"] * 2,
    "uuid": ["GPU-aaaa-1", "GPU-bbbb-2"],
    "memory.total": ["40960", "40960"],
    "driver_version": ["470.57"] * 2,
    "compute_cap": [],
    "mig.mode.current": ["Disabled", "[N/A]"],
    "ecc.mode.current": ["Enabled"] * 2,
}


def test_each_gpu_is_described_and_what_an_old_driver_lacks_is_null():
    first, second = gpus.collect({}, TWO.__getitem__)
    assert first == {
        "index": 0,
        "name": "NVIDIA A100-SXM4-40GB",
        "uuid": "GPU-aaaa-1",
        "memory_mb": 40960,
        "driver": "470.57",
        "capability": None,
        "mig": "Disabled",
        "ecc": "Enabled",
        "visible": True,
    }
    assert second["uuid"] == "GPU-bbbb-2"


@pytest.mark.parametrize(
    ("devices", "visible"),
    [
        ("0", [True, False]),
        ("GPU-bbbb", [False, True]),
        ("GPU-aaaa-1,1", [True, True]),
        ("", [False, False]),
    ],
)
def test_the_jobs_own_gpus_are_marked(devices, visible):
    found = gpus.collect({"CUDA_VISIBLE_DEVICES": devices}, TWO.__getitem__)
    assert [gpu["visible"] for gpu in found] == visible


def test_without_a_driver_there_are_none():
    assert gpus.collect({}, lambda _field: []) == []


def script(folder, monkeypatch, text):
    path = folder / "nvidia-smi"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_nvidia_smi_is_asked(tmp_path, monkeypatch):
    script(tmp_path, monkeypatch, "echo \"$1\"\necho ' second '\n")
    assert gpus.query("name") == ["--query-gpu=name", "second"]


def test_an_nvidia_smi_that_fails_tells_nothing(tmp_path, monkeypatch):
    script(tmp_path, monkeypatch, "echo no driver; exit 9\n")
    assert gpus.query("name") == []
