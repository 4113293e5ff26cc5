"""What one machine ad tells, also where it tells nonsense."""

from __future__ import annotations

from typing import Any

import pytest

from osgrepro.hardware.traits import Gpu, Traits, model_name, site, traits


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("AMD EPYC 7302 16-Core Processor", "EPYC 7302"),
        ("AMD EPYC 7302 16-Core Processor                ", "EPYC 7302"),
        ("EPYC 7302", "EPYC 7302"),
        ("AMD EPYC 7302P 16-Core Processor", "EPYC 7302P"),
        ("Intel(R) Xeon(R) CPU E5-2640 v4 @ 2.40GHz", "Xeon E5-2640 v4"),
        ("Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz", "Xeon Gold 6148"),
        ("Intel Xeon Processor (Skylake, IBRS)", "Xeon (Skylake, IBRS)"),
        ("  ", ""),
    ],
)
def test_spellings_of_one_model_have_one_name(spelling: str, name: str) -> None:
    assert model_name(spelling) == name


@pytest.mark.parametrize(
    ("ad", "vendor"),
    [
        ({"CpuFamily": 6}, "Intel"),
        ({"CpuFamily": 25}, "AMD"),
        ({"CpuFamily": 15}, None),
        ({"CpuFamily": 15, "OSGVO_CPU_MODEL": "AMD Opteron 6276"}, "AMD"),
        ({"OSGVO_CPU_MODEL": "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz"}, "Intel"),
        ({}, None),
    ],
)
def test_the_vendor_is_known_by_name_or_family(ad: dict[str, Any], vendor: str | None) -> None:
    assert traits(ad).vendor == vendor


def test_what_is_missing_or_of_a_wrong_kind_is_not_known() -> None:
    wrong = {
        "Arch": 3,
        "Microarch": "",
        "CpuFamily": "6",
        "CpuModelNumber": True,
        "OSGVO_CPU_MODEL": ["x"],
        "has_avx2": "yes",
        "DetectedCpus": -1,
        "CpuCacheSize": float("nan"),
        "TotalSlotGPUs": "two",
    }
    assert traits(wrong) == traits({}) == Traits()


def test_the_machines_own_cpus_come_before_those_it_offers() -> None:
    both = traits({"DetectedCpus": 128, "TotalCpus": 8.0})
    assert (both.cpus, both.detected) == (128, True)
    offered = traits({"TotalCpus": 8.0})
    assert (offered.cpus, offered.detected) == (8, False)


A40 = Gpu(name="NVIDIA A40", capability=8.6, memory_mb=45416, driver=12.4)
V100 = Gpu(name="V100", capability=7.0)


def test_equal_gpus_are_told_by_the_slot_itself() -> None:
    ad = {
        "TotalSlotGPUs": 2,
        "GPUs": 0,
        "GPUs_DeviceName": "NVIDIA A40",
        "GPUs_Capability": 8.6,
        "GPUs_GlobalMemoryMb": 45416,
        "GPUs_DriverVersion": 12.4,
    }
    assert (traits(ad).gpus, traits(ad).nested) == ((A40,), False)


def test_different_gpus_are_told_by_their_own_ads() -> None:
    a40 = {"DeviceName": "NVIDIA A40", "Capability": 8.6, "GlobalMemoryMb": 45416}
    v100 = {"DeviceName": "V100", "Capability": 7}
    listed = [a40 | {"DriverVersion": 12.4}, v100, v100, None]
    found = traits({"GPUs": 3, "AvailableGPUs": listed})
    assert (set(found.gpus), len(found.gpus), found.nested) == ({A40, V100}, 2, True)


def test_a_gpu_of_which_nothing_is_told_is_a_gpu() -> None:
    assert traits({"GPUs": 1, "AvailableGPUs": []}).gpus == (Gpu(),)


def test_the_site_is_what_the_pilot_calls_it() -> None:
    assert site({"OSG_SITE": "b", "GLIDEIN_Site": "a"}) == "a"
    assert site({"GLIDEIN_ResourceName": "c", "GLIDEIN_Site": ""}) == "c"
    assert site({}) is None
