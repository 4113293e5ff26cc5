"""Hashes tell apart what differs in any bit, type, shape or order, and nothing else."""

from __future__ import annotations

import math

import pytest

from osgrepro.payload import fingerprint

numpy = pytest.importorskip("numpy")


def test_equal_arrays_have_equal_hashes():
    one = [numpy.arange(6.0).reshape(2, 3), numpy.zeros(2)]
    assert fingerprint.arrays(one) == fingerprint.arrays([a.copy() for a in one])


def test_memory_order_does_not_count():
    array = numpy.arange(6.0).reshape(2, 3)
    assert fingerprint.arrays([array]) == fingerprint.arrays([numpy.asfortranarray(array)])


@pytest.mark.parametrize(
    "other",
    [
        [numpy.zeros((3, 2), "float32"), numpy.ones(1, "float32")],
        [numpy.zeros((2, 3), "float64"), numpy.ones(1, "float32")],
        [numpy.ones(1, "float32"), numpy.zeros((2, 3), "float32")],
        [numpy.zeros((2, 3), "float32")],
        [-numpy.zeros((2, 3), "float32"), numpy.ones(1, "float32")],
    ],
    ids=["shape", "type", "order", "number", "sign of zero"],
)
def test_every_difference_counts(other):
    one = [numpy.zeros((2, 3), "float32"), numpy.ones(1, "float32")]
    assert fingerprint.arrays(one) != fingerprint.arrays(other)


def test_the_hash_of_arrays_is_pinned():
    """A changed hash would make new results look different from old ones."""
    array = numpy.arange(4, dtype="<f4").reshape(2, 2)
    assert fingerprint.arrays([array]) == (
        "a946e875262a7207b303bd8a09c42174a5728810daa4f9e1908fd7dbe992fdd1"
    )


def test_named_hashes_have_one_hash_whatever_their_order():
    one = {"sum": "1" * 64, "product": "2" * 64}
    assert fingerprint.mapping(one) == fingerprint.mapping(dict(reversed(list(one.items()))))
    assert fingerprint.mapping(one) != fingerprint.mapping({**one, "sum": "3" * 64})
    assert fingerprint.mapping(one) != fingerprint.mapping({"sum": "1" * 64})


def test_labels_are_the_largest_of_several():
    predictions = numpy.array([[0.1, 0.9], [0.8, 0.2]])
    assert fingerprint.label_array(predictions).tolist() == [1, 0]


@pytest.mark.parametrize("shape", [(3, 1), (3,)])
def test_labels_are_more_than_half_of_one(shape):
    predictions = numpy.array([0.4, 0.5, 0.6]).reshape(shape)
    assert fingerprint.label_array(predictions).tolist() == [0, 0, 1]


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_whole_numbers_of_one_column_are_labels_already(shape):
    labels = fingerprint.label_array(numpy.array([4, 7, 1]).reshape(shape))
    assert labels.tolist() == [4, 7, 1]
    # What was recorded of two classes keeps its hash.
    of_two = fingerprint.label_array(numpy.array([0, 1, 1]).reshape(shape))
    assert (of_two.tolist(), str(of_two.dtype)) == ([0, 1, 1], "uint8")
    assert fingerprint.label_array(numpy.array([-1, 1])).tolist() == [-1, 1]


def test_losses_keep_every_bit_and_leave_out_what_is_no_loss():
    history = {"loss": [0.1, math.nan], "val_loss": [0.2], "accuracy": [1.0]}
    assert fingerprint.losses(history) == {
        "loss": [(0.1).hex(), "nan"],
        "val_loss": [(0.2).hex()],
    }


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.5, {"value": 0.5, "hex": "0x1.0000000000000p-1"}),
        (3, {"value": 3.0, "hex": "0x1.8000000000000p+1"}),
        (math.nan, {"value": None, "hex": "nan"}),
        (-math.inf, {"value": None, "hex": "-inf"}),
        (numpy.float32(0.1), {"value": 0.10000000149011612, "hex": "0x1.99999a0000000p-4"}),
    ],
)
def test_a_metric_is_a_number_and_its_bits(value, expected):
    assert fingerprint.metric(value) == expected
