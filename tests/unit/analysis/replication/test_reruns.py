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
        "outcome class B again, at O3; C is of seeds that did not end well the first time",
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
