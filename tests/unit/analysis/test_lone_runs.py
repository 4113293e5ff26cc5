"""A run is alone where most of its cell's range rests on it, and nowhere else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from osgrepro.analysis.findings import LoneRun
from osgrepro.analysis.lone_runs import lone_runs


def of(*cells: Sequence[float]) -> dict[int, LoneRun]:
    """Return the lone runs of cells with these values."""
    codes = np.repeat(np.arange(len(cells)), [len(cell) for cell in cells])
    order = np.random.default_rng(1).permutation(len(codes))
    return lone_runs(codes[order], np.concatenate(cells).astype(np.float64)[order])


def test_each_cell_has_its_own_at_either_end() -> None:
    found = of([1, 9, 9.5, 10], [0, 1, 2, 3], [5, 5, 6, 20])
    assert found == {
        0: LoneRun(value=1, low=9, high=10),
        2: LoneRun(value=20, low=5, high=6),
    }


@pytest.mark.parametrize(
    "values",
    [
        [0, 0.1, 1],
        [7, 7, 7, 7],
        [0, 1, 1, 2],
        [0, 0.1, 0.9, 1],
        [0, 0, 9, 9, 9],
        [0, 9, 9, float("inf")],
        [0, 9, 9, float("nan")],
    ],
)
def test_few_equal_balanced_and_odd_values_have_none(values: list[float]) -> None:
    assert of(values) == {}
