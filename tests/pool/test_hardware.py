"""What a real pool's four execution points say becomes classes that select them."""

from __future__ import annotations

import json

import pytest

from osgrepro import hardware
from osgrepro.pool import condor

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600)]


def test_the_live_pool_and_its_saved_ads_have_the_same_classes(pool, tmp_path):
    live = list(condor.machines.query(pool.config))
    assert len(live) == 4
    found = hardware.classes(live)
    # Three execution points tell of this machine as it is, and one of a GPU besides.
    assert [(one.slots, one.machines, one.gpu) for one in found] == [
        (3, 1, ""),
        (1, 1, "A100-SXM4-40GB"),
    ]
    for one in found:
        selected = [ad for ad in live if condor.matches(hardware.requirements(one), ad)]
        assert {hardware.traits(ad) for ad in selected} == {one.traits}
        assert len(selected) == one.slots
    saved = tmp_path / "ads.json"
    saved.write_text(json.dumps(live))
    again = hardware.classes(condor.machines.read(saved))
    assert [(one.name, one.traits, one.slots) for one in again] == [
        (one.name, one.traits, one.slots) for one in found
    ]
