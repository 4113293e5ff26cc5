"""The universal set is told in one sentence, however many sets fit."""

from __future__ import annotations

import numpy as np
import pytest
import worlds

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.analysis.findings import (
    Attribution,
    Chance,
    JointAttribution,
    NotAssessable,
    Universal,
)
from osgrepro.report.questions.universal import universal


def joint(*sets: tuple[str, ...], chance: Chance | None = None) -> JointAttribution:
    attribution = Attribution(
        software="all software",
        scope="CPU",
        classes=2,
        hardware=13,
        types=13,
        causes=NotAssessable(why="", missing=""),
        counterexamples=(),
        next_run=None,
        considered=(),
        constant=(),
    )
    return JointAttribution(
        experiments=("mnist",),
        software=("tf", "jax"),
        tables=2,
        attribution=attribution,
        universal=Universal(sets=sets, chance=chance),
    )


@pytest.mark.parametrize(
    ("sets", "told"),
    [
        ([("a", "b")], "{a, b}"),
        ([("a", "b"), ("a", "c"), ("a", "d")], "{a, one of b, c, d}"),
        ([("a",), ("b",)], "{one of a, b}"),
        ([("a", "b"), ("c", "d")], "{a, b} or {c, d}"),
        ([("a", "b"), ("c", "d"), ("e", "f"), ("g", "h")], "{a, b} or {c, d} or {e, f} and 1 more"),
    ],
)
def test_sets_that_differ_in_one_attribute_are_one_with_a_choice(
    sets: list[tuple[str, ...]], told: str
) -> None:
    (line,) = universal(joint(*sets), "mnist")
    assert line == (
        "mnist, CPU runs: universal set, the smallest that fits each table among all of "
        f"its hardware: {told}; how often sets of so many attributes would fit by chance is not "
        "known: there are too many."
    )


@pytest.mark.parametrize(
    ("share", "told"),
    [
        (0.0175, "were the classes dealt out at random, a single attribute would fit in 1.75 % of"),
        (0.0536, "tables can't tell why: in 5.36 % of random relabellings a single attribute"),
        (0.0500001, "can't tell why: in more than 5 % of random relabellings a single attribute"),
    ],
)
def test_its_chance_stands_beside_it(share: float, told: str) -> None:
    chance = Chance(size=1, share=share, relabellings=90, exact=True, determining=1, searched=2)
    (line,) = universal(joint(("a",), chance=chance), "mnist")
    assert told in line


def test_nothing_is_said_without_one() -> None:
    assert list(universal(joint(), "mnist")) == []


def test_a_terminal_names_it() -> None:
    world = worlds.in_tables(worlds.with_cause(np.random.default_rng(1), ["cpu_model"]), 2)
    value = world["outcome"].map({letter: n / 16 for n, letter in enumerate("ABCDEFGHIJKLM")})
    found = analyze(world.assign(**{"metric.accuracy": value}))
    told = [line for section in report.brief(found) for line in section.lines]
    (line,) = [line for line in told if "universal set" in line]
    assert "cpu_model" in line
