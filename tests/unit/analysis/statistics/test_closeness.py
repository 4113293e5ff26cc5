"""How close the effects of several environments are to a value, all of them."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from osgrepro.analysis.statistics.closeness import Spread, all_within, spread, spread_by_blocks
from osgrepro.analysis.statistics.tests import Estimate


@pytest.mark.parametrize("degrees", [8.0, np.inf])
def test_the_bound_of_a_spread_is_where_its_tail_is(degrees: float) -> None:
    about = Spread(squares=6.0, count=5, variance=0.5, degrees=degrees)
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
        Spread(squares=0.1, count=5, variance=0.05, degrees=20.0),
    )
    known = [all_within(mean, about, 0.0, margin) for margin in (0.05, 0.4, 0.8, 1.6, 100.0)]
    assert known[0] == 1.0
    assert known == sorted(known, reverse=True)
    assert 0 < known[-1] < 1e-6
    # Both bounds together just reach the margin.
    farthest = max(map(abs, mean.interval(known[2] / 2)))
    assert farthest**2 + about.upper(known[2] / 2) == pytest.approx(0.8**2, rel=1e-6)
