"""Names: the letters of outcome classes, and which metrics are shares, everywhere the same."""

from __future__ import annotations


def letter(number: int) -> str:
    """Return the name of the class with this number, from 0: A to Z, then AA, AB and so on."""
    name = ""
    while number >= 0:
        number, place = divmod(number, 26)
        name, number = chr(ord("A") + place) + name, number - 1
    return name


def is_share(metric: str) -> bool:
    """Whether a metric is, by its name, a share of test items: an accuracy."""
    return metric.lower().endswith(("accuracy", "acc"))
