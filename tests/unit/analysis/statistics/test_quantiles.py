"""Quantiles of distributions, against those of scipy.stats, which nothing else loads."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from scipy import stats

from osgrepro.analysis.statistics import quantiles

SHARES = np.array([1e-12, 1e-4, 0.025, 0.3, 0.5, 0.975, 1 - 1e-9])[:, None]
DEGREES = np.array([0.1, 0.5, 1, 2, 3.7, 28, 1000, 1e5])
OTHERS = DEGREES[::-1]


def test_quantiles_are_those_of_their_distributions() -> None:
    pairs = (
        (quantiles.chi_squared(SHARES, DEGREES), stats.chi2.ppf(SHARES, DEGREES)),
        (quantiles.fisher(SHARES, DEGREES, OTHERS), stats.f.ppf(SHARES, DEGREES, OTHERS)),
        (quantiles.student(SHARES, DEGREES), stats.t.ppf(SHARES, DEGREES)),
        (quantiles.beta(SHARES, DEGREES, OTHERS), stats.beta.ppf(SHARES, DEGREES, OTHERS)),
    )
    for ours, theirs in pairs:
        assert ours == pytest.approx(theirs, rel=1e-9)


def test_tails_are_those_of_their_distributions() -> None:
    values = np.array([0.0, 1e-6, 0.4, 1, 3, 50, 1e4, np.inf])[:, None]
    ours = quantiles.chi_squared_above(values, DEGREES)
    assert ours == pytest.approx(stats.chi2.sf(values, DEGREES), rel=1e-9)
    ours = quantiles.fisher_above(values, DEGREES, OTHERS)
    assert ours == pytest.approx(stats.f.sf(values, DEGREES, OTHERS), rel=1e-9)


def test_no_degrees_of_freedom_have_no_quantile() -> None:
    assert np.isnan(quantiles.fisher(0.5, 0, 3))
    assert np.isnan(quantiles.student(0.5, 0))


def test_an_analysis_does_not_load_what_takes_longer_than_it() -> None:
    code = "import osgrepro.analysis.answers, sys; assert 'scipy.stats' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
