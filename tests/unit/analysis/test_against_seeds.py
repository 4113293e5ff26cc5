"""Whether another machine changes a result more than another seed does."""

from __future__ import annotations

import numpy as np
import precision_worlds as worlds
import pytest
from scipy import stats

from osgrepro.analysis.against_seeds import against_seeds
from osgrepro.analysis.findings import AgainstSeeds, NotAssessable


def found(values):
    answer = against_seeds(worlds.table(np.array(values, dtype=float)))
    assert isinstance(answer, AgainstSeeds)
    return answer


def drawn(p=8, seeds=5, repeats=2, world=worlds.AGAINST_SEEDS[0]):
    return world.sample(np.random.default_rng(3), (p, seeds, repeats))


def test_the_ratio_is_that_of_both_standard_deviations():
    values = drawn(400, 100)
    answer = found(values)
    assert answer.ratio == pytest.approx(1, abs=0.1)
    assert answer.environments == pytest.approx(1.25**0.5, abs=0.1)
    assert answer.environments / answer.seeds == pytest.approx(answer.ratio)


def test_machines_and_seeds_exchanged_are_the_inverse_ratio():
    values = drawn()
    one, other = found(values), found(values.swapaxes(0, 1))
    assert one.ratio == pytest.approx(1 / other.ratio, rel=1e-6)
    assert (one.low, one.high) == pytest.approx((1 / other.high, 1 / other.low), rel=1e-6)


def test_the_interval_without_interaction_is_the_exact_one_of_two_variances():
    random = np.random.default_rng(4)
    machines, seeds = random.standard_normal(7), 2 * random.standard_normal(4)
    answer = found((machines[:, None] + seeds)[..., None])
    ratio = machines.var(ddof=1) / seeds.var(ddof=1)
    ends = [(ratio / stats.f.ppf(tail, 6, 3)) ** 0.5 for tail in (0.975, 0.025)]
    assert (answer.low, answer.high) == pytest.approx(ends, rel=1e-6)
    assert answer.ratio == pytest.approx(ratio**0.5)


@pytest.mark.simulation
def test_two_seeds_seldom_change_less_than_machines_where_both_change_as_much():
    # By the cut of many seeds, 3.84, the interval would hold the truth in 87 % of these studies.
    assert worlds.of_ratio(worlds.ADDED, (13, 2, 1), 150) >= 0.92


def test_a_missing_run_changes_little():
    values = drawn(repeats=2)
    n = [2] * 8
    n[0] = 1
    whole = found(values)
    answer = against_seeds(worlds.table(values, n))
    assert answer.ratio == pytest.approx(whole.ratio, rel=0.1)


def test_machines_that_agree_under_every_seed_change_nothing():
    answer = found(np.broadcast_to(np.arange(3.0)[None, :, None], (5, 3, 2)))
    assert (answer.environments, answer.ratio, answer.high) == (0, 0, None)
    assert answer.seeds == pytest.approx(1)


def test_seeds_that_change_nothing_have_no_ratio():
    answer = found(np.broadcast_to(np.arange(5.0)[:, None, None], (5, 3, 2)))
    assert (answer.seeds, answer.ratio, answer.high) == (0, None, None)


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (np.ones((4, 1, 2)), "one seed ran"),
        (np.ones((1, 4, 2)), "one hardware environment"),
        (np.ones((4, 3, 2)), "neither a machine nor a seed"),
        (np.full((4, 3, 2), np.nan), "NaN"),
    ],
)
def test_what_has_no_ratio_says_why(values, why):
    answer = against_seeds(worlds.table(values))
    assert isinstance(answer, NotAssessable)
    assert why in answer.why


@pytest.mark.simulation
@pytest.mark.parametrize(("alike", "shape"), [(0.0, (13, 3, 2)), (0.02, (8, 5, 2))])
def test_one_machine_that_reacts_to_seeds_is_no_machine_that_changes_more(alike, shape):
    # The likelihood alone would say that machines change more in 11 and 8 % of studies.
    assert worlds.falsely_above(alike, shape, 40) <= 3 / 40


def test_machines_that_change_more_are_still_told():
    random = np.random.default_rng(6)
    machines, seeds = 10 * random.standard_normal((13, 1)), random.standard_normal((1, 5))
    values = (machines + seeds + 0.5 * random.standard_normal((13, 5)))[..., None]
    assert found(values).low > 1
    assert found(values.swapaxes(0, 1)).high < 1


@pytest.mark.simulation
@pytest.mark.parametrize("world", worlds.AGAINST_SEEDS, ids=lambda world: world.name)
def test_the_interval_of_the_ratio_holds_the_truth(world):
    # Of 60 studies a true 95 % is below 85 % once in 300 times, and they are always the same.
    assert worlds.of_ratio(world, (13, 3, 2), 60) >= 0.85


@pytest.mark.simulation
@pytest.mark.slow
@pytest.mark.parametrize("shape", [(13, 3, 2), (8, 5, 2), (6, 10, 1), (13, 20, 2)])
@pytest.mark.parametrize("world", worlds.AGAINST_SEEDS, ids=lambda world: world.name)
def test_the_interval_of_the_ratio_holds_the_truth_in_many_studies(world, shape):
    assert worlds.of_ratio(world, shape, 1000) >= 0.92
