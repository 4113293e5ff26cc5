"""Variances of crossed random factors, against a published example and against each other."""

from __future__ import annotations

import numpy as np
import pytest

from osgrepro.analysis.statistics.anova import anova

# R. L. Brennan, Generalizability Theory (2001), synthetic data set no. 3: 10 persons, 4 items on
# each of 2 occasions; the mean squares and variance components of its table 3.4 (p × i × o).
SCORES = """
2 6 7 5 2 5 5 5|4 5 6 7 6 7 5 7|5 5 4 6 5 4 5 5|5 9 8 6 5 7 7 6|4 3 5 6 4 5 6 4
4 4 4 7 6 4 7 8|2 6 6 5 2 7 7 5|3 4 4 5 6 6 6 4|0 5 4 5 5 5 5 3|6 8 7 6 6 8 8 6
"""
PUBLISHED = {
    (0,): 0.5528,
    (1,): 0.4417,
    (2,): 0.0074,
    (0, 1): 0.5750,
    (0, 2): 0.1009,
    (1, 2): 0.1565,
    (0, 1, 2): 0.9352,
}


def scores():
    """Return person × item × occasion."""
    rows = [row.split() for row in SCORES.strip().replace("\n", "|").split("|")]
    return np.array(rows, dtype=float).reshape(10, 2, 4).swapaxes(1, 2)


def variances(found):
    return dict(zip(found.factors, found.raw.tolist(), strict=True))


def test_three_crossed_factors_have_the_variances_that_brennan_publishes():
    found = anova(scores(), 1.0, 0.0, 0.0)
    assert variances(found) == pytest.approx(PUBLISHED, abs=5e-5)
    assert list(found.degrees) == [9, 3, 1, 27, 9, 3, 27]


def test_repeats_tell_the_highest_interaction_from_the_residual():
    y = np.stack([scores(), scores() + 0.5], axis=-1)
    within = float(((y - y.mean(-1, keepdims=True)) ** 2).sum())
    found = variances(anova(y.mean(-1), 2.0, within, 80.0))
    residual = within / 80
    assert found[()] == pytest.approx(residual)
    # The means are the scores, so what changes is only the residual's part in the interaction.
    lower = {one: value for one, value in PUBLISHED.items() if len(one) < 3}
    assert {one: found[one] for one in lower} == pytest.approx(lower, abs=5e-5)
    assert found[0, 1, 2] == pytest.approx(PUBLISHED[0, 1, 2] - residual / 2, abs=5e-5)


def test_planted_variances_come_back_on_the_average():
    random, planted = np.random.default_rng(7), np.array([4.0, 1.0, 2.0, 0.5, 1.5, 0.8, 0.3])
    axes, shape = [(0,), (1,), (2,), (0, 1), (0, 2), (1, 2), (0, 1, 2)], (5, 4, 6)
    total: dict[tuple[int, ...], float] = dict.fromkeys(axes, 0.0)
    for _ in range(400):
        y = np.zeros(shape)
        for own, variance in zip(axes, planted, strict=True):
            size = [shape[axis] if axis in own else 1 for axis in range(3)]
            y = y + variance**0.5 * random.standard_normal(size)
        for one, value in variances(anova(y, 1.0, 0.0, 0.0)).items():
            total[one] += value / 400
    assert [total[one] for one in axes] == pytest.approx(planted, abs=0.4)


def test_nothing_varies_where_all_means_are_the_same():
    found = anova(np.full((3, 2, 4), 0.1), 1.0, 0.0, 0.0)
    assert set(variances(found).values()) == {0.0}
