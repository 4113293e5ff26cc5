"""A campaign's hardware against saved ads: warned of in a sentence, or refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trial

from osgrepro.common.errors import UsageError
from osgrepro.workflow.campaign import feasibility

SLOT: dict[str, Any] = {
    "MyType": "Machine",
    "Name": "slot1@ep",
    "Machine": "ep",
    "SlotType": "Partitionable",
    "Arch": "X86_64",
    "OpSys": "LINUX",
    "HasSIF": True,
    "Cpus": 2,
    "Memory": 4096,
    "Disk": 40_000_000,
    "CpuFamily": 23,
    "OsgreproEP": "host",
    "Start": "/Expr(TARGET.RequestMemory < 8192)/",
}
MATRIX = trial.expand(1, ("host", "threads4"))


@pytest.fixture
def ads(tmp_path: Path) -> Path:
    path = tmp_path / "ads.json"
    path.write_text(json.dumps([SLOT, SLOT | {"Name": "slot1@other", "Cpus": 0}]))
    return path


def test_each_environment_has_its_slots(ads: Path) -> None:
    host, threads4 = feasibility.of_file(MATRIX, ads)
    assert (host.hardware, host.slots, host.matching) == ("host", 2, 1)
    assert (threads4.hardware, threads4.matching) == ("threads4", 0)


def test_what_no_slot_takes_is_told_with_the_clause_that_excludes_it(ads: Path) -> None:
    found = feasibility.of_file(MATRIX, ads)
    (sentence,) = feasibility.warnings(found)
    assert sentence == (
        "hardware threads4: none of 2 slots matches: "
        'without `TARGET.OsgreproEP == "threads4"` 1 would'
    )
    with pytest.raises(UsageError, match="hardware threads4: none of 2 slots"):
        feasibility.refuse(found)
    feasibility.refuse(found[:1])
    assert list(feasibility.notes(found)) == ["threads4"]


def test_a_policy_of_the_slots_is_evaluated_for_the_job(ads: Path) -> None:
    ads.write_text(json.dumps([SLOT | {"Start": "/Expr(TARGET.RequestMemory > 8192)/"}]))
    (sentence, _other) = feasibility.warnings(feasibility.of_file(MATRIX, ads))
    assert "without `START of the slot` 1 would" in sentence


def test_only_the_hardware_of_the_selected_runs_is_looked_for(ads: Path) -> None:
    part = trial.expand(1, ("host",))
    assert [one.hardware for one in feasibility.of_file(part, ads)] == ["host"]


def test_an_attribute_that_no_slot_has_is_named(ads: Path) -> None:
    campaign = trial.expand(1, ("host",))
    (host,) = campaign.campaign.hardware
    wrong = host.model_copy(update={"requirements": "CpuFamly == 23 && TARGET.CpuFamily == 23"})
    matrix = replace(campaign, campaign=campaign.campaign.model_copy(update={"hardware": (wrong,)}))
    (said,) = feasibility.warnings(feasibility.of_file(matrix, ads))
    assert "no slot has CpuFamly; did you mean 'CpuFamily'?" in said
    assert "no slot has CpuFamily" not in said
