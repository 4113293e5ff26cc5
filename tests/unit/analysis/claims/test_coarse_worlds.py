"""How often a claim over a metric that ties by chance is decided though there is no effect."""

from __future__ import annotations

import coarse_worlds as worlds
import pytest

pytestmark = pytest.mark.simulation
TIMES = 60
# Of 60 studies 5 % are more than 8 once in 400 times, and the studies are always the same.
ROOM = 8 / 60


@pytest.mark.parametrize("metric", worlds.COARSE)
def test_two_repeats_that_tie_or_nearly_do_decide_nothing(metric: worlds.Metric) -> None:
    # By the variance of each cell alone some machine holds in 16 and 30 % of studies.
    found = worlds.rates(worlds.Coarse(metric=metric, repeats=2), TIMES)
    assert max(found.holds, found.contradicts) <= 0.05
    assert max(found.yes, found.apart) <= ROOM


@pytest.mark.parametrize("repeats", [2, 3, 5])
@pytest.mark.parametrize("metric", [None, worlds.macro_f1])
def test_nor_does_a_machine_that_scatters_ten_times_as_much(
    metric: worlds.Metric | None, repeats: int
) -> None:
    world = worlds.Coarse(metric=metric, repeats=repeats, flipped=0.5, loud=10.0)
    found = worlds.rates(world, TIMES)
    assert max(found.holds, found.contradicts, found.yes) <= ROOM


def test_runs_of_which_few_fall_far_off_decide_no_machine_of_many() -> None:
    # Where the cells with such runs set no floor for the others, some machine holds in 17 %.
    rare = worlds.Coarse(metric=None, repeats=5, bad=0.1)
    assert worlds.rates(rare, 40).holds <= 0.05


def test_effects_are_found_all_the_same() -> None:
    large = worlds.Coarse(metric=None, repeats=3, effect=3.0)
    assert worlds.rates(large, TIMES).holds >= 0.85


def test_beside_a_machine_that_scatters_ten_times_as_much_it_is_the_mean_that_tells() -> None:
    large = worlds.Coarse(metric=None, repeats=3, effect=3.0, loud=10.0)
    assert worlds.rates(large, 30).yes >= 0.8
