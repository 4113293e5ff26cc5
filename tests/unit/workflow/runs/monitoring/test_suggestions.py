"""What the pool has instead of hardware that starves: real requirements against made-up ads."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import trial

from osgrepro.common import toml
from osgrepro.common.models import Gpus, Hardware, Matrix
from osgrepro.pool import condor
from osgrepro.workflow.runs.monitoring.coverage import CellCoverage, Suggestion, suggestions


def slots(count: int, **ad: Any) -> list[dict[str, Any]]:
    whole = {"Arch": "X86_64", "OpSys": "LINUX", "HasSIF": True, "Cpus": 8}
    return [whole | {"Memory": 16_384, "Disk": 40_000_000, "CpuFamily": 23} | ad] * count


# Four kinds of machine; the two others are the campaign's own, and too small for it.
POOL = [
    *slots(4, CpuModelNumber=1),
    *slots(2, CpuModelNumber=2),
    *slots(9, CpuModelNumber=3, CpuFamily=25),
    *slots(7, CpuModelNumber=4, GPUs=1, GPUs_DeviceName="NVIDIA A40"),
    *slots(5, CpuModelNumber=48),
    *slots(6, CpuModelNumber=5, Memory=1024),
]
WANTED = "TARGET.CpuFamily == 23 && TARGET.CpuModelNumber == 49"
OWN = "TARGET.CpuModelNumber == 48"


def matrix(*hardware: Hardware) -> Matrix:
    made = trial.expand(1, ("host",))
    campaign = made.campaign.model_copy(update={"hardware": hardware})
    return replace(made, campaign=campaign)


def asked(name: str, requirements: str, **more: Any) -> Hardware:
    return Hardware(name=name, requirements=requirements, **more)


def cell(hardware: str, **counts: int) -> CellCoverage:
    return CellCoverage(experiment="e", hardware=hardware, software="s", counts=counts)


CAMPAIGN = matrix(asked("wanted", WANTED, request_cpus=4), asked("own", OWN))


def named(found: Suggestion) -> list[tuple[int, tuple[str, ...]]]:
    return [(one.slots, one.lacks) for one in found.substitutes]


def test_a_starved_environment_is_offered_the_nearest_that_the_campaign_has_not() -> None:
    cells = [cell("wanted", done=1, starved=2), cell("own", done=3)]
    (found,) = suggestions(CAMPAIGN, cells, (), POOL)
    model, family = "TARGET.CpuModelNumber == 49", "TARGET.CpuFamily == 23"
    assert found.hardware.name == "wanted"
    assert named(found) == [(4, (model,)), (2, (model,)), (9, (family, model))]


@pytest.mark.parametrize("cells", [[cell("wanted", idle=3)], [cell("wanted", done=1)]])
def test_hardware_that_waits_or_is_done_is_offered_nothing(cells: list[CellCoverage]) -> None:
    assert suggestions(CAMPAIGN, cells, ("own",), POOL) == ()


def test_an_empty_cell_that_no_slot_can_take_is_offered_something_before_it_starves() -> None:
    (found,) = suggestions(CAMPAIGN, [cell("wanted", new=3)], ("wanted",), POOL)
    assert len(found.substitutes) == 3
    assert suggestions(CAMPAIGN, [cell("wanted", done=1, new=2)], ("wanted",), POOL) == ()


def test_the_table_that_is_offered_matches_the_slots_that_are_promised() -> None:
    (found,) = suggestions(CAMPAIGN, [cell("wanted", starved=1)], (), POOL)
    for one in found.substitutes:
        (table,) = toml.loads(found.table(one), "t")["hardware"]
        made = Hardware(**table)
        assert made.request_cpus == 4
        assert condor.feasible(made, POOL).matching == one.slots


def test_gpus_are_offered_to_those_who_ask_for_them_alone() -> None:
    campaign = matrix(asked("gpu", "true", gpus=Gpus(device="H100")))
    (found,) = suggestions(campaign, [cell("gpu", starved=1)], (), POOL)
    assert named(found) == [(7, ("gpus.device = H100",))]
    (table,) = toml.loads(found.table(found.substitutes[0]), "t")["hardware"]
    assert condor.feasible(Hardware(**table), POOL).matching == 7


def test_two_environments_are_not_offered_the_same_first() -> None:
    campaign = matrix(asked("a", WANTED), asked("b", WANTED))
    one, other = suggestions(campaign, [cell("a", starved=1), cell("b", starved=1)], (), POOL)
    assert (one.substitutes[0].slots, other.substitutes[0].slots) == (5, 4)


def test_where_there_is_nothing_else_nothing_is_offered() -> None:
    (found,) = suggestions(CAMPAIGN, [cell("wanted", starved=1)], (), slots(3, CpuModelNumber=48))
    assert found.substitutes == ()
