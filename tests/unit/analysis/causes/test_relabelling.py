"""Labels are dealt out anew among units, each way once where there are few."""

from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest

from osgrepro.analysis.causes import relabelling
from osgrepro.analysis.causes.relabelling import Relabelling, among_types


@pytest.mark.parametrize("labels", [(4, 4, 9), (1, 0, 2, 0), (5,), (3, 3)])
def test_few_labels_are_dealt_out_in_each_way_once(labels: tuple[int, ...]) -> None:
    places = np.arange(len(labels))
    rows, exact = Relabelling(labels=np.array(labels), places=places).rows(100)
    assert exact
    assert sorted(map(tuple, rows.tolist())) == sorted(set(permutations(labels)))


def test_the_ways_are_counted_out_once_for_all_tables_with_such_classes() -> None:
    first, second = (
        Relabelling(labels=np.array(labels), places=np.arange(5))
        for labels in ((7, 7, 8, 8, 9), (0, 0, 1, 1, 3))
    )
    first.rows(100)
    hits = relabelling._numbered.cache_info().hits
    second.rows(100)
    assert relabelling._numbered.cache_info().hits == hits + 1


def test_machines_of_one_type_keep_one_label() -> None:
    rows, _ = among_types(np.array([5, 6, 5, 6]), np.array([0, 1, 0, 2])).rows(100)
    assert sorted(map(tuple, rows.tolist())) == [(5, 6, 5, 6), (6, 5, 6, 6), (6, 6, 6, 5)]
