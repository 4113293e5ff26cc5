"""A requirement holds for each ad of its class and no other, as HTCondor itself evaluates it."""

from __future__ import annotations

from typing import Any

import machine_ads
import pytest

from osgrepro.hardware import classes, proves, requirements, traits
from osgrepro.pool import condor
from osgrepro.runs.render import guard

A40 = {"DeviceName": "NVIDIA A40", "Capability": 8.6, "GlobalMemoryMb": 45416}
V100 = {"DeviceName": "V100", "Capability": 7.0}
ODD: list[dict[str, Any]] = [
    {},
    {"CpuFamily": "6"},
    {"CpuFamily": 6},
    {"CpuFamily": 6, "CpuModelNumber": 85},
    {"OSGVO_CPU_MODEL": ""},
    {"OSGVO_CPU_MODEL": 'a "b" \\ $(HOME)\n\t\\'},
    {"OSGVO_CPU_MODEL": "EPYC 7302"},
    {"OSGVO_CPU_MODEL": "amd epyc 7302 16-Core Processor  "},
    {"OSGVO_CPU_MODEL": "EPYC 7302P"},
    {"Microarch": "x86_64-v3"},
    {"Microarch": "X86_64-V3"},
    {"Microarch": "x86_64-v3", "has_avx2": False},
    {"Microarch": "x86_64-v3", "has_avx2": True},
    {"DetectedCpus": 8},
    {"TotalCpus": 8.0},
    {"TotalCpus": 2.5},
    {"GPUs": 1},
    {"GPUs": 0, "TotalSlotGPUs": 1, "AvailableGPUs": []},
    {"GPUs": 1, "GPUs_DeviceName": "NVIDIA A40"},
    {"GPUs": 1, "GPUs_DeviceName": "NVIDIA A40", "GPUs_Capability": 8.6, "AvailableGPUs": [A40]},
    {"GPUs": 1, "GPUs_DeviceName": "nvidia a40", "GPUs_Capability": 8.6, "AvailableGPUs": [A40]},
    {"GPUs": 1, "AvailableGPUs": [A40]},
    {"GPUs": 2, "AvailableGPUs": [A40, V100]},
    {"GPUs": 3, "AvailableGPUs": [A40, V100, {"DeviceName": "V100", "Capability": 7.5}]},
]


@pytest.mark.parametrize("ads", [ODD, list(machine_ads.pool(400))], ids=["odd", "pool"])
def test_a_requirement_selects_its_own_class_alone(ads: list[dict[str, Any]]) -> None:
    found = classes(ads)
    assert len(found) > 15
    for one in found:
        expression = requirements(one)
        assert condor.check_expression(expression) is None
        wrong = [
            ad for ad in ads if condor.matches(expression, ad) is not (traits(ad) == one.traits)
        ]
        assert not wrong, (expression, wrong[:3])


def test_every_expression_can_stand_in_a_submit_description() -> None:
    for one in classes([*ODD, *machine_ads.pool(400)]):
        for expression in (requirements(one), proves(one)):
            assert guard.expression(expression, "here") == expression


RECORD = {
    "cpu_family": 23,
    "cpu_model": 49,
    "cpu_model_name": "AMD EPYC 7302 16-Core Processor",
    "cpu_avx": True,
    "cpu_avx2": True,
    "cpu_avx512f": False,
    "logical_cpus": 64,
}
AD = {
    "CpuFamily": 23,
    "CpuModelNumber": 49,
    "OSGVO_CPU_MODEL": "EPYC 7302",
    "Microarch": "x86_64-v3",
    "has_avx": True,
    "has_avx2": True,
    "DetectedCpus": 64,
}


def test_a_record_of_the_class_proves_it() -> None:
    (one,) = classes([AD])
    assert condor.matches(proves(one), RECORD)


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("cpu_family", 25),
        ("cpu_model", 1),
        ("cpu_model_name", "AMD EPYC 7302P 16-Core Processor"),
        ("cpu_avx512f", True),
        ("logical_cpus", 32),
        ("cpu_model_name", None),
    ],
)
def test_a_record_of_other_hardware_does_not(column: str, value: object) -> None:
    (one,) = classes([AD])
    assert not condor.matches(proves(one), RECORD | {column: value})


@pytest.mark.parametrize(
    ("advertised", "recorded"),
    [
        ("Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz", "Intel(R) Xeon(R) Gold 6148 CPU @ 2.40GHz"),
        ("Xeon E5-2640 v4", "Intel(R) Xeon(R) CPU E5-2640 v4 @ 2.40GHz"),
        ("Intel Xeon Processor (Skylake, IBRS)", "Intel Xeon Processor (Skylake, IBRS)"),
    ],
)
def test_a_name_is_proved_in_the_kernels_spelling(advertised: str, recorded: str) -> None:
    (one,) = classes([{"OSGVO_CPU_MODEL": advertised}])
    assert condor.matches(proves(one), {"cpu_model_name": recorded})


def test_a_gpu_is_proved_by_its_name() -> None:
    (one,) = classes([{"GPUs": 1, "GPUs_DeviceName": "Tesla V100-PCIE-32GB"}])
    assert condor.matches(proves(one), {"gpu_name": "Tesla V100-PCIE-32GB"})
    assert not condor.matches(proves(one), {"gpu_name": "NVIDIA A40"})
    assert not condor.matches(proves(one), {})
