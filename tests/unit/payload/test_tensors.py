"""Plain values and arrays within one another have hashes; what is neither is named by its place."""

from __future__ import annotations

import pytest

from osgrepro.payload import fingerprint, tensors
from osgrepro.payload.tensors import UnhashableError

numpy = pytest.importorskip("numpy")


def test_order_of_keys_does_not_count_but_types_and_places_do():
    given = {"a": 1, "b": [2.0, None], "c": numpy.ones(2, "float32")}
    assert tensors.sha256(given, "x") == tensors.sha256(dict(reversed(given.items())), "x")
    others = [
        {**given, "a": 1.0},
        {**given, "a": True},
        {**given, "a": "1"},
        {**given, "b": [None, 2.0]},
        {**given, "c": numpy.ones(2, "float64")},
        {**given, "c": numpy.ones((2, 1), "float32")},
    ]
    assert len({tensors.sha256(other, "x") for other in [given, *others]}) == 7


def test_neighbours_do_not_run_into_each_other():
    assert tensors.sha256(["ab", "c"], "x") != tensors.sha256(["a", "bc"], "x")
    assert tensors.sha256([["a"], "b"], "x") != tensors.sha256([["a", "b"]], "x")


def test_what_has_no_hash_is_named_by_its_place():
    with pytest.raises(UnhashableError, match=r"optimizer\['groups'\]\[1\]: function is neither"):
        tensors.sha256({"groups": [0, lambda: 0]}, "optimizer")
    with pytest.raises(UnhashableError, match="state_dict entry 'w': ndarray holds Python objects"):
        tensors.entries({"w": numpy.array([object()])})


def test_weights_by_name_have_a_hash_whatever_their_order():
    weights = {"a": numpy.zeros(2), "b": numpy.ones(2)}
    assert fingerprint.arrays(weights) == fingerprint.arrays(dict(reversed(weights.items())))
    swapped = {"a": weights["b"], "b": weights["a"]}
    assert fingerprint.arrays(weights) != fingerprint.arrays(swapped)
