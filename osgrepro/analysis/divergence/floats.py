"""How far two recorded numbers are apart, counted in floats."""

from __future__ import annotations

import math
import struct
from typing import NamedTuple


class Distance(NamedTuple):
    """Units in the last place, and of which type: ``float32`` or ``float64``."""

    ulps: int
    precision: str


def distance(a: str, b: str) -> Distance | None:
    """Return how far two hexadecimal floats (``float.hex``) are apart.

    The type is float32 where both are float32's numbers, which losses and metrics nearly always
    are. Counted as the distance of the bit patterns in their numeric order, so 0 for 0.0 and -0.0;
    None if a text is no finite number.
    """
    numbers = [_number(text) for text in (a, b)]
    if any(number is None for number in numbers):
        return None
    first, second = (float(number or 0.0) for number in numbers)
    single = _is_single(first) and _is_single(second)
    pattern, name = ("<f<i", "float32") if single else ("<d<q", "float64")
    return Distance(abs(_rank(first, pattern) - _rank(second, pattern)), name)


def _number(text: str) -> float | None:
    try:
        number = float.fromhex(text)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _is_single(number: float) -> bool:
    try:
        return bool(struct.unpack("<f", struct.pack("<f", number))[0] == number)
    except OverflowError:
        return False


def _rank(number: float, pattern: str) -> int:
    """Return the number's place among all floats, 0.0 being 0."""
    size = len(pattern) // 2
    bits: int = struct.unpack(pattern[size:], struct.pack(pattern[:size], abs(number)))[0]
    return -bits if number < 0 else bits
