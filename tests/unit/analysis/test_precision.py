"""Precision by ISO 5725-2 and its outlier tests."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from osgrepro.analysis.findings import NotAssessable
from osgrepro.analysis.precision import metric_precision
from osgrepro.analysis.statistics.iso5725.outliers import (
    cochran_critical,
    grubbs_critical,
    mandel_h_critical,
    mandel_k_critical,
)

# ASTM E691, glucose in serum, material A: 8 laboratories, 3 results each.
GLUCOSE = [
    [41.03, 41.45, 41.37],
    [41.17, 42.00, 41.15],
    [41.01, 40.68, 42.66],
    [39.37, 42.37, 42.63],
    [41.88, 41.19, 41.32],
    [43.28, 40.50, 42.28],
    [41.08, 41.27, 39.02],
    [43.36, 42.65, 41.72],
]


def found(runs):
    return metric_precision(runs, ["accuracy"])[0].precision


def test_glucose_in_serum_has_the_precision_that_astm_e691_publishes(frame):
    one = found(frame({("tf", f"lab{n}"): values for n, values in enumerate(GLUCOSE)}))
    assert (one.laboratories, one.runs, one.tied, one.p_upper) == (8, 24, False, None)
    assert one.mean == pytest.approx(41.5183, abs=5e-5)
    assert one.s_r == pytest.approx(1.0632, abs=5e-5)
    assert one.s_R == pytest.approx(1.0632, abs=5e-5)
    assert one.r == pytest.approx(2.98, abs=0.005)


# Dyestuff: O. L. Davies and P. L. Goldsmith, Statistical Methods in Research and Production
# (1972), table 6.3; the estimates by ANOVA and by REML are 2451.25 within and 1764.05 between.
DYESTUFF = [
    [1545, 1440, 1440, 1520, 1580],
    [1540, 1555, 1490, 1560, 1495],
    [1595, 1550, 1605, 1510, 1560],
    [1445, 1440, 1595, 1465, 1545],
    [1595, 1630, 1515, 1635, 1625],
    [1520, 1455, 1450, 1480, 1445],
]


def test_dyestuff_has_the_variances_that_its_textbook_publishes(frame):
    one = found(frame({("tf", f"batch{n}"): values for n, values in enumerate(DYESTUFF)}))
    assert one.mean == 1527.5
    assert one.s_r**2 == pytest.approx(2451.25)
    assert one.s_L**2 == pytest.approx(1764.05)
    assert one.s_R**2 == pytest.approx(one.s_r**2 + one.s_L**2)


def test_unequal_repeats_follow_the_standards_formulas(frame):
    one = found(frame({("tf", "a"): [1, 3], ("tf", "b"): [5, 6, 7, 8], ("tf", "c"): [9]}))
    # By hand: n = 2, 4, 1; means 2, 6.5, 9; squares 2, 5, 0.
    s_r2 = 7 / 4
    mean = (4 + 26 + 9) / 7
    s_d2 = ((2 * 4 + 4 * 6.5**2 + 81) - mean**2 * 7) / 2
    size = (7 - (4 + 16 + 1) / 7) / 2
    assert one.mean == pytest.approx(mean)
    assert one.s_r**2 == pytest.approx(s_r2)
    assert one.s_L**2 == pytest.approx((s_d2 - s_r2) / size)


# ISO 5725-2:1994, tables 4 (n = 3), 5 and 7.
@pytest.mark.parametrize(
    ("value", "published"),
    [
        (cochran_critical(0.05, 8, 3), 0.516),
        (cochran_critical(0.01, 8, 3), 0.615),
        (cochran_critical(0.05, 5, 3), 0.684),
        (cochran_critical(0.01, 5, 3), 0.788),
        (grubbs_critical(0.05, 8), 2.126),
        (grubbs_critical(0.01, 8), 2.274),
        (grubbs_critical(0.05, 3), 1.155),
        (mandel_h_critical(0.05, 8), 1.75),
        (mandel_h_critical(0.01, 8), 2.06),
        (mandel_h_critical(0.05, 3), 1.15),
    ],
)
def test_critical_values_are_those_of_the_standards_tables(value, published):
    assert value == pytest.approx(published, abs=0.0051 if published > 1 else 0.001)


def test_mandels_k_passes_its_critical_value_as_often_as_it_should():
    # k² = s²/mean of all s², so that with p laboratories P(k > critical) = alpha by definition.
    critical, p, nu = mandel_k_critical(0.05, 6, 4), 6, 3
    ratio = critical**2 / p  # the share of one variance, which has a beta distribution
    assert stats.beta.sf(ratio, nu / 2, (p - 1) * nu / 2) == pytest.approx(0.05)


def test_an_outlying_environment_is_flagged_and_stays_in_the_figures(frame):
    values = {("tf", f"h{n}"): [n / 10, n / 10 + 0.01] for n in range(9)}
    one = found(frame({**values, ("tf", "far"): [50, 50.01]}))
    flagged = {(out.test, out.hardware, out.level) for out in one.outliers}
    assert {("Grubbs", "far", "outlier"), ("Mandel h", "far", "outlier")} == flagged
    assert (one.laboratories, one.maximum) == (10, 50.01)


def test_a_scattering_environment_is_flagged_by_cochran_and_mandel(frame):
    values = {("tf", f"h{n}"): [1, 1.01, 0.99] for n in range(9)}
    one = found(frame({**values, ("tf", "wild"): [0, 1, 2]}))
    flagged = {(out.test, out.hardware, out.level) for out in one.outliers}
    assert {("Cochran C", "wild", "outlier"), ("Mandel k", "wild", "outlier")} == flagged


def test_a_constant_metric_has_no_spread_and_flags_nothing(frame):
    one = found(frame({("tf", f"h{n}"): [0.1] * 3 for n in range(4)}))
    assert (one.mean, one.s_r, one.s_L, one.s_R) == (0.1, 0, 0, 0)
    assert (one.tied, one.outliers) == (True, ())
    assert "all runs agree" in one.s_R_interval.why


def test_tied_repeats_are_bounded_by_the_environment_with_the_fewest(frame):
    one = found(frame({("tf", "a"): [1] * 5, ("tf", "b"): [2] * 3, ("tf", "c"): [2]}))
    assert one.tied
    assert one.p_upper == pytest.approx(1 - 0.05 ** (1 / 2))


def test_the_interval_of_tied_laboratories_is_the_exact_one(frame):
    values = [0.0, 0.9, 2.1, 3.0, 3.9, 5.1]
    one = found(frame({("tf", f"h{n}"): [value] * 3 for n, value in enumerate(values)}))
    low, high = (5 * np.var(values, ddof=1) / stats.chi2.ppf([0.975, 0.025], 5)) ** 0.5
    assert (one.s_R_interval.low, one.s_R_interval.high) == pytest.approx((low, high))


def test_dyestuff_has_the_interval_of_graybill_and_wang(frame):
    runs = frame({("tf", f"batch{n}"): values for n, values in enumerate(DYESTUFF)})
    one, again = found(runs), found(runs.iloc[::-1])
    assert one.s_R_interval == again.s_R_interval
    assert one.s_R_interval.low < one.s_R < one.s_R_interval.high
    # Neither the batches' means nor their variances are less even than normal ones would be.
    degrees = np.array([5, 24])
    terms = np.array([1764.05 + 2451.25 / 5, 0.8 * 2451.25])
    above = ((degrees / stats.chi2.ppf(0.025, degrees) - 1) * terms) ** 2
    below = ((1 - degrees / stats.chi2.ppf(0.975, degrees)) * terms) ** 2
    assert one.s_R_interval.high**2 == pytest.approx(terms.sum() + above.sum() ** 0.5)
    assert one.s_R_interval.low**2 == pytest.approx(terms.sum() - below.sum() ** 0.5)


def test_one_laboratory_that_is_far_off_widens_the_interval(frame):
    even = {("tf", f"h{n}"): [n] * 2 for n in range(13)}
    odd = {("tf", f"h{n}"): [12 * (n == 0) + n / 1000] * 2 for n in range(13)}
    one, other = (found(frame(values)) for values in (even, odd))
    reach = [each.s_R_interval.high / each.s_R for each in (one, other)]
    assert reach[0] == pytest.approx((12 / stats.chi2.ppf(0.025, 12)) ** 0.5)
    assert reach[1] > 2 * reach[0]


@pytest.mark.parametrize("count", [2, 3])
def test_fewer_than_four_environments_have_a_precision_without_an_interval(frame, count):
    one = found(frame({("tf", f"h{n}"): [n, n] for n in range(count)}))
    assert one.s_R == pytest.approx(np.std(range(count), ddof=1))
    assert isinstance(one.s_R_interval, NotAssessable)
    assert "4 or more" in one.s_R_interval.missing


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({("tf", "a"): [1, 2]}, "one hardware environment"),
        ({("tf", "a"): [1], ("tf", "b"): [2]}, "one repeat"),
        ({("tf", "a"): [1, float("nan")], ("tf", "b"): [2, 2]}, "NaN or infinite values on a"),
        ({("tf", "a"): [1, 1], ("tf", "b"): [float("inf")] * 2}, "NaN or infinite values on b"),
    ],
)
def test_what_has_no_precision_says_why(frame, values, why):
    one = found(frame(values))
    assert isinstance(one, NotAssessable)
    assert why in one.why


def test_the_scale_of_an_accuracy_is_its_sampling_error(frame):
    runs = frame({("tf", "a"): [0.9] * 2, ("tf", "b"): [0.9] * 2}, test_set=10000, baseline=0.5)
    scale = metric_precision(runs, ["accuracy"])[0].scale
    assert (scale.test_set, scale.baseline) == (10000, 0.5)
    assert scale.sampling_error == pytest.approx(0.003)


def test_the_scale_is_not_assessable_without_the_size_of_the_test_set(frame):
    scale = metric_precision(frame({("tf", "a"): [0.9]}), ["accuracy"])[0].scale
    assert isinstance(scale.test_set, NotAssessable)
    assert isinstance(scale.sampling_error, NotAssessable)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("software", "experiment", "low", "high", "s_R"),
    [
        ("dockerhub-2.8.0", "bidirectional_lstm_imdb", 78.84, 86.91, 1.20),
        ("dockerhub-2.8.0", "imbalanced_classification", 99.06, 99.88, 0.26),
        ("dockerhub-2.8.0", "mnist_convnet", None, 0.07, 0.023),
        ("ngc-22.03", "bidirectional_lstm_imdb", 85.20, 86.58, 0.38),
        ("ngc-22.03", "imbalanced_classification", 93.26, 99.67, 2.27),
        ("ngc-22.03", "mnist_convnet", None, 0.04, 0.017),
    ],
)
def test_the_studys_precision_is_the_known_one(study, software, experiment, low, high, s_R):  # noqa: N803
    runs = study[(study["software"] == software) & (study["experiment"] == experiment)]
    one = metric_precision(runs, ["test_accuracy"])[0].precision
    digits = 3 if s_R < 0.1 else 2
    assert (one.laboratories, one.runs) == (13, 65)
    assert round(100 * one.s_R, digits) == s_R
    scattering = (software, experiment) == ("dockerhub-2.8.0", "bidirectional_lstm_imdb")
    assert round(100 * one.s_r, 2) == (0.95 if scattering else 0)
    assert one.tied is not scattering
    if low is None:
        assert round(100 * (one.maximum - one.minimum), 2) == high
    else:
        assert (round(100 * one.minimum, 2), round(100 * one.maximum, 2)) == (low, high)


@pytest.mark.parametrize("size", [1e300, 1e-200, 1.6e308, 5e-324])
def test_values_without_a_square_have_no_precision(frame, size, recwarn):
    runs = frame({("tf", "a"): [size, 2 * size], ("tf", "b"): [size] * 2, ("tf", "c"): [size] * 2})
    runs = runs[np.isfinite(runs["metric.accuracy"])]
    one = metric_precision(runs, ["accuracy"])[0].precision
    assert isinstance(one, NotAssessable)
    assert "no numbers of 64 bits" in one.why
    assert not recwarn.list
