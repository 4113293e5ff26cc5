"""Labels that come back are those that their hash says, and never more memory than that."""

from __future__ import annotations

import base64
import hashlib
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest

from osgrepro.common.errors import RecordError
from osgrepro.payload import examples as payload
from osgrepro.results import records
from osgrepro.results.records import examples

SCORES = np.random.default_rng(3).random((500, 300))
TRUTH = np.arange(500) % 300


def vector(data: bytes, compressed: bytes | None = None) -> dict[str, Any]:
    packed = zlib.compress(data) if compressed is None else compressed
    return {
        "sha256": hashlib.sha256(data).hexdigest(),
        "zlib": base64.b64encode(packed).decode(),
    }


def block(**changes: Any) -> dict[str, Any]:
    plain: dict[str, Any] = dict.fromkeys(("truth", "ranks", "omitted"))
    plain |= {"count": 4, "classes": 3, "type": "uint8", "predicted": vector(bytes([0, 1, 2, 1]))}
    return plain | changes


def test_what_the_payload_packs_is_taken_and_comes_out() -> None:
    packed = payload.recorded(SCORES, TRUTH)
    examples.check(packed)
    predicted = packed["predicted"]
    labels = records.decoded(
        base64.b64decode(predicted["zlib"]), packed["count"], packed["type"], predicted["sha256"]
    )
    assert packed["type"] == "uint16"
    assert labels.tolist() == SCORES.argmax(axis=1).tolist()


@pytest.mark.parametrize(
    "sound",
    [
        None,
        block(),
        block(predicted=None),
        block(predicted={"sha256": "0" * 64, "zlib": None}),
        dict.fromkeys(("count", "classes", "type", "predicted", "truth", "ranks", "omitted")),
        block(ranks=vector(bytes([1, 255, 9, 2]))),
        block(type="uint16", predicted=vector(bytes([0, 0, 1, 0, 2, 0, 1, 0]))),
    ],
)
def test_sound_labels_are_taken(sound: dict[str, Any] | None) -> None:
    examples.check(sound)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"count": None}, "number or type"),
        ({"type": None, "predicted": None}, "number or type"),
        ({"count": 3}, "not 3 numbers"),
        ({"count": 5}, "not 5 numbers"),
        ({"type": "uint16"}, "not 4 numbers"),
        ({"classes": 2}, "2 of 2 classes"),
        ({"truth": vector(bytes([0, 1, 2, 7]))}, "truth: 7 of 3"),
        ({"ranks": vector(bytes([1, 1, 1]))}, "ranks"),
        ({"predicted": {**vector(bytes(4)), "sha256": "0" * 64}}, "other labels"),
        ({"predicted": vector(bytes(4), b"no zlib")}, "predicted"),
        ({"predicted": vector(bytes(4), zlib.compress(bytes(4))[:-1])}, "not 4"),
        ({"predicted": vector(bytes(4), zlib.compress(bytes(4)) + b"more")}, "not 4"),
        ({"predicted": {"sha256": "0" * 64, "zlib": "abc"}}, "predicted"),
    ],
)
def test_labels_that_are_not_what_they_say_are_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(RecordError, match=why) as caught:
        examples.check(block(**changes))
    assert caught.value.reason == "examples"
    assert "examples" in records.REASONS


def test_a_bomb_does_not_go_off() -> None:
    bomb = zlib.compress(bytes(200_000_000))
    assert len(bomb) < 2_000_000 * 3 / 4
    tracemalloc.start()
    with pytest.raises(ValueError, match="not 4"):
        records.decoded(bomb, 4, "uint8", "0" * 64)
    assert tracemalloc.get_traced_memory()[1] < 2_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("count", "kind"), [(0, "uint8"), (-1, "uint8"), (10**12, "uint8"), (4, "O"), (4, "float64")]
)
def test_numbers_of_no_such_count_or_type_are_refused(count: int, kind: str) -> None:
    data = bytes(max(count, 0) if count < 9 else 4)
    with pytest.raises(ValueError, match="numbers"):
        records.decoded(zlib.compress(data), count, kind, hashlib.sha256(data).hexdigest())
