"""Declared metrics are numbers or named; what else there is does not throw a training away."""

from __future__ import annotations

import pytest
from slot import Slot

from osgrepro.payload.faults import TrainingError
from osgrepro.payload.spec import Experiment
from osgrepro.payload.training import metrics


def experiment(*names):
    return Experiment(
        name="e", entry="t.py", code_sha256="", arguments=(), metrics_file="m.json", params={},
        environment={}, metrics=names, primary=names[0], data=(),
    )  # fmt: skip


def program(slot: Slot, content: str):
    slot.script(f"open('metrics.json', 'w').write({content!r})\n")
    slot.experiment["metrics_file"] = "metrics.json"
    return slot.run()


def test_a_history_and_a_text_beside_the_declared_number_are_left_out_and_told(slot):
    code, output, result = program(
        slot, '{"score": 0.93, "model": "resnet", "history": [1], "note": null, "best": 0.95}'
    )
    assert code == 0, output
    assert set(result["metrics"]) == {"score", "best"}
    (note,) = result["provenance"]["notes"]
    assert note.endswith("model, history, note")
    assert note in output


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ('"0.93"', "'0.93'"),
        ("[0.93]", "[0.93]"),
        ("null", "None"),
        ("{}", "{}"),
        ("1" + "0" * 310, "too large for a float"),
        ("1" + "0" * 5000, "5001 digits"),
    ],
)
def test_a_declared_metric_that_is_no_number_is_named(slot, value, said):
    code, _, result = program(slot, f'{{"score": {value}, "other": 1}}')
    assert code == 10
    message = result["exception"]["message"]
    assert message.startswith("metrics.score: not a number: ")
    assert said in message


def test_a_number_too_large_that_nobody_declared_is_left_out(slot):
    code, output, result = program(slot, '{"score": 1, "parameters": 1%s}' % ("0" * 5000))
    assert code == 0, output
    assert set(result["metrics"]) == {"score"}


@pytest.mark.parametrize("content", ["", "[" * 100_000, "[]", "\udcff"])
def test_a_file_that_is_no_object_is_failed_training(tmp_path, content):
    path = tmp_path / "metrics.json"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(TrainingError, match="metrics"):
        metrics.checked(metrics.read(str(path)), experiment("score"))


def test_a_byte_order_mark_is_no_matter(tmp_path):
    path = tmp_path / "metrics.json"
    path.write_bytes(b'\xef\xbb\xbf{"score": 1}')
    assert metrics.read(str(path)) == {"score": 1}


def test_a_value_whose_own_words_fail_is_named_by_its_type():
    class Mute:
        def __repr__(self):
            raise RuntimeError

    with pytest.raises(TrainingError, match=r"metrics\.a: not a number: Mute"):
        metrics.checked({"a": Mute()}, experiment("a"))


def test_a_million_undeclared_numbers_stay_away():
    found, notes = metrics.checked({"a": 1, **{f"n{i}": i for i in range(10_000)}}, experiment("a"))
    assert len(found) == 201
    assert "and 9788 more" in notes[0]
