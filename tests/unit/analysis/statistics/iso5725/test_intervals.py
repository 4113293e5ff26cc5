"""Intervals of sums of variances: they hold the truth as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from osgrepro.analysis.statistics.iso5725.intervals import (
    MeanSquare,
    degrees_of_means,
    sum_of_variances,
)


def test_of_one_mean_square_it_is_the_interval_of_chi_square() -> None:
    low, high = sum_of_variances([MeanSquare(2.0, 7, 1.0)])
    assert low == pytest.approx(7 * 2.0 / stats.chi2.ppf(0.975, 7))
    assert high == pytest.approx(7 * 2.0 / stats.chi2.ppf(0.025, 7))


def test_what_does_not_vary_has_an_interval_of_nothing() -> None:
    assert sum_of_variances([MeanSquare(0.0, 4, 1.0), MeanSquare(0.0, 9, 0.8)]) == (0.0, 0.0)


@pytest.mark.parametrize("scale", [1e-200, 1e150, 1e300])
def test_degrees_of_means_are_the_same_in_any_unit(scale: float) -> None:
    values = np.array([1.0, 2.0, 1.5, 1.8, 9.0])
    assert degrees_of_means(values * scale) == pytest.approx(degrees_of_means(values))
    assert degrees_of_means(values * 0.0) == 4


@pytest.mark.simulation
@pytest.mark.parametrize("between", [0.0, 1.0, 25.0])
@pytest.mark.parametrize(("degrees", "within"), [(2, 12), (12, 52), (7, 8)])
def test_it_holds_the_sum_in_95_of_100_worlds(between: float, degrees: int, within: int) -> None:
    """Mean squares of a balanced design of n runs each, of which the sum of variances is known."""
    generator = np.random.default_rng(5725)
    n = 1 + within / (degrees + 1)
    worlds = 1500
    first = (between * n + 1) * generator.chisquare(degrees, worlds) / degrees
    second = generator.chisquare(within, worlds) / within
    held = 0
    for mean_square, residual in zip(first, second, strict=True):
        parts = [
            MeanSquare(float(mean_square), degrees, 1 / n),
            MeanSquare(float(residual), within, 1 - 1 / n),
        ]
        low, high = sum_of_variances(parts)
        held += low <= between + 1 <= high
    assert held / worlds > 0.935
