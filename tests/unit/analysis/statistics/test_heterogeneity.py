"""Whether effects differ, against other implementations and by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from osgrepro.analysis.statistics.heterogeneity import (
    by_blocks,
    by_items,
    cochran,
    mean_by_blocks,
    mean_effect,
)
from osgrepro.analysis.statistics.multiplicity import holm

GROUPS = st.lists(
    st.lists(st.integers(0, 1000).map(float), min_size=4, max_size=4).filter(
        lambda values: len(set(values)) > 1
    ),
    min_size=2,
    max_size=6,
)


@given(GROUPS)
def test_q_by_few_runs_is_welchs_test_or_that_of_brown_and_forsythe(groups) -> None:
    table = np.array(groups)
    variances = table.var(1, ddof=1) / 4
    told = cochran(table.mean(1), variances, np.full(len(table), 3.0))
    welch = stats.f_oneway(*groups, equal_var=False).pvalue
    ratio = table.mean(1).var(ddof=1) / variances.mean()
    freedom = variances.sum() ** 2 / (variances**2 / 3).sum()
    plain = stats.f.sf(ratio, len(table) - 1, freedom)
    assert told.p == pytest.approx(max(welch, plain), abs=1e-9)
    # All that is printed is of the test that decided.
    if plain > welch + 1e-9:
        assert told.test == "Brown-Forsythe"
        assert told.q == pytest.approx(ratio * (len(table) - 1))
        assert told.i_squared == pytest.approx(max(0.0, 1 - 1 / ratio) if ratio else 0.0)
    elif welch > plain + 1e-9:
        assert told.test == "Welch"


def test_q_of_known_errors_is_of_chi_squared() -> None:
    # Q = (1² + 1²)/0.5 about the mean 1 with 2 degrees of freedom.
    told = cochran(np.array([0.0, 1.0, 2.0]), np.full(3, 0.5), np.full(3, np.inf))
    assert (told.q, told.degrees) == (pytest.approx(4.0), 2)
    assert told.p == pytest.approx(np.exp(-2.0))
    assert told.i_squared == pytest.approx(0.5)


def test_effects_without_an_error_differ_or_do_not() -> None:
    exact, inexact = np.zeros(2), np.array([0.0, 0.04])
    degrees = np.full(2, 4.0)
    apart = cochran(np.array([0.5, 0.6]), exact, degrees)
    assert (apart.q, apart.p, apart.i_squared) == (None, 0.0, 1.0)
    alike = cochran(np.array([0.5, 0.5]), exact, degrees)
    assert (alike.q, alike.p) == (0.0, 1.0)
    # Of one that is exact the other is told apart by its own error: t = 0.5/0.2 with 4 degrees.
    told = cochran(np.array([0.0, 0.5]), inexact, degrees)
    assert told.p == pytest.approx(2 * stats.t.sf(2.5, 4))


def test_blocks_are_those_of_a_two_way_table() -> None:
    # Fisher's F of rows: means 2, 4, 6 of columns that shift by 0, 1, 3 and rest as given.
    rest = np.array([[0.1, -0.1, 0.0], [-0.2, 0.1, 0.1], [0.1, 0.0, -0.1]])
    table = np.array([[2.0], [4.0], [6.0]]) + np.array([0.0, 1.0, 3.0]) + rest
    within = (rest**2).sum() / 4
    told = by_blocks(table)
    assert told.q == pytest.approx(24 / within)
    # Box's ε, by the eigenvalues of the residuals' covariance.
    own = np.linalg.eigvalsh(np.cov(rest))
    epsilon = own.sum() ** 2 / (2 * (own**2).sum())
    assert 0.5 <= epsilon < 1
    assert told.p == pytest.approx(stats.f.sf(12 / within, 2 * epsilon, 4 * epsilon))
    mean = mean_by_blocks(table)
    expected = stats.ttest_1samp(table.mean(0), 3.0, alternative="greater")
    assert mean.above(3.0) == pytest.approx(expected.pvalue)


@pytest.mark.parametrize(("apart", "p"), [(0.25, 0.0), (0.0, 1.0)])
def test_blocks_without_a_rest_differ_or_do_not(apart: float, p: float) -> None:
    shifts = np.array([0.1, 0.7, 0.3])
    told = by_blocks(np.array([shifts, shifts + apart]))
    assert (told.p, told.i_squared) == (p, 1 - p)


def test_what_ties_in_steps_differs_by_no_less_than_a_step_allows() -> None:
    told = by_blocks(np.array([[0.1, 0.7, 0.3], [0.2, 0.8, 0.4]]), least=0.1**2 / 4)
    # The means are a step apart under all three seeds: F = 3 · 2 · (step/2)² / (step²/4).
    assert told.p == pytest.approx(stats.f.sf(6, 1, 2))
    assert mean_by_blocks(np.full((2, 3), 0.5), least=0.03).variance == pytest.approx(0.01)


def odd_one(signs: list[int]) -> np.ndarray:
    """Return effects of 13 machines × 300 items, of which the first differs in some."""
    table = np.zeros((13, 300))
    table[0, : len(signs)] = signs
    return table


@pytest.mark.parametrize(("signs", "p"), [([1] * 4, 1 / 8), ([1] * 6, 1 / 32), ([1, -1], 1.0)])
def test_a_few_items_are_held_against_all_their_changes_of_sign(signs, p) -> None:
    told = by_items(odd_one(signs))
    assert (told.test, told.p) == ("signs", pytest.approx(p))


def test_many_items_are_those_of_blocks_and_no_item_that_varies_is_no_difference() -> None:
    assert by_items(odd_one([])).p == 1.0
    assert by_items(odd_one([1, -1] * 110)) == by_blocks(odd_one([1, -1] * 110))
    # Drawn instead of counted: 15 of 30 for either side.
    assert by_items(odd_one([1] * 15 + [-1] * 15)).p == 1.0


@pytest.mark.parametrize("items", [4, 8, 30])
def test_a_machine_that_wins_as_many_items_as_it_loses_is_seldom_apart(items: int) -> None:
    # F would be wrong in 12.7 % of studies with four items.
    random = np.random.default_rng(1937)
    drawn = (odd_one(random.choice([-1, 1], items).tolist()) for _ in range(100))
    assert sum(by_items(table).p < 0.05 for table in drawn) <= 11


def test_a_shared_draw_makes_no_mean_more_certain() -> None:
    effects, variances, degrees = np.array([1.0, 3.0]), np.array([0.04, 0.04]), np.full(2, 8.0)
    apart = mean_effect(effects, variances, degrees, shared=False)
    assert (apart.value, apart.variance, apart.degrees) == pytest.approx((2.0, 0.02, 16.0))
    shared = mean_effect(effects, variances, degrees, shared=True)
    assert (shared.value, shared.variance, shared.degrees) == pytest.approx((2.0, 0.04, 8.0))


def test_holm_steps_down_and_never_back() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([]) == []


@given(st.lists(st.floats(0, 1), min_size=1, max_size=9))
def test_what_holm_adjusts_is_between_itself_and_bonferroni(values: list[float]) -> None:
    for raw, adjusted in zip(values, holm(values), strict=True):
        assert raw <= adjusted <= min(1.0, raw * len(values)) + 1e-12
