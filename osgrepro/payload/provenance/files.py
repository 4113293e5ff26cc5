"""Reading small files of /proc and /sys, and the lists of numbers in them."""

from __future__ import annotations

import os
from typing import Iterable, List, Optional


def text(path: str) -> str:
    """Return a small file's text without white space around it."""
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read().strip()


def text_or_none(path: str) -> Optional[str]:
    """Return a small file's text, or None where there is no such file or no right to read it."""
    try:
        return text(path)
    except OSError:
        return None


def first_text(paths: Iterable[str]) -> Optional[str]:
    """Return the text of the first of ``paths`` that can be read."""
    return next((content for content in map(text_or_none, paths) if content is not None), None)


def entries(folder: str) -> List[str]:
    """Return the sorted names in a folder; none if it is not there."""
    return sorted(os.listdir(folder)) if os.path.isdir(folder) else []


def ranges(numbers: Iterable[int]) -> str:
    """Return numbers as Linux writes CPU lists: ``0-3,8``."""
    parts: List[List[int]] = []
    for number in sorted(numbers):
        if parts and number == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], number]
        else:
            parts.append([number])
    return ",".join("-".join(str(end) for end in part) for part in parts)
