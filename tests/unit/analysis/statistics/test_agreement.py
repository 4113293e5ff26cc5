"""Churn, κ and disagreement, held against their definitions, by hand and by brute force."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest

from osgrepro.analysis.statistics import agreement


def drawn(rows: int, items: int, classes: int, seed: int = 1) -> Any:
    return np.random.default_rng(seed).integers(0, classes, (rows, items)).astype("uint8")


def test_churn_counts_the_examples_that_differ() -> None:
    labels = drawn(6, 200, 3)
    differ = agreement.churn(labels)
    for a, b in itertools.product(range(6), repeat=2):
        assert differ[a, b] == sum(x != y for x, y in zip(labels[a], labels[b], strict=True))


def test_kappa_is_what_one_gets_by_hand() -> None:
    # Of 200 examples, in percent: 50, 30, 20 by the first and 60, 30, 10 by the second.
    percents = [[44, 5, 1], [7, 20, 3], [9, 5, 6]]
    pairs = [(a, b) for a in range(3) for b in range(3) for _ in range(2 * percents[a][b])]
    labels = np.array(pairs, dtype="uint8").T
    kappa = agreement.kappas(labels, agreement.churn(labels), 3)
    assert kappa[0, 1] == pytest.approx((0.70 - 0.41) / (1 - 0.41))
    assert kappa[0, 0] == pytest.approx(1)


def test_labels_drawn_apart_agree_as_by_chance() -> None:
    labels = drawn(2, 200_000, 4)
    kappa = agreement.kappas(labels, agreement.churn(labels), 4)
    assert abs(kappa[0, 1]) < 0.01


def test_one_label_throughout_has_no_kappa() -> None:
    labels = np.zeros((2, 9), dtype="uint8")
    assert np.isnan(agreement.kappas(labels, agreement.churn(labels), 1)).all()


@pytest.mark.parametrize("votes", [7, 2_000_000])
def test_disagreement_is_the_share_of_pairs_that_disagree(
    monkeypatch: pytest.MonkeyPatch, votes: int
) -> None:
    monkeypatch.setattr(agreement, "_VOTES", votes)
    labels, voters = drawn(4, 50, 3), np.array([1, 3, 2, 1])
    every = np.repeat(labels, voters, axis=0)
    pairs = list(itertools.combinations(range(len(every)), 2))
    expected = np.mean([every[a] != every[b] for a, b in pairs], axis=0)
    assert agreement.disagreement(labels, voters, 3) == pytest.approx(expected)


def test_right_is_where_a_label_is_the_true_one() -> None:
    labels = np.array([[0, 1], [1, 1]], dtype="uint8")
    assert agreement.right(labels, np.array([1, 1])).tolist() == [[False, True], [True, True]]
