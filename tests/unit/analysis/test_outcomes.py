"""Which runs ended the same."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.analysis.findings import NotAssessable
from osgrepro.analysis.outcomes import assign, letters


def lettered(runs):
    return letters(assign(runs).codes, runs.index)


def test_classes_are_ordered_by_size_and_know_where_they_were_seen(frame):
    runs = frame({("tf", "old"): [1, 1], ("tf", "new"): [2, 2, 2], ("jax", "old"): [2]})
    first, second = assign(runs).outcomes.classes
    assert (first.letter, first.runs, first.software, first.hardware) == (
        "A", 4, ("jax", "tf"), ("new", "old"),
    )  # fmt: skip
    assert (second.letter, second.metrics) == ("B", {"accuracy": 1.0})
    assert list(lettered(runs)) == ["B", "B", "A", "A", "A", "A"]


def test_the_finest_grade_that_all_runs_have_decides(frame):
    runs = frame({("tf", "old"): [1, 1], ("tf", "new"): [1, 1]})
    runs["final_weights"] = ["w1", "w1", "w2", None]
    runs["predictions"] = ["p1", "p1", "p2", "p2"]
    runs["labels"] = "same"
    found = assign(runs).outcomes
    assert found.grade == "O1"
    assert [grade.same for grade in found.grades] == [None, False, True, True]
    assert isinstance(found.grades[0].classes, NotAssessable)


def test_all_metrics_tell_outcomes_apart_and_not_one_alone(frame):
    runs = frame({("tf", "old"): [1, 1], ("tf", "new"): [1, 1]})
    runs["metric.loss"] = [0.1, 0.1, 0.1, np.nextafter(0.1, 1)]
    assert [one.runs for one in assign(runs).outcomes.classes] == [3, 1]


def test_a_metric_that_some_runs_lack_tells_nothing_apart(frame):
    runs = frame({("tf", "old"): [1, 1], ("tf", "new"): [1, 1]})
    runs["metric.loss"] = [0.1, None, None, None]
    assert len(assign(runs).outcomes.classes) == 1


def test_nan_infinity_and_the_sign_of_zero_are_values_like_others(frame):
    runs = frame({("tf", "old"): [float("nan")] * 2, ("tf", "new"): [float("inf"), 0.0, -0.0]})
    assert sorted(one.runs for one in assign(runs).outcomes.classes) == [1, 1, 1, 2]


def test_a_value_that_json_can_not_hold_is_read_from_its_bits(frame):
    runs = frame({("tf", "old"): [1.0]})
    runs["metric.accuracy"], runs["metric_hex.accuracy"] = None, "-inf"
    assert assign(runs).outcomes.classes[0].metrics == {"accuracy": float("-inf")}


def test_bits_and_their_number_alone_give_the_same_classes(frame):
    runs = frame({("tf", "old"): [0.1, 0.2], ("tf", "new"): [0.2, 0.3]})
    without = runs.drop(columns="metric_hex.accuracy")
    assert assign(runs).outcomes == assign(without).outcomes


def test_nothing_recorded_is_not_assessable(frame):
    runs = frame({("tf", "old"): [1, 1]}).drop(columns=["metric.accuracy", "metric_hex.accuracy"])
    assert isinstance(assign(runs).outcomes, NotAssessable)
    assert list(lettered(runs)) == [None, None]
    assert isinstance(assign(runs[:0]).outcomes, NotAssessable)


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, float("nan")]), min_size=1), st.randoms())
def test_the_order_of_the_rows_changes_no_letter(values, random):
    runs = pd.DataFrame(
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": [f"h{number}" for number in range(len(values))],
            "status": "ok",
            "metric_hex.loss": [float(value).hex() for value in values],
        }
    )
    order = list(range(len(values)))
    random.shuffle(order)
    assert dict(lettered(runs)) == dict(lettered(runs.iloc[order]))


@pytest.mark.shared
@pytest.mark.parametrize(
    ("software", "experiment", "everywhere", "on_cpus"),
    [
        ("dockerhub-2.8.0", "bidirectional_lstm_imdb", 18, 3),
        ("dockerhub-2.8.0", "imbalanced_classification", 10, 7),
        ("dockerhub-2.8.0", "mnist_convnet", 10, 7),
        ("ngc-22.03", "bidirectional_lstm_imdb", 6, 3),
        ("ngc-22.03", "imbalanced_classification", 10, 7),
        ("ngc-22.03", "mnist_convnet", 10, 7),
    ],
)
def test_the_study_has_as_many_outcomes_as_known(study, software, experiment, everywhere, on_cpus):
    runs = study[(study["software"] == software) & (study["experiment"] == experiment)]
    cpus = runs[runs["hardware"].str.startswith("cpu")]
    assert len(assign(runs).outcomes.classes) == everywhere
    assert len(assign(cpus).outcomes.classes) == on_cpus


def test_runs_that_differ_in_what_both_recorded_are_in_no_common_class(frame):
    runs = frame({("tf", "a"): [0.9, 0.9], ("tf", "b"): [0.9, 0.9]})
    runs["final_weights"] = ["w1", "w2", "w3", None]
    found = assign(runs).outcomes
    assert (found.grade, len(found.classes), found.unplaced) == ("O3", 3, 1)
    # The last could be in any of them.
    assert list(lettered(runs).isna()) == [False, False, False, True]
    assert [grade.same for grade in found.grades] == [None, None, None, False]


def test_a_missing_loss_merges_no_classes(frame):
    runs = frame({("tf", "a"): [0.9] * 2, ("tf", "b"): [0.9] * 2, ("tf", "c"): [0.8] * 2})
    runs["metric.loss"] = [0.1, 0.1, 0.2, 0.2, 0.3, None]
    assert assign(runs).outcomes.unplaced == 0
    assert len(set(lettered(runs))) == 3
    runs["metric.loss"] = [0.1, None, 0.2, 0.2, 0.3, 0.3]
    told = list(lettered(runs))
    assert pd.isna(told[1])
    assert len({told[0], told[2], told[4]}) == 3


def test_what_only_some_runs_have_is_better_than_nothing(frame):
    runs = frame({("tf", "a"): [0.9, 0.9], ("tf", "b"): [0.8, float("nan")]})
    runs["metric_hex.accuracy"] = [*runs["metric_hex.accuracy"][:3], None]
    found = assign(runs).outcomes
    assert ([one.runs for one in found.classes], found.unplaced) == ([2, 1], 1)


def test_a_metric_in_which_a_class_differs_has_no_value(frame):
    runs = frame({("tf", "a"): [0.9, 0.8]})
    runs["final_weights"], runs["metric.loss"] = "w", [0.5, None]
    (one,) = assign(runs).outcomes.classes
    assert one.metrics == {"accuracy": None, "loss": 0.5}


PARTLY = st.sampled_from(["x", "y", None])


@given(st.lists(st.tuples(PARTLY, PARTLY, PARTLY, st.sampled_from([0.1, 0.2, None])), min_size=1))
def test_no_two_runs_of_a_class_differ_in_anything_that_both_recorded(rows):
    names = ["final_weights", "predictions", "labels", "metric.loss"]
    runs = pd.DataFrame(rows, columns=names, dtype=object)
    runs = runs.assign(experiment="e", software="s", hardware="h", status="ok")
    runs["metric.loss"] = runs["metric.loss"].astype(float)
    found = assign(runs)
    if isinstance(found.outcomes, NotAssessable):
        assert runs[names].isna().all(axis=None)
        return
    finer = names[: names.index(runs_by(found.outcomes.grade)) + 1]
    for _, own in runs.groupby(np.where(found.codes < 0, np.nan, found.codes)):
        assert (own[finer].nunique() <= 1).all()
    assert sum(one.runs for one in found.outcomes.classes) + found.outcomes.unplaced == len(runs)


def runs_by(grade):
    return {"O0": "final_weights", "O1": "predictions", "O2": "labels", "O3": "metric.loss"}[grade]
