"""Runs done again: agree, disagree, or nothing to compare, cell by cell."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis.replication.reruns import agreement

CELL = ("tf", "a")


def test_the_same_bits_again_agree(frame: Any) -> None:
    (cell,) = agreement(frame({CELL: [0.5, 0.25]}), frame({CELL: [0.25]}))
    assert (cell.answer, cell.runs, len(cell.first)) == ("agree", 1, 2)
    assert set(cell.again) < set(cell.first)


def test_all_runs_done_again_are_trials_since_the_class_was_known_before(frame: Any) -> None:
    first = frame({CELL: [0.5] * 2})
    (cell,) = agreement(first, frame({CELL: [0.5] * 3}))
    assert cell.p_upper == pytest.approx(1 - 0.05 ** (1 / 3))
    again = frame({CELL: [0.5] * 3}).assign(seed=[1, 1, 2])
    (cell,) = agreement(first.assign(seed=1), again)
    assert (cell.answer, cell.p_upper) == ("agree", pytest.approx(1 - 0.05 ** (1 / 2)))
    (cell,) = agreement(first, frame({CELL: [0.25] * 3}))
    assert (cell.answer, cell.p_upper) == ("disagree", None)


def test_one_run_of_another_class_disagrees(frame: Any) -> None:
    (cell,) = agreement(frame({CELL: [0.5, 0.5]}), frame({CELL: [0.5, 0.5000000000000001]}))
    assert cell.answer == "disagree"
    assert cell.first == ("A",)
    assert "outcome class B, not A" in cell.text


def test_a_cell_that_was_not_run_is_not_assessable(frame: Any) -> None:
    first = frame({CELL: [0.5], ("tf", "b"): [0.5]})
    answers = {one.hardware: one.answer for one in agreement(first, frame({CELL: [0.5]}))}
    assert answers == {"a": "agree", "b": "not assessable"}


def test_runs_that_failed_the_first_time_say_nothing(frame: Any) -> None:
    first = frame({CELL: [0.5]}).assign(status="failed")
    (cell,) = agreement(first, frame({CELL: [0.5]}))
    assert (cell.answer, cell.first) == ("not assessable", ())


def test_cells_that_the_first_runs_lack_are_no_answer(frame: Any) -> None:
    found = agreement(frame({CELL: [0.5]}), frame({CELL: [0.5], ("jax", "a"): [0.25]}))
    assert [cell.software for cell in found] == ["tf"]


def test_nothing_again_is_not_assessable(frame: Any) -> None:
    first = frame({CELL: [0.5]})
    (cell,) = agreement(first, pd.DataFrame(columns=first.columns))
    assert cell.answer == "not assessable"


def test_runs_agree_with_those_of_their_own_seed(frame: Any) -> None:
    first = frame({CELL: [0.5, 0.25]}).assign(seed=[1, 2])
    for values, answer in (([0.5, 0.25], "agree"), ([0.25, 0.5], "disagree")):
        (cell,) = agreement(first, frame({CELL: values}).assign(seed=[1, 2]))
        assert (cell.answer, cell.again) == (answer, ("A", "B"))
    (cell,) = agreement(first, frame({CELL: [0.5, 0.75]}).assign(seed=[1, 3]))
    assert (cell.answer, cell.text) == (
        "agree",
        "outcome class B again, at O3; C with seeds of which no first run can be compared",
    )
    (cell,) = agreement(first, first)
    assert cell.text == "outcome classes A, B again, at O3"
    (cell,) = agreement(first, frame({CELL: [0.5]}).assign(seed=3))
    assert cell.answer == "not assessable"


def test_classes_have_the_letters_that_the_first_runs_gave_them(frame: Any) -> None:
    """Also where the new runs would make another class the largest, and meet one of their own."""
    first = frame({CELL: [0.5, 0.5], ("tf", "b"): [0.25]})
    again = frame({CELL: [0.75], ("tf", "b"): [0.25, 0.25, 0.25]})
    found = analyze(first)
    classes = {cell.hardware: set(cell.classes) for cell in found.experiments[0].cells}
    told = {one.hardware: (set(one.first), one.again) for one in agreement(first, again)}
    assert classes == {"a": {"A"}, "b": {"B"}}
    assert told == {"a": ({"A"}, ("C",)), "b": ({"B"}, ("B",))}


def test_what_only_the_new_runs_recorded_parts_nothing(frame: Any) -> None:
    """Weights that no first run recorded say nothing against predictions that are the same."""
    first = frame({CELL: [0.5, 0.5]}).assign(predictions="p")
    again = frame({CELL: [0.5, 0.5]}).assign(predictions="p", final_weights=["v", "w"])
    (cell,) = agreement(first, again)
    assert (cell.answer, cell.text) == ("agree", "outcome class A again, at O1")
    assert (cell.first, cell.again) == (("A",), ("A",))


def test_a_metric_that_only_the_new_runs_recorded_parts_nothing(frame: Any) -> None:
    (cell,) = agreement(
        frame({CELL: [0.5, 0.5]}),
        frame({CELL: [0.5, 0.5]}).assign(**{"metric.loss": [0.25, 0.125]}),
    )
    assert (cell.answer, cell.again, cell.grade) == ("agree", ("A",), "O3")


def test_a_metric_is_compared_whether_its_value_or_its_bits_were_recorded(frame: Any) -> None:
    first = frame({CELL: [0.5]}).drop(columns="metric_hex.accuracy")
    again = frame({CELL: [0.25]}).drop(columns="metric.accuracy")
    (cell,) = agreement(first, again)
    assert (cell.answer, cell.grade) == ("disagree", "O3")


def test_what_only_the_first_runs_recorded_leaves_their_letters(frame: Any) -> None:
    """Classes that the new runs can't tell apart are named together; a new one follows them."""
    first = frame({CELL: [0.5, 0.5]}).assign(predictions="p", final_weights=["v", "w"])
    (cell,) = agreement(first, frame({CELL: [0.5]}).assign(predictions="p"))
    assert (cell.answer, cell.first, cell.again) == ("agree", ("A", "B"), ("A", "B"))
    assert cell.text == "outcome class A or B again, at O1"
    (cell,) = agreement(first, frame({CELL: [0.5]}).assign(predictions="q"))
    assert (cell.answer, cell.again) == ("disagree", ("C",))
    assert cell.text == "outcome class C, not A or B, at O1"


def test_sides_that_recorded_nothing_in_common_are_not_assessable(frame: Any) -> None:
    metrics = ["metric.accuracy", "metric_hex.accuracy"]
    first = frame({CELL: [0.5]}).drop(columns=metrics).assign(predictions="p")
    again = frame({CELL: [0.5]}).drop(columns=metrics).assign(final_weights="w")
    (cell,) = agreement(first, again)
    assert (cell.answer, cell.grade, cell.again) == ("not assessable", None, ())
    assert cell.text == "the first and the new runs recorded nothing that could be compared"


def test_a_first_run_without_what_parts_the_new_ones_takes_no_letter(frame: Any) -> None:
    """Of two cells the first runs of one lack the weights, which here part the new runs."""
    other = ("tf", "b")
    first = frame({CELL: [0.5], other: [0.5]}).assign(predictions="p", final_weights=["v", None])
    again = frame({CELL: [0.5], other: [0.5]}).assign(predictions="p", final_weights=["v", "w"])
    told = {cell.hardware: cell for cell in agreement(first, again)}
    assert (told["a"].answer, told["a"].again) == ("agree", ("A",))
    assert (told["b"].answer, told["b"].first, told["b"].again) == ("not assessable", (), ("B",))
    assert "its first runs are in no outcome class" in told["b"].text


def test_runs_that_were_not_seeded_are_told_of_as_such(frame: Any) -> None:
    first, again = frame({CELL: [0.5]}), frame({CELL: [0.5]})
    (cell,) = agreement(first.assign(seeded=False), again.assign(seeded=True))
    assert (cell.answer, cell.first) == ("not assessable", ())
    assert "its first runs are in no outcome class: they were not seeded" in cell.text
    (cell,) = agreement(first.assign(seeded=True), again.assign(seeded=False))
    assert (cell.answer, cell.again) == ("not assessable", ())
    assert "its new runs are in no outcome class: they were not seeded" in cell.text


def test_nothing_again_keeps_the_classes_of_the_first_runs(frame: Any) -> None:
    first = frame({CELL: [0.5]})
    (cell,) = agreement(first, first.assign(status="failed"))
    assert (cell.answer, cell.first, cell.again) == ("not assessable", ("A",), ())
    assert cell.text == "none of its new runs ended well"


def test_runs_done_again_are_no_copies_where_the_first_had_some(frame: Any) -> None:
    real = frame({CELL: [0.5] * 2}).assign(emulated=False)
    first = pd.concat([real, frame({CELL: [0.25] * 3}).assign(emulated=True)])
    cell, copy = agreement(first, frame({CELL: [0.75] * 4}).assign(emulated=False))
    assert (cell.hardware, cell.first, cell.again, cell.answer) == ("a", ("A",), ("C",), "disagree")
    assert (copy.hardware, copy.first, copy.again) == ("a (emulated)", ("B",), ())
