"""Requirements against a pool's ads: how many slots match, and what excludes the rest."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.common.models import Gpus, Hardware
from osgrepro.pool.condor import feasibility


def slot(**changes: Any) -> dict[str, Any]:
    return {
        "Name": "slot1@ep",
        "Arch": "X86_64",
        "OpSys": "LINUX",
        "HasSIF": True,
        "Cpus": 2,
        "Memory": 4096,
        "Disk": 40_000_000,
        "TotalSlotCpus": 8,
        "TotalSlotMemory": 16_384,
        "TotalSlotDisk": 80_000_000,
        "CpuFamily": 23,
        "CpuModelNumber": 49,
        "Start": "true",
    } | changes


def asked(requirements: str = "true", **more: Any) -> Hardware:
    return Hardware(name="h", requirements=requirements, request_memory_mb=1024, **more)


def found(hardware: Hardware, *slots: dict[str, Any]) -> feasibility.Feasibility:
    return feasibility.feasible(hardware, slots)


@pytest.mark.parametrize(
    ("expression", "clauses"),
    [
        ("true", ["true"]),
        ("a && b == 1 && c", ["a", "b == 1", "c"]),
        ("a && (b || c && d)", ["a", "(b || c && d)"]),
        ("a && b || c", ["a && b || c"]),
        ("a && (b ? c : d)", ["a", "(b ? c : d)"]),
        ("a && b ? c : d", ["a && b ? c : d"]),
        ("a =?= 1 && b =!= 2", ["a =?= 1", "b =!= 2"]),
        ("a ?: b && c", ["a ?: b && c"]),
        ('a == "x && y" && b', ['a == "x && y"', "b"]),
        (r'a == "x\" && y" && b', [r'a == "x\" && y"', "b"]),
        ("member(a, {1, 2}) && b[1] == 2", ["member(a, {1, 2})", "b[1] == 2"]),
    ],
)
def test_a_conjunction_falls_into_its_clauses(expression: str, clauses: list[str]) -> None:
    assert feasibility.split(expression) == clauses


@given(st.lists(st.sampled_from(["A", "B", "(A || B)", '"&&" == "&&"', "A == 1"]), min_size=1))
def test_clauses_joined_again_are_the_expression(clauses: list[str]) -> None:
    assert feasibility.split(" && ".join(clauses)) == clauses


def test_matching_slots_are_counted_and_free_ones_too() -> None:
    hardware = asked("CpuFamily == 23", request_cpus=4)
    stands = found(hardware, slot(), slot(Cpus=8), slot(CpuFamily=25))
    assert (stands.slots, stands.matching, stands.free) == (3, 2, 1)
    assert stands.killers == ()


def test_the_clause_that_excludes_everything_is_named() -> None:
    hardware = asked('CpuFamily == 23 && regexp("EPYC 9", OSGVO_CPU_MODEL) && CpuModelNumber == 49')
    stands = found(hardware, slot(OSGVO_CPU_MODEL="AMD EPYC 7302"), slot())
    assert stands.matching == 0
    (killer,) = stands.killers
    assert killer.text == 'regexp("EPYC 9", OSGVO_CPU_MODEL)'
    assert (killer.alone, killer.without) == (0, 2)


def test_two_clauses_that_no_slot_satisfies_are_both_named() -> None:
    stands = found(asked("CpuFamily == 1 && CpuModelNumber == 2"), slot())
    assert [clause.text for clause in stands.killers] == ["CpuFamily == 1", "CpuModelNumber == 2"]


def test_clauses_that_exclude_each_other_are_told_by_what_would_be_without_them() -> None:
    hardware = asked("CpuFamily == 23 && CpuModelNumber == 1")
    stands = found(hardware, slot(), slot(CpuFamily=25, CpuModelNumber=1))
    assert {clause.text: clause.without for clause in stands.killers} == {
        "CpuFamily == 23": 1,
        "CpuModelNumber == 1": 1,
    }


@pytest.mark.parametrize(
    ("more", "ad", "killer"),
    [
        ({"request_cpus": 16}, {}, "request_cpus = 16"),
        ({"request_disk_mb": 100_000}, {}, "request_disk_mb = 100000"),
        ({}, {"Arch": "aarch64"}, "Arch and OpSys: x86_64 Linux"),
        ({}, {"HasSIF": None}, "HasSIF: Apptainer"),
        ({}, {"Start": "TARGET.RequestMemory > 2048"}, "START of the slot"),
        ({"gpus": Gpus(count=1)}, {}, "gpus.count = 1"),
        (
            {"gpus": Gpus(count=1, minimum_capability=8.0)},
            {"TotalSlotGPUs": 2, "GPUs_Capability": 7.5},
            "gpus.minimum_capability = 8.0",
        ),
        (
            {"gpus": Gpus(count=1, minimum_memory_mb=50_000)},
            {"GPUs": 1, "GPUs_GlobalMemoryMb": 16_000},
            "gpus.minimum_memory_mb = 50000",
        ),
        (
            {"gpus": Gpus(count=1, device="A40")},
            {"GPUs": 1, "GPUs_DeviceName": "NVIDIA A4000"},
            "gpus.device = A40",
        ),
    ],
)
def test_resources_and_the_slots_own_policy_can_exclude(
    more: dict[str, Any], ad: dict[str, Any], killer: str
) -> None:
    stands = found(asked(**more), slot(**ad))
    assert [clause.text for clause in stands.killers] == [killer]
    assert stands.matching == 0


def test_gpus_that_differ_in_one_slot_are_left_to_the_match_itself() -> None:
    hardware = asked(gpus=Gpus(count=1, minimum_capability=8.0, device="A40"))
    assert found(hardware, slot(TotalSlotGPUs=2)).matching == 1


def test_attributes_count_without_regard_to_case_and_missing_ones_are_undefined() -> None:
    assert found(asked("target.cpufamily == 23"), slot()).matching == 1
    assert found(asked("NoSuchThing == 1"), slot()).matching == 0
    assert found(asked("isUndefined(NoSuchThing)"), slot()).matching == 1


def test_a_start_that_reads_what_is_not_known_excludes_nobody() -> None:
    assert found(asked(), slot(Start="MY.Unknown > 3")).matching == 1
    assert found(asked(), slot(Start="MY.Open", Open=False)).matching == 0


def test_a_start_that_is_no_expression_lets_nobody_in_and_spoils_no_other_slot() -> None:
    assert found(asked(), slot(Start="this is ("), slot()).matching == 1


def test_slots_of_one_start_are_told_apart_by_what_it_reads() -> None:
    policy = "TARGET.RequestMemory <= MY.Limit && Open"
    slots = [slot(Start=policy, Limit=limit, Open=True) for limit in (512, 1024, 2048)]
    assert found(asked(), *slots, slot(Start=policy, Limit=2048, Open=False)).matching == 2


def test_what_has_to_be_asked_of_the_collector() -> None:
    names = feasibility.attributes([asked("TARGET.CpuFamily == 23 && MY.RequestCpus > 0")])
    assert {"cpufamily", "start", "Cpus", "arch", "hassif"} <= set(names)
    assert "requestcpus" not in names


def test_an_empty_pool_matches_nothing() -> None:
    stands = found(asked())
    assert (stands.slots, stands.matching, stands.free) == (0, 0, 0)


def test_what_a_slot_lacks_of_the_hardware_is_told_apart_from_whether_it_is_large_enough() -> None:
    hardware = asked("CpuFamily == 23 && CpuModelNumber == 49", request_cpus=4)
    slots = [slot(), slot(CpuFamily=25), slot(TotalSlotCpus=2), slot(Start="false", CpuFamily=6)]
    stands = feasibility.shortfalls(hardware, slots)
    assert [one.hardware for one in stands] == [(), ("CpuFamily == 23",), (), ("CpuFamily == 23",)]
    assert [one.fits for one in stands] == [True, True, False, False]


def test_the_kind_of_gpu_is_hardware_and_how_many_is_not() -> None:
    hardware = asked(gpus=Gpus(count=2, device="A40", minimum_capability=8.0))
    slots = [slot(GPUs=2, GPUs_DeviceName="V100", GPUs_Capability=7.0), slot()]
    other, none = feasibility.shortfalls(hardware, slots)
    assert other.hardware == ("gpus.minimum_capability = 8.0", "gpus.device = A40")
    assert (other.fits, none.fits) == (True, False)
