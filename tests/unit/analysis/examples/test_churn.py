"""Which runs disagree, on how many examples, and on which; and where nobody can say."""

from __future__ import annotations

import hashlib
import itertools
import json
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis.examples import examples, pairs, predictions
from osgrepro.analysis.findings import UNLABELLED, Examples, NotAssessable, from_json, to_json
from osgrepro.common.errors import InputError

Cells = Mapping[tuple[str, str, int], Collection[Any]]


def sha256(vector: Any) -> str:
    return hashlib.sha256(np.asarray(vector, "<u1").tobytes()).hexdigest()


class World:
    """Runs by software, hardware and seed, and a reader of what they predicted."""

    def __init__(self, cells: Cells, truth: Any = None, **columns: Any) -> None:
        self.vectors: dict[str, Any] = {}
        self.asked: list[tuple[str, ...]] = []
        self.truth = None if truth is None else self.kept(truth)
        self.runs = pd.DataFrame(
            [
                {
                    "experiment": "mnist",
                    "software": software,
                    "hardware": hardware,
                    "seed": seed,
                    "status": "ok",
                    "metric.accuracy": 0.5,
                    "predicted_labels_sha256": None if vector is None else self.kept(vector),
                    "true_labels_sha256": self.truth,
                    **columns,
                }
                for (software, hardware, seed), vectors in cells.items()
                for vector in vectors
            ]
        )

    def kept(self, vector: Any) -> str:
        self.vectors[sha256(vector)] = np.asarray(vector, "<u1")
        return sha256(vector)

    def labels(self, hashes: Collection[str], _column: str) -> dict[str, Any]:
        self.asked.append(tuple(hashes))
        return {name: self.vectors[name] for name in hashes if name in self.vectors}

    def said(self) -> Any:
        return examples(self.runs, self.labels)


def levels(known: Examples) -> dict[str, tuple[int, int, float, int]]:
    return {
        level.between: (level.pairs, level.differing, level.mean, level.largest)
        for level in known.levels
    }


A, B, C = [0, 0, 1, 1, 2, 2], [0, 0, 1, 1, 2, 0], [0, 0, 1, 1, 1, 1]
TRUTH = [0, 1, 1, 1, 2, 2]


def test_churn_is_told_level_by_level() -> None:
    """A and B differ in one example, A and C in two, B and C in two."""
    world = World(
        {
            ("tf", "x", 1): [A, A],
            ("tf", "y", 1): [B, A, B],
            ("jax", "x", 1): [C],
            ("tf", "x", 2): [C, C],
            ("tf", "y", 2): [C],
        },
        TRUTH,
    )
    known = world.said()
    assert levels(known) == {
        "repeats": (5, 2, pytest.approx(2 / 5), 1),
        "hardware": (2, 1, pytest.approx(1 / 2), 1),
        "software": (1, 1, pytest.approx(2), 2),
        "environments": (4, 3, pytest.approx(5 / 4), 2),
        "seeds": (2, 2, pytest.approx(2), 2),
    }
    assert (known.items, known.classes, known.runs, known.vectors) == (6, 3, 9, 3)


def test_pairs_of_environments_average_the_seeds_that_both_ran_with() -> None:
    world = World(
        {
            ("tf", "x", 1): [A],
            ("tf", "x", 2): [A],
            ("tf", "y", 1): [B],
            ("tf", "y", 2): [A],
            ("tf", "z", 1): [B],
            ("tf", "z", 2): [A],
            ("tf", "w", 1): [C],
        },
        TRUTH,
    )
    pairs = {(pair.first[1], pair.second[1]): pair for pair in world.said().pairs}
    told = {names: (pair.seeds, pair.churn, pair.alike) for names, pair in pairs.items()}
    assert {frozenset(names): value[:2] for names, value in told.items()} == {
        frozenset("xy"): (2, 0.5),
        frozenset("xw"): (1, 2),
        frozenset("yw"): (1, 2),
    }
    (alike,) = {pair.alike for names, pair in pairs.items() if set(names) == set("xy")}
    assert sorted(alike) == [1, 2]
    apart = next(pair for names, pair in pairs.items() if set(names) == set("xw"))
    assert sorted(apart.accuracies or ()) == pytest.approx([3 / 6, 5 / 6])
    assert apart.kappa == pytest.approx((4 / 6 - 1 / 3) / (1 - 1 / 3))
    assert apart.share == pytest.approx(2 / 6)
    assert apart.interval.low < apart.share < apart.interval.high


def test_the_same_accuracy_is_not_the_same_answers() -> None:
    left, right = [0, 0, 0, 0], [1, 1, 1, 1]
    world = World({("tf", "x", 1): [left], ("tf", "y", 1): [right]}, [0, 0, 1, 1])
    pair = world.said().equal
    assert pair is not None
    assert (pair.churn, pair.accuracies) == (4, (0.5, 0.5))
    assert World({("tf", "x", 1): [left], ("tf", "y", 1): [right]}, left).said().equal is None
    assert World({("tf", "x", 1): [left], ("tf", "y", 1): [right]}).said().equal is None


def test_examples_and_classes_that_flip_are_those_that_divide_environments() -> None:
    generator = np.random.default_rng(5)
    truth = generator.integers(0, 3, 40)
    cells = {
        ("tf", hardware, seed): [np.where(generator.random(40) < 0.2, 2, truth)]
        for hardware in "abcd"
        for seed in (1, 2)
    }
    known = World(cells, truth).said()
    shares = np.zeros((2, 40))
    for seed in (1, 2):
        own = [np.asarray(cells["tf", hardware, seed][0]) for hardware in "abcd"]
        shares[seed - 1] = np.mean([a != b for a, b in itertools.combinations(own, 2)], axis=0)
    mean = shares.mean(axis=0)
    assert known.flipping == int((mean > 0).sum())
    assert known.always == int((shares > 0).all(axis=0).sum())
    assert [flip.share for flip in known.flips] == pytest.approx(sorted(mean, reverse=True)[:20])
    for own in known.by_class:
        assert own.share == pytest.approx(mean[truth == own.label].mean())
    mean_churn = levels(known)["environments"][2]
    assert mean.sum() == pytest.approx(mean_churn)


def test_a_single_seed_has_no_examples_that_flip_under_every_one() -> None:
    assert World({("tf", "x", 1): [A], ("tf", "y", 1): [B]}).said().always is None


def test_the_same_labels_everywhere_leave_nothing_to_tell() -> None:
    known = World({("tf", "x", 1): [A, A], ("tf", "y", 1): [A]}, TRUTH).said()
    assert (known.vectors, known.pairs, known.equal, known.flips) == (1, (), None, ())
    assert levels(known)["environments"] == (1, 0, 0, 0)


@pytest.mark.parametrize(
    ("world", "left_out"),
    [
        (World({("tf", "x", 1): [A, A], ("tf", "y", 1): [A, None, [0, 1]]}), 2),
        (World({("tf", "x", 1): [A, A]}), 0),
    ],
)
def test_runs_of_other_examples_are_left_out(world: World, left_out: int) -> None:
    assert world.said().left_out == left_out


def test_runs_of_another_truth_and_unseeded_ones_are_left_out() -> None:
    world = World({("tf", "x", 1): [A, A], ("tf", "y", 1): [B, B, B]}, TRUTH)
    world.runs.loc[1, "true_labels_sha256"] = sha256(C)
    world.runs["seeded"] = [True, True, True, True, False]
    known = world.said()
    assert (known.runs, known.left_out) == (3, 2)


@pytest.mark.parametrize(
    ("world", "why"),
    [
        (World({("tf", "x", 1): [None, None]}), UNLABELLED.why),
        (World({("tf", "x", 1): [A]}), "a single run"),
        (World({("tf", "x", 1): [A, [0, 1]]}), "a single run"),
        (World({("tf", "x", 1): [A, B]}, seeded=False), "no seeded run"),
    ],
)
def test_what_the_labels_cannot_answer_is_not_assessable(world: World, why: str) -> None:
    said = world.said()
    assert isinstance(said, NotAssessable)
    assert why in said.why


def test_labels_too_large_for_a_result_are_not_assessable() -> None:
    world = World({("tf", "x", 1): [A, B]})
    assert "dataset" in examples(world.runs, lambda _hashes, _column: {}).why  # type: ignore[union-attr]
    assert "frame" in examples(world.runs, None).why  # type: ignore[union-attr]


def test_too_many_labels_are_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World({("tf", "x", 1): [A, B]})
    monkeypatch.setattr(predictions, "_MOST_COMPARISONS", 1)
    said = world.said()
    assert isinstance(said, NotAssessable)
    assert said.why == "2 different predictions are too many to compare"
    assert world.asked == []


def test_a_tie_among_repeats_makes_no_difference_between_machines() -> None:
    """Whatever the hashes: the tied prediction nearest to the other runs stands."""
    generator = np.random.default_rng(3)
    for _ in range(20):
        first, second = generator.integers(0, 5, (2, 6))
        cells = {("tf", "x", 1): [first, second], ("tf", "y", 1): [first, first]}
        known = World(cells).said()
        if known.vectors == 2:
            assert levels(known)["environments"] == (1, 0, 0, 0)
            assert known.tied == 1
    near, far, middle = [0] * 6, [1] * 6, [0] * 5 + [1]
    known = World({("tf", "x", 1): [near, far], ("tf", "y", 1): [middle]}).said()
    assert levels(known)["environments"] == (1, 1, 1, 1)
    assert World({("tf", "x", 1): [A, A, B], ("tf", "y", 1): [B]}).said().tied == 0


@pytest.mark.parametrize("kept", [list, lambda own: np.asarray(own, float), tuple])
def test_a_reader_may_return_any_row_of_whole_numbers(kept: Any) -> None:
    world = World({("tf", "x", 1): [A, B], ("tf", "y", 1): [C]}, TRUTH)
    expected = world.said()
    world.vectors = {name: kept(own.tolist()) for name, own in world.vectors.items()}
    assert world.said() == expected


@pytest.mark.parametrize(
    "labels", [[-1, 1], [0.5, 1.0], [float("nan"), 1.0], ["a", "b"], [[0, 1], [1, 0]], None]
)
def test_what_a_reader_returns_that_is_no_labels_is_refused(labels: Any) -> None:
    world = World({("tf", "x", 1): [A, B]})
    world.vectors = dict.fromkeys(world.vectors, labels)
    with pytest.raises(InputError, match="no row of whole numbers from 0") as refused:
        world.said()
    assert "one label for each example" in refused.value.hint


def test_why_labels_are_too_many_names_what_is_too_large() -> None:
    world = World({("tf", "x", 1): [A, B]})
    world.vectors = {name: np.array([0, 4_000_000_000]) for name in world.vectors}
    assert "2 different predictions with labels up to 4,000,000,000" in world.said().why


def test_each_different_prediction_is_read_once() -> None:
    world = World({("tf", str(number), 1): [A, B, A] for number in range(50)}, TRUTH)
    known = world.said()
    assert [len(hashes) for hashes in world.asked] == [2, 1]
    assert known.vectors == 2


def test_findings_with_labels_survive_json() -> None:
    world = World({("tf", "x", 1): [A], ("tf", "y", 1): [B]}, TRUTH)
    found = analyze(world.runs, labels=world.labels)
    assert isinstance(found.experiments[0].examples, Examples)
    assert from_json(json.dumps(to_json(found)), "x") == found
    assert (
        analyze(world.runs.drop(columns="predicted_labels_sha256")).experiments[0].examples
        == UNLABELLED
    )


@pytest.mark.parametrize("seeds", [1, 4])
def test_the_interval_holds_the_share_of_all_examples_that_could_have_been(seeds: int) -> None:
    """Examples are drawn, each with a probability of its own to be divided on, 0.06 on average."""
    generator = np.random.default_rng(7)
    trials, items = 1000, 400
    probability = generator.beta(0.3, 4.7, (trials, 1, items))
    churns = (generator.random((trials, seeds, items)) < probability).sum(axis=2).mean(axis=1)
    own = [pairs.interval(float(mean), items) for mean in churns]
    held = sum(interval.low <= 0.06 <= interval.high for interval in own)
    # At least 95 %, but for the chance of these trials: three standard errors.
    assert held >= (0.95 - 3 * (0.95 * 0.05 / trials) ** 0.5) * trials
    assert {interval.confidence for interval in own} == {0.95}
