"""How often a claim is said to hold where the truth is its bound, or beyond."""

from __future__ import annotations

import claim_edges as edges
import pytest

pytestmark = pytest.mark.simulation
TIMES, MANY = 60, 200
# Of 60 studies 5 % are more than 8 once in 400 times, of 200 more than 20 once in 1,000; the
# studies are always the same.
ROOM, LITTLE_ROOM = 8 / 60, 20 / 200


@pytest.mark.parametrize("repeats", [2, 3])
def test_effects_that_cancel_are_not_equivalent_though_few_runs_tell_nothing_apart(
    repeats: int,
) -> None:
    assert edges.outside_by_turns(TIMES, repeats) <= ROOM


@pytest.mark.parametrize(("part", "scatter", "machines", "repeats"), edges.BEYOND[:4])
def test_one_machine_that_scatters_makes_none_equivalent(
    part: float, scatter: float, machines: int, repeats: int
) -> None:
    # By one scatter for all, 85, 27, 23 and 100 % of such studies would say "yes".
    assert edges.beyond_by_one(20, part, scatter, machines, repeats) <= 3 / 20


def test_machines_that_are_alike_are_equivalent_with_enough_runs() -> None:
    assert edges.equivalent(TIMES, 1.5) > 0.9
    assert edges.equivalent(TIMES, 1.0, repeats=20) > 0.9


@pytest.mark.parametrize("repeats", [2, 3])
@pytest.mark.parametrize("scatter", edges.STEPS[1:3])
def test_repeats_that_tie_in_a_coarse_metric_are_not_exact(scatter: float, repeats: int) -> None:
    # Taken for exact, two repeats would be wrong in 43 to 72 % of studies.
    assert max(edges.in_steps(TIMES, scatter, repeats)) <= ROOM


@pytest.mark.parametrize("machines", [4, 13])
def test_by_seeds_a_loud_machine_sets_none_apart(machines: int) -> None:
    assert edges.blocks_apart(MANY, edges.one_loud(3.0), machines) <= LITTLE_ROOM


@pytest.mark.parametrize(("share", "items"), edges.SHARES)
def test_a_share_close_to_100_percent_is_seldom_above_itself(share: float, items: int) -> None:
    assert edges.share_above(MANY, share, items) <= LITTLE_ROOM


@pytest.mark.parametrize(("second", "delta", "items"), edges.PAIRS)
def test_a_difference_of_shares_is_seldom_above_or_below_itself(
    second: float, delta: float, items: int
) -> None:
    assert max(edges.shares_apart(MANY, second, delta, items)) <= LITTLE_ROOM


@pytest.mark.parametrize("seeds", [1, 3])
def test_on_the_same_items_no_model_is_better_more_often_than_alpha(seeds: int) -> None:
    assert max(edges.same_items(150, 0.0, "mcnemar", seeds)) <= 16 / 150


def test_on_the_same_items_mcnemar_sees_what_two_samples_do_not() -> None:
    (two, _), (paired, _) = (
        edges.same_items(TIMES, 0.02, test) for test in ("proportions", "mcnemar")
    )
    assert two < 0.5
    assert paired > 0.7
