"""Texts of figures: names that may be hostile or endless, numbers, and how wide they will be."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

# Of a proportional sans-serif font, in shares of its size; a little too wide on the whole.
_NARROW, _USUAL, _CAPITAL, _WIDE = 0.37, 0.62, 0.74, 1.0


def text_width(text: str, size: float) -> float:
    """Estimate how many pixels ``text`` takes in a font of ``size`` pixels."""
    return size * sum(map(_share, text))


def _share(char: str) -> float:
    if char in "iljtfrI.,:;|!'()[] -":
        return _NARROW
    if unicodedata.east_asian_width(char) in "WF":
        return _WIDE
    return _CAPITAL if char.isupper() or char in "mwMW@%—…" else _USUAL


def shortened(text: str, width: float, size: float) -> str:
    """Return ``text`` cut in its middle to ``width`` pixels: long names differ at both ends."""
    if text_width(text, size) <= width:
        return text
    for keep in range(len(text) - 1, 1, -1):
        short = f"{text[: (keep + 1) // 2]}…{text[len(text) - keep // 2 :]}"
        if text_width(short, size) <= width:
            return short
    return "…"


def wrapped(text: str, width: float, size: float) -> list[str]:
    """Return ``text`` as lines of at most ``width`` pixels, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines


def slugs(names: Iterable[str]) -> dict[str, str]:
    """Return for each name one that any file system and any document's ids can hold, all unique."""
    slug_of: dict[str, str] = {}
    for name in dict.fromkeys(names):
        base = re.sub(r"[^A-Za-z0-9_]+", "-", name).strip("-")[:60] or "unnamed"
        slug, number = base, 2
        # Some file systems take upper and lower case for the same.
        while slug.casefold() in map(str.casefold, slug_of.values()):
            slug, number = f"{base}-{number}", number + 1
        slug_of[name] = slug
    return slug_of


def number(value: float, digits: int = 6) -> str:
    """Return ``value`` with at most ``digits`` significant digits and a real minus sign."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "∞" if value > 0 else "−∞"
    return f"{value:.{digits}g}".replace("-", "−")
