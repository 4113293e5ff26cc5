"""The labels of a result's examples: compressed on the slot, and decompressed within bounds.

Called when a result is judged, and by the dataset when somebody asks for labels.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from typing import Any

import numpy as np

from osgrepro.common.errors import RecordError
from osgrepro.common.models import Json

Labels = np.ndarray[Any, np.dtype[np.unsignedinteger[Any]]]
RANKS = "uint8"
_KINDS = ("uint8", "uint16", "uint32")
_MOST = 1_000_000


def decoded(compressed: bytes, count: int, kind: str, sha256: str) -> Labels:
    """Return so many labels (or ranks) from their compressed bytes.

    Parameters
    ----------
    compressed : bytes
        By zlib, of numbers whose lowest byte comes first.
    count, kind : int, str
        How many there are, and of which type: ``uint8``, ``uint16`` or ``uint32``.
    sha256 : str
        Of the bytes that come out.

    Raises
    ------
    ValueError
        If anything else comes out; of what is larger, only a byte too many is ever held.
    """
    if kind not in _KINDS or not 1 <= count <= _MOST:
        raise ValueError(
            f"{count} numbers of the type {kind!r:.40}; there can be 1 to {_MOST:,}, of the types "
            f"{', '.join(_KINDS)}"
        )
    order = np.dtype(kind).newbyteorder("<")
    size = count * order.itemsize
    stream = zlib.decompressobj()
    try:
        raw = stream.decompress(compressed, size + 1)
    except zlib.error as error:
        raise ValueError(str(error)) from None
    if len(raw) != size or not stream.eof or stream.unused_data:
        raise ValueError(f"not {count} numbers of the type {kind}")
    if hashlib.sha256(raw).hexdigest() != sha256:
        raise ValueError("other labels than those of its sha256")
    return np.frombuffer(raw, order)


def check(block: Json | None) -> None:
    """See that a result's labels, which are as the schema says, are those that they claim to be.

    Raises
    ------
    RecordError
        With the first fault.
    """
    if block is None:
        return
    vectors = {name: block[name] for name in ("predicted", "truth", "ranks")}
    described = [block[name] for name in ("count", "classes", "type")]
    if None in described:
        if any(vectors.values()) or described.count(None) != len(described):
            raise RecordError("labels without their number or type", reason="examples")
        return
    count, classes, kind = int(block["count"]), int(block["classes"]), block["type"]
    for name, vector in vectors.items():
        if vector is None or vector["zlib"] is None:
            continue
        try:
            data = base64.b64decode(vector["zlib"], validate=True)
            own = decoded(data, count, RANKS if name == "ranks" else kind, vector["sha256"])
        except (binascii.Error, ValueError) as error:
            raise RecordError(f"{name}: {error}"[:200], reason="examples") from None
        if name != "ranks" and int(own.max()) >= classes:
            raise RecordError(f"{name}: {own.max()} of {classes} classes", reason="examples")
