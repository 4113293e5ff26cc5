"""How much of a spread is hardware's, software's, or both together."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from osgrepro.analysis.components import components
from osgrepro.analysis.findings import Interval, NotAssessable
from osgrepro.analysis.statistics.reml import Crossed, deviance, fit

# D. C. Montgomery, Design and Analysis of Experiments, the gauge study of chapter 13: 20 parts
# (here the hardware), 3 operators (the software), 2 measurements each.
GAUGE = """
21 20 20 20 19 21|24 23 24 24 23 24|20 21 19 21 20 22|27 27 28 26 27 28|19 18 19 18 18 21
23 21 24 21 23 22|22 21 22 24 22 20|19 17 18 20 19 18|24 23 25 23 24 24|25 23 26 25 24 25
21 20 20 20 21 20|18 19 17 19 18 19|23 25 25 25 25 25|24 24 23 25 24 25|29 30 30 28 31 30
26 26 25 26 25 27|20 20 19 20 20 20|19 21 19 19 21 23|25 26 25 24 25 25|19 19 18 17 19 17
"""


def gauge():
    parts = GAUGE.strip().replace("\n", "|").split("|")
    values = np.array([part.split() for part in parts], dtype=float).reshape(20, 3, 2)
    return {
        (f"operator{o}", f"part{p:02}"): list(values[p, o]) for p in range(20) for o in range(3)
    }


def crossed(seed, hardware=6, software=4, repeats=3, roots=(3, 2, 1, 0.5)):
    random = np.random.default_rng(seed)
    h, s, c = (
        root * random.standard_normal(size)
        for root, size in zip(
            roots, ((hardware, 1, 1), (1, software, 1), (hardware, software, 1)), strict=False
        )
    )
    y = 50 + h + s + c + roots[3] * random.standard_normal((hardware, software, repeats))
    return {(f"s{j}", f"h{i}"): list(y[i, j]) for i in range(hardware) for j in range(software)}


def raw(found):
    return [one.raw for one in found.components]


def test_the_gauge_study_has_the_components_that_montgomery_publishes(frame):
    found = components(frame(gauge()), "accuracy")
    assert found.method == "ANOVA"
    assert raw(found) == pytest.approx([10.28, 0.015, -0.14, 0.99], abs=0.005)
    assert [one.variance for one in found.components][2] == 0
    assert sum(one.share for one in found.components) == pytest.approx(1)
    assert isinstance(found.components[2].interval, NotAssessable)


def test_reml_of_the_gauge_study_is_montgomerys_model_without_the_interaction():
    y = np.array(list(gauge().values())).reshape(20, 3, 2)
    mean = y.mean(2)
    cells = Crossed(
        n=np.full((20, 3), 2.0), mean=mean, within=((y - mean[..., None]) ** 2).sum(), degrees=60
    )
    answer = fit(cells)
    found, general = answer.variances, answer.mean
    # Published for the reduced model: 10.25, 0.0108 and 0.88.
    assert found == pytest.approx([10.25, 0.0108, 0, 0.88], abs=0.005)
    assert general == pytest.approx(y.mean())


def test_reml_of_balanced_data_is_their_anova(frame):
    values = crossed(1)
    found = components(frame(values), "accuracy")
    assert min(raw(found)) > 0
    y = np.array(list(values.values())).reshape(6, 4, 3)
    mean = y.mean(2)
    cells = Crossed(
        n=np.full((6, 4), 3.0), mean=mean, within=((y - mean[..., None]) ** 2).sum(), degrees=48
    )
    assert fit(cells).variances == pytest.approx(raw(found), rel=1e-4)
    for one, freedom in zip(found.components, fit(cells).freedom, strict=True):
        if isinstance(one.interval, Interval):
            tail = stats.chi2.ppf(0.025, freedom)
            assert freedom * one.variance / tail == pytest.approx(one.interval.high, rel=1e-3)
        else:
            assert freedom < 1


def test_the_deviance_is_that_of_all_runs_in_one_dense_covariance():
    random = np.random.default_rng(2)
    n = np.array([[2, 3], [1, 0], [4, 2]])
    cells = [(h, s) for h in range(3) for s in range(2) for _ in range(n[h, s])]
    y = random.standard_normal(len(cells)) + 5
    mean = np.array(
        [
            [
                np.mean([v for v, c in zip(y, cells, strict=True) if c == (h, s)] or [0])
                for s in (0, 1)
            ]
            for h in range(3)
        ]
    )
    within = sum((v - mean[c]) ** 2 for v, c in zip(y, cells, strict=True))
    grid = Crossed(n=n.astype(float), mean=mean, within=within, degrees=float((n[n > 0] - 1).sum()))

    def dense(variances):
        h, s, c, e = variances
        cov = np.array(
            [[h * (a[0] == b[0]) + s * (a[1] == b[1]) + c * (a == b) for b in cells] for a in cells]
        ) + e * np.eye(len(y))
        inverse, ones = np.linalg.inv(cov), np.ones(len(y))
        info = ones @ inverse @ ones
        rest = y - ones @ inverse @ y / info
        return np.linalg.slogdet(cov)[1] + np.log(info) + rest @ inverse @ rest

    one, other = np.array([1.0, 0.5, 0.3, 0.2]), np.array([0.1, 2.0, 0.7, 1.5])
    ours = deviance(one, grid)[0] - deviance(other, grid)[0]
    assert ours == pytest.approx(dense(one) - dense(other))


def test_unbalanced_data_go_to_reml_and_stay_near_the_balanced_answer(frame):
    values = crossed(3, hardware=12, software=6)
    whole = components(frame(values), "accuracy")
    values[("s0", "h0")].pop()
    del values[("s1", "h1")]
    found = components(frame(values), "accuracy")
    assert (whole.method, found.method) == ("ANOVA", "REML")
    assert raw(found) == pytest.approx(raw(whole), rel=0.25)


def test_tied_repeats_leave_no_residual_in_unbalanced_data(frame):
    values = {cell: [ones[0]] * 2 for cell, ones in crossed(4).items()}
    values[("s0", "h0")] *= 2
    found = components(frame(values), "accuracy")
    assert found.method == "REML"
    assert found.components[3].variance == 0
    assert found.components[0].share > 0.3


@pytest.mark.parametrize("drop", [False, True])
def test_a_constant_metric_has_no_components_above_zero(frame, drop):
    values = {(s, h): [0.1] * 3 for s in "st" for h in "abc"}
    if drop:
        values[("s", "a")] = [0.1] * 2
    found = components(frame(values), "accuracy")
    assert raw(found) == [0, 0, 0, 0]
    assert found.mean == 0.1


def test_the_residuals_interval_is_the_exact_one(frame):
    interval = components(frame(gauge()), "accuracy").components[3].interval
    assert isinstance(interval, Interval)
    assert interval.high == pytest.approx(59.5 / stats.chi2.ppf(0.025, 60))


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({("s", "a"): [1, 2], ("s", "b"): [1, 2]}, "one software environment"),
        ({("s", "a"): [1, 2], ("t", "b"): [1, 2]}, "not crossed"),
        ({("s", "a"): [1], ("s", "b"): [2], ("t", "a"): [1], ("t", "b"): [2]}, "one repeat"),
        (
            {(s, h): [1, float("nan")] for s in "st" for h in "ab"},
            "NaN or infinite",
        ),
    ],
)
def test_what_has_no_components_says_why(frame, values, why):
    found = components(frame(values), "accuracy")
    assert isinstance(found, NotAssessable)
    assert why in found.why


def test_an_estimate_that_is_all_but_zero_has_no_interval(frame):
    effects = {("x", "a"): 1, ("x", "b"): -1, ("x", "c"): 0, ("y", "a"): -1, ("y", "b"): 1}
    shift = {"x": 0.57737, "y": -0.57737}
    cells = {
        (software, hardware): [effects.get((software, hardware), 0) + shift[software]] * 2
        for software in "xy"
        for hardware in "abc"
    }

    found = {one.factor: one for one in components(frame(cells), "accuracy").components}

    assert 0 < found["software"].variance < 1e-4
    assert "degrees of freedom" in found["software"].interval.why
