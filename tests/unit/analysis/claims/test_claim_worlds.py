"""How often a claim gets the right answer, in worlds in which it is known."""

from __future__ import annotations

from dataclasses import replace

import claim_worlds as worlds
import pytest

pytestmark = pytest.mark.simulation
TIMES, MANY = 60, 2000
# Of 60 studies 5 % are more than 8 once in 400 times, and the studies are always the same; of
# 2,000 they are more than 6.4 % as seldom.
ROOM, LITTLE_ROOM = 8 / 60, 0.064


def test_one_effect_on_thirteen_machines_is_no_disagreement() -> None:
    given = worlds.answers(worlds.ONE_EFFECT, TIMES)
    assert given.get("partly", 0) == given.get("no", 0) == 0
    assert given["yes"] >= 0.9
    # Without a test the means are on both sides, and only the scatter says that they may be.
    assert worlds.answers(worlds.ONE_EFFECT, TIMES, test="difference").get("partly", 0) <= ROOM


def test_an_effect_that_is_too_small_for_so_few_runs_is_left_open() -> None:
    given = worlds.answers(worlds.SMALL, TIMES)
    assert given.get("partly", 0) == given.get("no", 0) == 0
    assert given["undecided"] > 0.4


def test_machines_of_two_minds_are_found() -> None:
    assert worlds.answers(worlds.CONTRARY, TIMES) == {"partly": 1.0}
    assert worlds.answers(worlds.TWO_CONTRARY, TIMES).get("partly", 0) >= 0.9
    assert worlds.told_apart(worlds.FAR_ODD, TIMES) == 1.0
    assert worlds.answers(worlds.FAR_ODD, TIMES).get("yes", 0) == 0


def test_two_runs_on_many_machines_tell_nothing_apart_that_is_one() -> None:
    # Welch's correction alone would in 25 % of studies.
    assert worlds.told_apart(replace(worlds.NONE, machines=30, repeats=2), TIMES) <= ROOM


def test_what_seeds_do_everywhere_hides_no_machine() -> None:
    assert worlds.told_apart(worlds.SEEDS_CONTRARY, TIMES) == 1.0
    assert worlds.told_apart(worlds.SEEDS, TIMES) <= ROOM


def test_without_an_effect_the_answer_is_seldom_yes_or_no() -> None:
    for world in (worlds.NONE, replace(worlds.NONE, machines=2), worlds.SEEDS):
        given = worlds.answers(world, TIMES)
        assert given.get("partly", 0) == 0
        assert max(given.get("yes", 0), given.get("no", 0)) <= ROOM


@pytest.mark.parametrize("claims", [1, 4])
def test_no_environment_decides_falsely_more_often_than_alpha(claims: int) -> None:
    assert worlds.false_decisions(worlds.NONE, TIMES, claims) <= ROOM


def test_machines_that_share_a_test_set_are_no_further_items() -> None:
    assert worlds.shares_above(TIMES) <= ROOM


@pytest.mark.parametrize("machines", [1, 13])
def test_at_the_margin_two_are_seldom_equivalent(machines: int) -> None:
    world = replace(worlds.ONE_EFFECT, machines=machines)
    assert max(worlds.false_equivalence(world, TIMES, 1.0)) <= ROOM


@pytest.mark.parametrize("contrary", [0.05, 0.1, 0.2])
def test_the_interval_of_flips_holds_the_truth_where_a_machine_answers_alike(
    contrary: float,
) -> None:
    held, upper = worlds.covered((13, 4), contrary, 0.9, TIMES)
    assert held >= 0.95
    # 52 draws would promise 6.85 %.
    assert upper == pytest.approx(0.2471, abs=1e-4) or contrary == 0.2


@pytest.mark.slow
@pytest.mark.parametrize("scatter", [worlds.same(1.0), worlds.a_few_loud(3.0)])
@pytest.mark.parametrize(("machines", "repeats"), [(2, 2), (13, 2), (30, 2), (13, 5), (30, 5)])
def test_one_effect_is_seldom_told_apart_in_many_studies(scatter, machines, repeats) -> None:
    world = replace(worlds.NONE, machines=machines, repeats=repeats, scatter=scatter)
    assert worlds.told_apart(world, MANY) <= LITTLE_ROOM


@pytest.mark.slow
def test_errors_are_as_rare_as_alpha_says_in_many_studies() -> None:
    given = worlds.answers(worlds.NONE, MANY)
    assert max(given.get("yes", 0), given.get("no", 0)) <= LITTLE_ROOM
    assert worlds.false_decisions(worlds.NONE, MANY, 4) <= LITTLE_ROOM
    assert max(worlds.false_equivalence(worlds.ONE_EFFECT, MANY, 1.0)) <= LITTLE_ROOM
    assert worlds.shares_above(MANY) <= LITTLE_ROOM
