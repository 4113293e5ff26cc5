"""Codes say which things are alike, numbered by first appearance."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.analysis.statistics.partitions import canonical


@pytest.mark.parametrize("values", [["b", "a", "b"], [7, 1, 7], [True, False, True], [2.5, 1, 2.5]])
def test_codes_are_numbered_by_first_appearance(values: list[object]) -> None:
    assert canonical(values).tolist() == [0, 1, 0]
    assert canonical([]).tolist() == []


@given(st.lists(st.integers(-3, 3), min_size=1, max_size=8))
def test_few_values_have_the_codes_of_many(values: list[int]) -> None:
    few, many = canonical(values), canonical(values * 300)
    assert (many == np.tile(few, 300)).all()
    assert few.dtype == many.dtype
