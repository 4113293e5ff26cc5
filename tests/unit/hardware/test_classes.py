"""Machine ads become classes that are counted and have names."""

from __future__ import annotations

import re

import machine_ads

from osgrepro.common import models
from osgrepro.hardware import classes

EPYC = {"CpuFamily": 23, "CpuModelNumber": 49, "Cpus": 4, "DetectedCpus": 64}
SPELLINGS = (
    "AMD EPYC 7302 16-Core Processor",
    "AMD EPYC 7302 16-Core Processor      ",
    "EPYC 7302",
)


def test_two_spellings_of_a_model_are_one_class_and_no_spelling_is_another() -> None:
    ads = [EPYC | {"OSGVO_CPU_MODEL": spelling} for spelling in SPELLINGS]
    known, silent = classes([*ads, EPYC])
    assert (known.name, known.cpu, known.slots) == ("epyc-7302-64cpus", "EPYC 7302", 3)
    assert known.spellings == set(SPELLINGS)
    assert (silent.name, silent.slots) == ("amd-family23-model49-64cpus", 1)
    assert silent.cpu == "AMD family 23 model 49, no model name"


def test_slots_machines_cpus_and_sites_are_counted() -> None:
    ads = [
        {"Name": "slot1@p1@a", "Machine": "a", "Cpus": 0, "TotalSlotCpus": 8, "GLIDEIN_Site": "S"},
        {"Name": "slot1@p2@a", "Machine": "a", "Cpus": 4, "GLIDEIN_Site": "S"},
        {"Name": "slot1@b", "Cpus": 2},
    ]
    (one,) = classes(ads)
    assert (one.slots, one.machines, one.cpus) == (3, 2, 14)
    assert one.sites == {"S": 2, "unknown": 1}
    assert one.samples == ("slot1@p1@a", "slot1@p2@a", "slot1@b")


def test_an_ad_without_anything_is_a_class() -> None:
    (one,) = classes([{}])
    assert (one.name, one.cpu, one.gpu) == ("unknown-cpu", "unknown, no model name", "")


def test_names_are_valid_and_unique_whatever_the_ads_say() -> None:
    words = ("x" * 200, "Ünï", "-.-", "a\nb", "A\tC", "$(HOME)", 'q"uote', "x" * 200 + "y")
    ads = [{"OSGVO_CPU_MODEL": word, "CpuCacheSize": size} for word in words for size in (1, 2)]
    ads += [{"GPUs": 1, "GPUs_DeviceName": word, "TotalCpus": 1e30} for word in words]
    names = [one.name for one in classes(ads)]
    assert len(names) == len({name.lower() for name in names}) == len(ads)
    assert all(re.match(models.NAME_PATTERN, name) for name in names), names


def test_no_ads_are_no_classes() -> None:
    assert classes([]) == ()


def test_a_large_pool_keeps_every_slot_and_has_few_classes() -> None:
    found = classes(machine_ads.pool(100_000))
    assert sum(one.slots for one in found) == 100_000
    assert 7 < len(found) < 200
    assert [one.slots for one in found] == sorted((one.slots for one in found), reverse=True)
    assert len({one.name for one in found}) == len(found)


def test_the_order_of_the_ads_changes_no_class() -> None:
    ads = list(machine_ads.pool(500))
    there, back = classes(ads), classes(reversed(ads))
    assert [(one.name, one.traits, one.slots) for one in there] == [
        (one.name, one.traits, one.slots) for one in back
    ]
