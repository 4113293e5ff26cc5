"""The environments that are proposed: the most different first, and a part of a real campaign."""

from __future__ import annotations

from typing import Any

import machine_ads
import pytest

from osgrepro import campaign, hardware
from osgrepro.common import toml
from osgrepro.common.models import Gpus
from osgrepro.hardware import classes, propose, traits
from osgrepro.pool import condor
from osgrepro.runs import render


def machines(count: int, **ad: Any) -> list[dict[str, Any]]:
    return [{"Machine": f"{ad}{number}"} | ad for number in range(count)]


V3 = {"Microarch": "x86_64-v3", "DetectedCpus": 64, "CpuFamily": 23}
V4 = {"Microarch": "x86_64-v4", "DetectedCpus": 64, "CpuFamily": 6, "has_avx512f": True}
POOL = [
    *machines(50, **V3, CpuModelNumber=49),
    *machines(40, **V3, CpuModelNumber=1),
    *machines(9, **V3 | {"DetectedCpus": 96}),
    *machines(2, **V4),
    *machines(1, **V4, TotalSlotGPUs=1, GPUs_DeviceName="A40"),
]


def test_what_differs_most_comes_first_and_then_what_there_is_most_of() -> None:
    proposal = propose(classes(POOL), 5)
    assert [one.slots for one in proposal.chosen] == [50, 1, 9, 2, 40]
    assert (proposal.left_out, proposal.slots_left_out) == ((), 0)


def test_what_is_left_out_is_counted() -> None:
    proposal = propose(classes(POOL), 3)
    assert [one.slots for one in proposal.left_out] == [40, 2]
    assert (proposal.slots, proposal.slots_left_out) == (60, 42)
    assert proposal.numerical == (3, 4)
    assert "3 of 4 numerical classes; left out: 2 classes, 42 slots" in proposal.text()


def test_more_than_there_is_is_all_there_is() -> None:
    assert len(propose(classes(POOL), 100).chosen) == 5


def test_the_tables_are_a_part_of_a_campaign_and_select_their_classes() -> None:
    odd = {"OSGVO_CPU_MODEL": 'it\'s "odd"\n[[claim]] \\ é', "GPUs": 1, "GPUs_DeviceName": "'\n#"}
    ads = [*machine_ads.pool(300), odd]
    found = classes(ads)
    proposal = propose(found, len(found))
    text = (
        '[campaign]\nname = "c"\nrepeats = 1\n[[software]]\nname = "s"\n'
        '[[experiment]]\nname = "e"\n'
        'entry = "experiments.mnist_convnet:run"\nmetrics = ["m"]\nprimary = "m"\n'
    )
    parsed = campaign.parse(
        toml.loads(text + proposal.text(), "c.toml"),
        "c.toml",
        check_expression=condor.check_expression,
    )
    assert len(parsed.hardware) == len(found)
    for one, environment in zip(proposal.chosen, parsed.hardware, strict=True):
        assert environment.name == one.name
        assert (environment.gpus is None) is (not one.traits.gpus)
        selected = [ad for ad in ads if condor.matches(environment.requirements, ad)]
        assert len(selected) == one.slots
        assert {traits(ad) for ad in selected} == {one.traits}


@pytest.mark.parametrize(
    ("name", "device"),
    [
        ("NVIDIA A40", "NVIDIA A40"),
        ("Tesla V100-PCIE-32GB", "Tesla V100-PCIE-32GB"),
        ("GeForce GTX 1.5 (TM) é", "GeForce GTX 1.5"),
        ("A|B.*C", "A"),
        ("'\n#", None),
    ],
)
def test_a_device_is_plain_words_of_its_name_and_matches_it(name: str, device: str | None) -> None:
    (found,) = classes(machines(1, **V4, TotalSlotGPUs=1, GPUs_DeviceName=name))
    asked = hardware.environment(found)["gpus"]
    assert asked.get("device") == device
    expression = render.device_expression(Gpus(device=device))
    if expression is not None:
        assert condor.matches(expression, {"DeviceName": name})


def test_a_numerical_class_does_not_know_the_models_name() -> None:
    epyc, silent = classes([*machines(2, **V3, OSGVO_CPU_MODEL="EPYC 7302"), V3])
    assert hardware.numerical(epyc.traits) == hardware.numerical(silent.traits)


def test_less_memory_is_asked_for_where_slots_have_less() -> None:
    small, unknown, large = ({"TotalSlotMemory": 1500}, {}, {"Memory": 64000})
    for memory, expected in ((small, 1500), (unknown, None), (large, None)):
        (found,) = classes(machines(3, **V3, **memory))
        assert hardware.environment(found).get("request_memory_mb") == expected


def test_an_environment_and_its_table_say_the_same() -> None:
    (found,) = classes(machines(1, **V4, TotalSlotGPUs=1, GPUs_DeviceName="A'40", Memory=900))
    (table,) = toml.loads("\n".join(hardware.table(found)), "x")["hardware"]
    assert table == hardware.environment(found)
