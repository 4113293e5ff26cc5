"""Two models on the same items: McNemar's exact test, and what is left of it with several runs."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from osgrepro.analysis.statistics.paired import paired_items


def whole(won: int, lost: int, items: int) -> np.ndarray:
    """Return the differences of items of which so many divide two models."""
    return np.array([1.0] * won + [-1.0] * lost + [0.0] * (items - won - lost))


@pytest.mark.parametrize(("won", "lost"), [(12, 3), (5, 5), (0, 7), (1, 0)])
def test_of_single_runs_it_is_mcnemars_exact_test(won: int, lost: int) -> None:
    found = paired_items(whole(won, lost, 100))
    assert (found.value, found.draws) == (pytest.approx((won - lost) / 100), won + lost)
    for p, way in ((found.above(0.0), "greater"), (found.below(0.0), "less")):
        assert p == pytest.approx(stats.binomtest(won, won + lost, 0.5, alternative=way).pvalue)
    ends = stats.binomtest(won, won + lost).proportion_ci(0.9, method="exact")
    expected = [(2 * end - 1) * (won + lost) / 100 for end in ends]
    assert found.interval(0.05) == pytest.approx(expected)


def test_the_interval_ends_where_the_test_does() -> None:
    found = paired_items(whole(12, 3, 100))
    low, high = found.interval(0.05)
    assert found.above(low) == pytest.approx(0.05)
    assert found.below(high) == pytest.approx(0.05)


def test_items_that_all_agree_decide_nothing_but_bound_the_difference() -> None:
    found = paired_items(np.zeros(200))
    assert (found.above(0.0), found.below(0.0), found.value) == (1.0, 1.0, 0.0)
    # (1 − 0.0149)^200 = 0.05
    assert found.interval(0.05) == pytest.approx((-0.01487, 0.01487), abs=1e-5)
    assert found.variance > 0


def test_parts_of_items_are_as_many_draws_as_they_vary_by() -> None:
    found = paired_items(np.array([0.5] * 8 + [-0.5] * 2 + [0.0] * 90))
    assert found.draws == pytest.approx(10)
    assert found.above(0.0) == pytest.approx(paired_items(whole(8, 2, 100)).above(0.0))
    mixed = paired_items(np.array([1.0, 1.0, 0.1, 0.1, -0.1]))
    assert 2 < mixed.draws < 3


def test_the_variance_is_that_of_the_items() -> None:
    differences = whole(120, 100, 1000)
    expected = differences.var() / len(differences)
    assert paired_items(differences).variance == pytest.approx(expected, rel=0.02)
