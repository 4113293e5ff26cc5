"""The letters that name outcome classes, in every table and report the same."""

from __future__ import annotations


def letter(number: int) -> str:
    """Return the name of the class with this number, from 0: A to Z, then AA, AB and so on."""
    name = ""
    while number >= 0:
        number, place = divmod(number, 26)
        name, number = chr(ord("A") + place) + name, number - 1
    return name
