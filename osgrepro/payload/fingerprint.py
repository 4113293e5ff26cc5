"""Hashes and hexadecimal floats: what decides whether two runs had bitwise the same outcome.

Called by the context while it trains and by the trace; arrays and tensors come in, texts go out.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from typing import Any, Dict, Iterable, List, Mapping, Optional

from . import tensors

_BLOCK_BYTES = 1 << 20


def arrays(values: Iterable[Any]) -> str:
    """Return the sha256 of arrays or tensors: their order, types, shapes and bytes all count.

    Of a mapping, as a ``state_dict`` is one, names count in the place of the order.
    """
    if isinstance(values, Mapping):
        return mapping(tensors.entries(values))
    digest = hashlib.sha256()
    for index, value in enumerate(values):
        kind, sizes, data = tensors.described(value)
        shape = ",".join(str(size) for size in sizes)
        digest.update(f"{index}:{kind}:({shape})\n".encode("ascii"))
        digest.update(data)
    return digest.hexdigest()


def label_array(predictions: Any) -> Any:
    """Return the labels that predictions stand for: the largest of several, or more than half.

    Whole numbers of one column are labels already.
    """
    if predictions.ndim > 1 and predictions.shape[-1] > 1:
        return predictions.argmax(axis=-1).astype("<i4")
    flat = predictions.reshape(-1)
    if flat.dtype.kind not in "biu":
        return (flat > 0.5).astype("uint8")
    of_two = not flat.size or (flat.min() >= 0 and flat.max() <= 1)
    return flat.astype("uint8" if of_two else "<i8")


def most_frequent_share(labels: Any) -> Optional[float]:
    """Return the share of the most frequent class, of labels as one-hot rows or as numbers."""
    classes = labels.reshape(len(labels), -1) if len(labels) else labels
    if classes.ndim < 2:
        return None
    flat = classes.argmax(axis=1) if classes.shape[1] > 1 else classes[:, 0]
    counts = Counter(flat.tolist())
    return max(counts.values()) / len(flat)


def as_array(value: Any) -> Any:
    """Return ``value`` as a NumPy array, whatever it is made of."""
    return tensors.as_array(value)


def losses(history: Mapping[str, Iterable[Any]]) -> Dict[str, List[str]]:
    """Return each series of losses, epoch by epoch, as hexadecimal floats."""
    return {
        name: [float(_plain(value)).hex() for value in series]
        for name, series in history.items()
        if name.endswith("loss")
    }


def _plain(value: Any) -> Any:
    """Return a tensor that keeps a graph of what it came from without it."""
    return value.detach() if tensors.is_torch(value) else value


def mapping(hashes: Mapping[str, str]) -> str:
    """Return one sha256 of named hashes, whatever their order."""
    text = json.dumps(dict(hashes), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return bytes_sha256(text.encode("ascii"))


def metric(value: Any) -> Dict[str, Any]:
    """Return a metric as number and as hexadecimal float; no finite number, no ``value``."""
    number = float(_plain(value))
    return {"value": number if math.isfinite(number) else None, "hex": number.hex()}


def bytes_sha256(data: bytes) -> str:
    """Return the sha256 of ``data``."""
    return hashlib.sha256(data).hexdigest()


def file_sha256(path: str) -> str:
    """Return the sha256 of a file, read piece by piece."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(_BLOCK_BYTES), b""):
            digest.update(block)
    return digest.hexdigest()
