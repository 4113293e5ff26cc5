"""What is nearest to hardware that no run gets: few conditions lacking, then many slots."""

from __future__ import annotations

from typing import Any

from osgrepro.hardware import classes, nearest, traits


def ads(count: int, model: int) -> list[dict[str, Any]]:
    return [{"CpuFamily": 23, "CpuModelNumber": model}] * count


POOL = [*ads(5, 1), *ads(3, 2), *ads(4, 3)]
CLASSES = classes(POOL)
FEW, MANY = ("a",), ("a", "b")


def lacking(**by_model: tuple[str, ...]) -> list[tuple[Any, tuple[str, ...]]]:
    of = {int(name[1:]): lacks for name, lacks in by_model.items()}
    return [(traits(ad), of[ad["CpuModelNumber"]]) for ad in POOL if ad["CpuModelNumber"] in of]


def test_fewer_conditions_lacking_come_first_and_then_more_slots() -> None:
    found = nearest(CLASSES, lacking(m1=MANY, m2=FEW, m3=FEW))
    assert [(one.slots, one.lacks) for one in found] == [(4, FEW), (3, FEW), (5, MANY)]


def test_what_the_campaign_has_and_what_can_take_no_run_is_no_substitute() -> None:
    usable = lacking(m1=FEW, m2=FEW)
    found = nearest(CLASSES, usable, {traits(POOL[0])})
    assert [one.slots for one in found] == [3]
    assert nearest(CLASSES, []) == []


def test_a_class_lacks_what_most_of_its_slots_lack() -> None:
    what = traits(POOL[0])
    (one,) = nearest(CLASSES, [(what, MANY), (what, FEW), (what, MANY)])
    assert (one.slots, one.lacks) == (3, MANY)


def test_no_more_are_named_than_asked_for() -> None:
    assert len(nearest(CLASSES, lacking(m1=FEW, m2=FEW, m3=FEW), count=2)) == 2
