"""Which machines are avoided, and what is held: also how often chance alone does that."""

from __future__ import annotations

import math
import random

import pytest

from osgrepro.brake.deciding import hopeless, unfit
from osgrepro.brake.logs import Attempt

KIND = ("batch", "experiment")
NOW_S = 1000.0


def attempts(machine: str, outcomes: str, kind: tuple[str, str] = KIND) -> list[Attempt]:
    """Return a machine's attempts of 1 s in order: x failed, o ended well, - runs for long."""
    return [
        Attempt(kind, machine, number, math.inf if end == "-" else number + 1, _bad(end))
        for number, end in enumerate(outcomes)
    ]


def _bad(end: str) -> bool | None:
    return None if end == "-" else end == "x"


@pytest.mark.parametrize(
    ("here", "elsewhere", "is_unfit"),
    [
        ("xxx", ["o", "o", "o"], True),
        ("xxx", ["-", "-", "-"], True),
        ("xx", ["ooo", "ooo", "ooo"], False),
        ("xxx", ["o"], False),
        ("xxxxx", ["o"], True),
        ("xxxxx", ["-"], True),
        # Nothing succeeds anywhere: it is not this machine.
        ("xxxxxxxx", ["xxx", "xxx"], False),
        ("xxxxxxxx", [], False),
        # Another that fails everything does not speak for this one.
        ("xxxx", ["xxxx", "-", "-"], True),
        # It was well, and is no more.
        ("oooxxx", ["ooo", "ooo"], False),
        ("oooxxxxx", ["ooooo", "ooooo"], True),
        ("xxxo", ["ooo", "ooo"], False),
    ],
)
def test_a_machine_that_fails_what_succeeds_elsewhere_is_unfit(here, elsewhere, is_unfit) -> None:
    beside = [
        attempt
        for number, outcomes in enumerate(elsewhere)
        for attempt in attempts(f"m{number}", outcomes)
    ]
    assert ("hole" in unfit(attempts("hole", here) + beside, NOW_S)) == is_unfit


def test_what_fails_everywhere_says_nothing_of_a_machine() -> None:
    broken = ("batch", "broken")
    beside = [a for m in ("a", "b") for a in attempts(m, "oooo") + attempts(m, "xxxx", broken)]
    assert unfit(attempts("hole", "xxxxxx", broken) + beside, NOW_S) == set()
    assert unfit(attempts("hole", "xxx") + beside, NOW_S) == {"hole"}


def test_what_a_slot_loses_tells_of_the_slot_and_holds_nothing() -> None:
    every = attempts("hole", "xxxxx")
    for attempt in every:
        attempt.lost = True
    assert hopeless(every, {}, NOW_S) == {}
    elsewhere = [a for name in "abc" for a in attempts(name, "o")]
    assert unfit(every + elsewhere, NOW_S) == {"hole"}


def test_a_young_run_elsewhere_is_no_proof() -> None:
    beside = [Attempt(KIND, name, NOW_S - 5) for name in "abc"]
    assert unfit(attempts("hole", "xxx") + beside, NOW_S) == set()
    assert unfit(attempts("hole", "xxx") + beside, NOW_S + 10) == {"hole"}


@pytest.mark.parametrize(
    ("machines", "count"),
    [
        (["xxxxx"], 5),
        (["xxx", "xx"], 5),
        (["xxxx"], None),
        (["xxxxx", "o"], None),
        (["xxxxx", "-"], None),
        (["o" + 19 * "x"], None),
        (["o" + 20 * "x"], 20),
    ],
)
def test_what_only_fails_is_hopeless(machines, count) -> None:
    every = [a for number, ends in enumerate(machines) for a in attempts(f"m{number}", ends)]
    assert hopeless(every, {}, NOW_S) == ({} if count is None else {KIND: count})


def test_what_was_released_has_another_five() -> None:
    assert hopeless(attempts("m", "xxxxxxxxx"), {KIND: 5.0}, NOW_S) == {}
    assert hopeless(attempts("m", "xxxxxxxxxx"), {KIND: 5.0}, NOW_S) == {KIND: 5}


@pytest.mark.parametrize(("rate", "most"), [(0.05, 0.005), (0.3, 0.06)])
def test_chance_alone_seldom_makes_a_machine_unfit(rate: float, most: float) -> None:
    """Each of ten machines tries twenty runs that fail at random; asked after every one."""
    seeded, wrong, worlds = random.Random(1), 0, 20
    for _ in range(worlds):
        every: list[Attempt] = []
        machines: set[str] = set()
        for number in range(20):
            for name in map(str, range(10)):
                if name not in machines:
                    bad = seeded.random() < rate
                    every.append(Attempt(KIND, name, number, number + 1, bad))
            machines |= unfit([a for a in every if a.machine not in machines], NOW_S)
        wrong += len(machines)
    assert wrong / (worlds * 10) <= most


def test_chance_alone_seldom_holds_what_may_succeed() -> None:
    """Of experiments that fail at random in three of ten attempts, by all that they ever try."""
    seeded, wrong, worlds = random.Random(2), 0, 200
    for _ in range(worlds):
        ends = "".join("x" if seeded.random() < 0.3 else "o" for _ in range(60))
        wrong += any(hopeless(attempts("m", ends[:last]), {}, NOW_S) for last in range(61))
    assert wrong / worlds <= 0.01
