"""Labels are those of the scores, fit into a result, and never cost a training."""

from __future__ import annotations

import base64
import hashlib
import zlib

import pytest

from osgrepro.payload import examples

numpy = pytest.importorskip("numpy")

TYPES = {"uint8": "<u1", "uint16": "<u2", "uint32": "<u4"}


def recorded(predictions, truth=None):
    true = None if truth is None else numpy.asarray(truth)
    return examples.recorded(numpy.asarray(predictions), true)


def unpacked(block, name):
    """Return the numbers of a vector, as whoever reads the result would."""
    kind = "<u1" if name == "ranks" else TYPES[block["type"]]
    data = zlib.decompress(base64.b64decode(block[name]["zlib"]))
    assert hashlib.sha256(data).hexdigest() == block[name]["sha256"]
    numbers = numpy.frombuffer(data, kind)
    assert len(numbers) == block["count"]
    return numbers.tolist()


def test_of_several_scores_the_label_is_the_largest():
    scores = [[0.1, 0.7, 0.2], [0.5, 0.2, 0.3], [0.2, 0.3, 0.5]]
    block = recorded(scores, [1, 2, 1])
    assert (block["count"], block["classes"], block["type"]) == (3, 3, "uint8")
    assert unpacked(block, "predicted") == [1, 0, 2]
    assert unpacked(block, "truth") == [1, 2, 1]
    assert unpacked(block, "ranks") == [1, 2, 2]
    assert block["omitted"] is None


@pytest.mark.parametrize("shape", [(3,), (3, 1)])
def test_one_probability_is_held_against_one_half(shape):
    block = recorded(numpy.array([0.4, 0.5, 0.6]).reshape(shape), [[0], [1], [1]])
    assert unpacked(block, "predicted") == [0, 0, 1]
    assert unpacked(block, "truth") == [0, 1, 1]
    assert block["ranks"] is None  # two labels have no other place than right or wrong
    assert block["classes"] == 2


def test_whole_numbers_of_one_column_are_labels():
    block = recorded([3, 0, 7, 7], [3, 1, 7, 9])
    assert unpacked(block, "predicted") == [3, 0, 7, 7]
    assert (block["classes"], block["ranks"]) == (10, None)
    assert unpacked(recorded(numpy.array([True, False])), "predicted") == [1, 0]


def test_rows_of_shares_are_true_labels_too():
    scores = numpy.eye(4)[[2, 0, 3]]
    smooth = numpy.eye(4, dtype="float32")[[2, 1, 3]] * 0.9 + 0.025
    assert unpacked(recorded(scores, smooth), "truth") == [2, 1, 3]


def test_each_step_of_a_sequence_is_an_example():
    scores = numpy.zeros((2, 3, 4))
    scores[..., 1] = 1
    block = recorded(scores, [[1, 1, 0], [1, 2, 1]])
    assert (block["count"], unpacked(block, "truth")) == (6, [1, 1, 0, 1, 2, 1])


@pytest.mark.parametrize(
    ("classes", "kind"),
    [(2, "uint8"), (256, "uint8"), (257, "uint16"), (65536, "uint16"), (65537, "uint32")],
)
def test_the_type_is_the_smallest_that_numbers_the_classes(classes, kind):
    block = recorded([0, classes - 1])
    assert block["type"] == kind
    assert unpacked(block, "predicted") == [0, classes - 1]


def test_ranks_count_larger_scores_and_saturate():
    generator = numpy.random.default_rng(1)
    scores, truth = generator.random((5000, 400)), generator.integers(0, 400, 5000)
    order = numpy.argsort(-scores, axis=1)
    expected = numpy.argmax(order == truth[:, None], axis=1) + 1
    assert unpacked(recorded(scores, truth), "ranks") == expected.clip(max=255).tolist()
    assert expected.max() > 255


@pytest.mark.parametrize("row", [[0.5, 0.5, 0.0], [0.4, numpy.nan, numpy.nan]])
@pytest.mark.parametrize("truth", [0, 1, 2])
def test_only_the_predicted_label_has_the_first_place(row, truth):
    block = recorded([row], [truth])
    assert (unpacked(block, "ranks") == [1]) == (unpacked(block, "predicted") == [truth])


@pytest.mark.parametrize(
    ("predictions", "truth", "why"),
    [
        ([], None, "no predictions"),
        (0.5, None, "no predictions"),
        (["cat", "dog"], None, "type"),
        ([0.2, 17.5], None, "no probability"),
        ([-3.0, 0.5], None, "no probability"),
        ([0.2, 0.5], [0.25, 0.5], "not whole"),
        ([0.2, 0.5], [-1, 1], "below 0"),
        ([-1, 1], None, "below 0"),
        ([[0.1, 2.0], [3.0, 4.0]], [[0.3, 2.5], [3.0, 4.0]], "no classification"),
        ([[0.9, 0.8], [0.1, 0.2]], [[1, 1], [0, 0]], "no classification"),
        ([0, 2**32], None, "32 bits"),
    ],
)
def test_what_stands_for_no_label_is_left_out_and_says_why(predictions, truth, why):
    block = recorded(predictions, truth)
    assert why in block.pop("omitted")
    assert set(block.values()) == {None}


def test_a_truth_of_another_length_leaves_the_predictions():
    block = recorded([[0.1, 0.9], [0.8, 0.2]], [1])
    assert unpacked(block, "predicted") == [1, 0]
    assert block["truth"] is None


def test_what_nobody_foresaw_costs_no_training():
    class Odd:
        size, ndim = 1, 1

    assert "AttributeError" in examples.recorded(Odd())["omitted"]


def test_too_many_examples_are_left_out(monkeypatch):
    monkeypatch.setattr(examples, "MOST_ITEMS", 3)
    assert recorded([0, 1, 2])["omitted"] is None
    assert recorded([0, 1, 2, 3])["omitted"] == "4 examples, more than 3"


def test_what_has_no_room_keeps_its_hash():
    """A million random labels of sixteen bits have room alone, and their truth has none."""
    generator = numpy.random.default_rng(2)
    labels, truth = generator.integers(0, 4096, (2, 700_000))
    block = recorded(labels, truth)
    texts = [block[name]["zlib"] for name in ("predicted", "truth")]
    assert len(texts[0]) <= examples.MOST_CHARACTERS < 2 * len(texts[0])
    assert texts[1] is None
    assert block["omitted"] == "truth: more than 2000000 characters"
    assert block["truth"]["sha256"] == hashlib.sha256(truth.astype("<u2").tobytes()).hexdigest()
