"""How close the effects of several environments are to a value, all of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from osgrepro.analysis.statistics.closeness import Spread, all_within, spread, spread_by_blocks
from osgrepro.analysis.statistics.tests import Estimate


def known(squares: float, variance: float, degrees: float) -> Spread:
    """Return the spread of five effects close to 0 whose errors have the same variance."""
    return Spread(
        squares=squares,
        count=5,
        variance=variance,
        free=4.0,
        degrees=degrees,
        effects=np.zeros(5),
        errors=np.zeros(5),
        freedoms=np.full(5, 4.0),
    )


@pytest.mark.parametrize("degrees", [8.0, np.inf])
def test_the_bound_of_a_spread_is_where_its_tail_is(degrees: float) -> None:
    about = known(squares=6.0, variance=0.5, degrees=degrees)
    shift = about.upper(0.05) * about.count / about.variance
    tail = (
        stats.ncx2.cdf(12.0, 4, shift)
        if np.isinf(degrees)
        else stats.ncf.cdf(3.0, 4, degrees, shift)
    )
    assert tail == pytest.approx(0.05, rel=1e-4)
    assert about.upper(0.01) > about.upper(0.05)


def test_effects_without_an_error_are_as_far_apart_as_they_are() -> None:
    about = spread(np.array([1.0, -1.0, 1.0, -1.0]), np.zeros(4), np.ones(4))
    assert about.upper(0.05) == 1.0


def test_what_a_seed_does_everywhere_spreads_nothing() -> None:
    seeds = np.array([0.0, 5.0, -3.0])
    about = spread_by_blocks(np.array([[1.0], [2.0]]) + seeds)
    assert about.squares == pytest.approx(0.5)
    assert about.variance == pytest.approx(0.0, abs=1e-20)


def test_the_farther_the_margin_the_smaller_is_p() -> None:
    mean, about = (
        Estimate(value=0.1, variance=0.01, degrees=20.0),
        known(squares=0.1, variance=0.05, degrees=20.0),
    )
    p = [all_within(mean, about, 0.0, margin) for margin in (0.05, 0.4, 0.8, 1.6, 100.0)]
    assert p[0] == 1.0
    assert p == sorted(p, reverse=True)
    assert 0 < p[-1] < 1e-6
    # Both bounds together just reach the margin.
    farthest = max(map(abs, mean.interval(p[2] / 2)))
    assert farthest**2 + about.upper(p[2] / 2) == pytest.approx(0.8**2, rel=1e-6)


def test_one_effect_that_is_hardly_known_may_be_far_by_itself() -> None:
    effects, errors = np.array([2.0, 0.1, -0.1]), np.array([4.0, 0.01, 0.01])
    about = spread(effects, errors, np.full(3, np.inf))
    own = (2.0 + stats.norm.ppf(0.95) * 2.0) ** 2
    assert about.alone(0.0, 0.05) == pytest.approx(own / 3)
    # All of what varies is of the one that scatters: g = Σv²/Σv, and little more than 2/3 degrees.
    assert about.variance == pytest.approx(16.0002 / 4.02)
    assert about.free == pytest.approx(4.02 * 2 / 3 / about.variance)


def test_by_seeds_the_row_that_scatters_is_told_from_the_others() -> None:
    random = np.random.default_rng(5)
    scatter = np.array([3.0, 0.1, 0.1, 0.1])[:, None]
    about = spread_by_blocks(random.standard_normal((4, 4000)) * scatter)
    assert about.variance * 4000 == pytest.approx(9.0, rel=0.05)
    assert about.free == pytest.approx(0.75, rel=0.02)
