"""Shares of items and their differences, against likelihoods and published values."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from osgrepro.analysis.statistics.shares import ExactShare, TwoShares, _likeliest, mean_share


@pytest.mark.parametrize("apart", [-0.9, -0.1, -0.01, 0.0, 0.02, 0.3, 0.8])
@pytest.mark.parametrize(("a", "b", "items"), [(0.8, 0.7, (10, 30)), (1.0, 1.0, (20, 5))])
def test_no_shares_so_far_apart_are_likelier(
    a: float, b: float, items: tuple[float, float], apart: float
) -> None:
    def likelihood(first: float) -> float:
        logs = (
            stats.binom.logpmf(round(share * count), count, min(max(p, 0.0), 1.0))
            for share, count, p in zip((a, b), items, (first, first - apart), strict=True)
        )
        return float(sum(logs))

    first, second = _likeliest(a, b, items, apart)
    assert first - second == pytest.approx(apart, abs=1e-9)
    grid = np.linspace(max(0.0, apart), min(1.0, 1.0 + apart), 2001)
    assert likelihood(first) >= max(map(likelihood, grid)) - 1e-9


def test_two_shares_by_the_score_test() -> None:
    # 80 of 100 against 70 of 100: pooled 0.75, z = 0.1/√(0.75·0.25·0.02) = 1.63299, and of N = 200
    # the variance is 200/199 of that.
    two = TwoShares(a=0.8, b=0.7, items=(100.0, 100.0))
    assert two.above(0.0) == pytest.approx(stats.norm.sf(1.6329931618554523 * (199 / 200) ** 0.5))
    assert two.below(0.0) == pytest.approx(1 - two.above(0.0))


def test_the_interval_is_the_published_one() -> None:
    # R. G. Newcombe, Statistics in Medicine 17, 873 (1998), table II, method 5 (Mee) is without
    # N/(N − 1), which is 1.008 here: 56/70 − 48/80 is 0.0528 to 0.3382.
    low, high = TwoShares(a=56 / 70, b=48 / 80, items=(70.0, 80.0)).interval(0.025)
    assert (low, high) == pytest.approx((0.0528, 0.3382), abs=1e-3)


@pytest.mark.parametrize(("a", "b"), [(1.0, 1.0), (0.0, 0.0), (1.0, 0.0), (0.5, 0.25)])
def test_the_interval_ends_where_the_test_does(a: float, b: float) -> None:
    two = TwoShares(a=a, b=b, items=(40.0, 60.0))
    low, high = two.interval(0.05)
    assert -1 <= low <= two.value <= high <= 1
    assert two.variance > 0
    for end, tail in ((low, two.above), (high, two.below)):
        assert tail(end) == pytest.approx(0.05 if abs(end) < 1 else tail(end))


def test_a_mean_of_shares_is_of_the_fewest_items() -> None:
    alone = [ExactShare(value=value, items=items) for value, items in ((0.9, 100), (0.7, 50))]
    assert mean_share(alone) == ExactShare(value=pytest.approx(0.8), items=50)
    pairs = [TwoShares(a=0.9, b=0.5, items=(100, 20)), TwoShares(a=0.7, b=0.5, items=(60, 30))]
    assert mean_share(pairs) == TwoShares(a=pytest.approx(0.8), b=0.5, items=(60, 20))
