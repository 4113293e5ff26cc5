"""The labels that were predicted, example by example: compressed, and small, or left out.

Called by the context when an experiment tells its predictions; NumPy arrays come in, and what goes
out fits into JSON. Nothing in here may cost a training that is done.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any, Dict, List, Optional, Tuple

from . import fingerprint

MOST_ITEMS = 1_000_000
# Characters of base64 in one result, of all its labels and ranks together.
MOST_CHARACTERS = 2_000_000

_TYPES = {"uint8": "<u1", "uint16": "<u2", "uint32": "<u4"}
_LARGEST_RANK = 255
_BLOCK_ROWS = 4096
# How far the shares of a soft label may be from 1 together.
_ROUNDING = 1e-3


class UnlabelledError(ValueError):
    """Labels that can't be recorded, and why."""


class NoClassificationError(UnlabelledError):
    """Predictions that stand for no labels, and why."""


def labels(predictions: Any, truth: Any = None, regression: bool = False) -> Optional[Any]:
    """Return the label of each prediction; None where they are no classification."""
    try:
        _check(predictions, regression)
        own = fingerprint.label_array(predictions)
        if truth is not None:
            _truth(truth, own)
    except NoClassificationError:
        return None
    except UnlabelledError:  # labels all the same, such as -1 and 1
        pass
    return own


def recorded(predictions: Any, truth: Any = None, regression: bool = False) -> Dict[str, Any]:
    """Return the labels of predictions as results hold them, or why there are none.

    Parameters
    ----------
    predictions : array
        A row of scores for each example, one probability, or the labels themselves.
    truth : array, optional
        The labels to be found: whole numbers from 0, or rows of shares.
    regression : bool
        Whether predictions are numbers, which stand for no labels.

    Returns
    -------
    dict
        ``count``, ``classes``, ``type``; ``predicted``, ``truth`` and ``ranks``, each null or
        the ``sha256`` of its bytes and, where they are small enough, ``zlib`` in base64;
        ``omitted``: what is left out and why, or null.
    """
    block: Dict[str, Any] = dict.fromkeys(
        ("count", "classes", "type", "predicted", "truth", "ranks", "omitted")
    )
    try:
        block.update(_block(predictions, truth, regression))
    except UnlabelledError as error:
        block["omitted"] = str(error)
    except Exception as error:
        block["omitted"] = f"{type(error).__name__}: {error}"[:200]
    return block


def _block(predictions: Any, truth: Any, regression: bool) -> Dict[str, Any]:
    _check(predictions, regression)
    own, outputs = _labels(predictions)
    true = None if truth is None else _truth(truth, own)
    classes = max(outputs, int(own.max()) + 1, 0 if true is None else int(true.max()) + 1)
    name, kind = _type(classes)
    ranks = None
    if true is not None and outputs > 2 and int(true.max()) < outputs:
        ranks = _ranks(predictions.reshape(-1, outputs), own, true)
    vectors = {
        "predicted": own.astype(kind).tobytes(),
        "truth": None if true is None else true.astype(kind).tobytes(),
        "ranks": ranks,
    }
    packed, omitted = _packed(vectors)
    return {"count": len(own), "classes": classes, "type": name, **packed, "omitted": omitted}


def _type(classes: int) -> Tuple[str, str]:
    """Return the smallest type that numbers the classes: its name, and how it is stored."""
    for name, kind in _TYPES.items():
        if classes <= 1 << 8 * int(kind[-1]):
            return name, kind
    raise UnlabelledError(f"{classes} classes are more than 32 bits can number")


def _check(predictions: Any, regression: bool) -> None:
    """See that predictions stand for labels."""
    if regression:
        raise NoClassificationError("a regression, as its script says: no classification")
    if predictions.size == 0 or predictions.ndim == 0:
        raise NoClassificationError("no predictions")
    if predictions.dtype.kind in "SUOMmc":
        raise NoClassificationError(f"predictions of the type {predictions.dtype}")
    if _outputs(predictions) > 1 or predictions.dtype.kind in "biu":
        return
    if ((predictions < 0) | (predictions > 1)).any():
        raise NoClassificationError("one output that leaves 0 to 1: no probability")


def _outputs(predictions: Any) -> int:
    return int(predictions.shape[-1]) if predictions.ndim > 1 else 1


def _labels(predictions: Any) -> Tuple[Any, int]:
    """Return the label of each example, and how many scores each has; 2 for one probability."""
    outputs = _outputs(predictions)
    items = predictions.size // outputs
    if items > MOST_ITEMS:
        raise UnlabelledError(f"{items} examples, more than {MOST_ITEMS}")
    if outputs == 1 and predictions.dtype.kind in "biu":
        return _numbered(predictions.reshape(-1), "labels"), 0
    return fingerprint.label_array(predictions).reshape(-1).astype("int64"), max(outputs, 2)


def _truth(truth: Any, labels: Any) -> Optional[Any]:
    """Return the true label of each example; None where there is another number of them."""
    if truth.size == labels.size:
        return _numbered(truth.reshape(-1), "true labels")
    if truth.ndim < 2 or truth.size != labels.size * truth.shape[-1]:
        return None
    if truth.min() < 0 or (abs(truth.sum(axis=-1) - 1) > _ROUNDING).any():
        raise NoClassificationError(
            "true values that are not shares of one label: no classification"
        )
    return truth.argmax(axis=-1).reshape(-1).astype("int64")


def _numbered(values: Any, what: str) -> Any:
    """Return labels as whole numbers."""
    whole = values.astype("int64")
    if (whole != values).any():
        raise NoClassificationError(f"{what} that are not whole: no classification")
    if (whole < 0).any():
        raise UnlabelledError(f"{what} below 0")
    return whole


def _ranks(scores: Any, labels: Any, truth: Any) -> bytes:
    """Return the place of the true label among the scores: 1 where it was predicted.

    Of scores that are equal none counts as larger, but 1 is the predicted label's alone.
    """
    pieces: List[bytes] = []
    for start in range(0, len(truth), _BLOCK_ROWS):
        rows, own = scores[start : start + _BLOCK_ROWS], truth[start : start + _BLOCK_ROWS]
        reached = rows[fingerprint.as_array(range(len(rows))), own]
        ranks = 1 + (rows > reached.reshape(-1, 1)).sum(axis=1)
        hit = labels[start : start + _BLOCK_ROWS] == own
        ranks[hit] = 1
        ranks[~hit & (ranks == 1)] = 2
        pieces.append(ranks.clip(1, _LARGEST_RANK).astype("uint8").tobytes())
    return b"".join(pieces)


def _packed(vectors: Dict[str, Optional[bytes]]) -> Tuple[Dict[str, Any], Optional[str]]:
    """Return each vector's hash and compressed bytes, and which had no room."""
    packed: Dict[str, Any] = {}
    room, large = MOST_CHARACTERS, []
    for name, data in vectors.items():
        if data is None:
            packed[name] = None
            continue
        text = base64.b64encode(zlib.compress(data)).decode("ascii")
        fits = len(text) <= room
        packed[name] = {
            "sha256": fingerprint.bytes_sha256(data),
            "zlib": text if fits else None,
        }
        if fits:
            room -= len(text)
        else:
            large.append(name)
    why = f"{', '.join(large)}: more than {MOST_CHARACTERS} characters" if large else None
    return packed, why
