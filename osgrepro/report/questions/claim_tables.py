"""The numbers of a claim in the unit of its metric, with the digits that its answer takes."""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Sequence
from decimal import Decimal

from osgrepro.analysis.findings import ClaimCell, ClaimFindings
from osgrepro.common.numbers import p_value
from osgrepro.report import words

_TESTED = ("p", "p, Holm")
# Of so many times the farthest distance a margin is hardly ever missed.
_WIDE = 3
# A number of 64 bits has no more digits.
_MOST_DIGITS = 17
# Relative: numbers of 32 bits that are nearer are one.
_SINGLE = 2.0**-22


def judged(
    claim: ClaimFindings, cells: Sequence[ClaimCell], answers: Sequence[str]
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Return a table's columns and rows: only what a claim of this kind has.

    Values of a share are in percent and their differences in points, with so many digits that each
    is on the side of the claim's bound that its answer says; ``answers`` are the cells' own.
    """
    compared = any(cell.b is not None for cell in cells)
    tested = any(cell.p is not None for cell in cells)
    of_value, of_effect = _suffixes(claim)
    columns = [f"a{of_value}", f"b{of_value}", f"a − b{of_effect}"]
    columns = columns if compared else [f"value{of_value}"]
    columns += [f"interval{of_effect}", *_TESTED] if tested else []
    rows = [
        (
            cell.software,
            cell.hardware,
            *_values(cell, claim, compared=compared),
            *(_tested(cell, claim) if tested else ()),
            answer,
        )
        for cell, answer in zip(cells, answers, strict=True)
    ]
    return ("software", "hardware", *columns, "holds"), rows


def unit_of(claim: ClaimFindings) -> words.Unit:
    """Return how the values of a claim are printed."""
    values = (number for cell in claim.cells for number in (cell.a, cell.b))
    return words.unit(claim.metric, values)


def bounds(claim: ClaimFindings) -> tuple[float, ...]:
    """Return the value, or both ends of the margin, that a claim is about."""
    if claim.margin is None:
        return (claim.delta,)
    return tuple(float(f"{claim.delta + way * claim.margin:.12g}") for way in (-1, 1))


def in_unit(number: float, claim: ClaimFindings, text: str = "") -> str:
    """Return an effect in the unit of the claim's metric, with its name."""
    scaled = _scaled(text or repr(number), claim)
    compared = any(cell.b is not None for cell in claim.cells)
    return _points(scaled, claim) if compared else f"{scaled}{unit_of(claim).of_values}"


def margin(claim: ClaimFindings) -> Iterator[str]:
    """Yield how wide the margin of an equivalence is beside the distances that were seen."""
    apart = [abs(cell.difference - claim.delta) for cell in claim.cells]
    if claim.margin is None or not apart or not all(map(math.isfinite, apart)):
        return
    farthest = max(apart)
    width = _points(_scaled(repr(claim.margin), claim), claim)
    away = _points(_scaled(f"{farthest:.3g}", claim), claim)
    text = f"The margin is {width}; the farthest environment is {away} from "
    text += in_unit(claim.delta, claim)
    if 0 < _WIDE * farthest < claim.margin:
        times = f"{claim.margin / farthest:.2g}"
        text += (
            f": a margin {float(times):,.0f} times as wide as all that was seen is hardly missed"
        )
    yield f"{text}."


def untested(claim: ClaimFindings) -> str:
    """Return that a test had nothing to test with, as a part of a sentence; empty where it had."""
    tied = sum(cell.p is None and math.isfinite(cell.difference) for cell in claim.cells)
    if claim.test == "difference" or not tied:
        return ""
    where = "in none of them" if tied == len(claim.cells) else f"in {tied} of them not"
    return f"by the means, since {where} did runs scatter, so that there is nothing to test with"


def _values(cell: ClaimCell, claim: ClaimFindings, *, compared: bool) -> Iterator[str]:
    """Yield a, b and their difference, or the value where nothing is compared."""
    if compared:
        for number in (cell.a, cell.b):
            yield words.NONE if number is None else _digits(number, claim)
    ends = bounds(claim)
    equal = _equal(cell, ends)
    if equal is not None:
        yield _scaled(repr(equal), claim)
    else:
        yield _digits(cell.difference, claim, ends, 6 if compared else 8)


def _equal(cell: ClaimCell, ends: Sequence[float]) -> float | None:
    """Return the bound that a cell's difference is equal to but for the rounding of 32 bits."""
    sides = [cell.a] if cell.b is None else [cell.a, cell.b]
    if not all(map(_single, sides)):
        return None
    room = _SINGLE * max(map(abs, sides))
    return next((end for end in ends if abs(cell.difference - end) <= room), None)


def _digits(
    number: float, claim: ClaimFindings, ends: Sequence[float] = (), fewest: int = 8
) -> str:
    """Return a number in the metric's unit with the digits that show on which side of bounds it is.

    One of 32 bits has the fewest that stand for it, as 0.9915 for 0.99150002.
    """
    if not math.isfinite(number):
        return words.Unit(factor=1, of_values="", of_spreads="").value(number)
    texts = [f"{number:.{count}g}" for count in range(fewest, _MOST_DIGITS + 1)]
    if _single(number):
        short = (f"{number:.{count}g}" for count in range(4, 10))
        texts = [text for text in short if _rounded(float(text)) == number] + texts
    sides = _sides(number, ends)
    right = (text for text in texts if _sides(float(text), ends) == sides)
    return _scaled(next(right, texts[-1]), claim)


def _sides(number: float, ends: Sequence[float]) -> list[int]:
    return [(number > end) - (number < end) for end in ends]


def _single(number: float) -> bool:
    return _rounded(number) == number


def _rounded(number: float) -> float:
    """Return the number of 32 bits that is nearest; infinite beyond all of them."""
    try:
        return float(struct.unpack("f", struct.pack("f", number))[0])
    except OverflowError:
        return math.inf


def _tested(cell: ClaimCell, claim: ClaimFindings) -> tuple[str, ...]:
    """Return the interval, and its p-values."""
    interval = words.NONE
    if cell.low is not None and cell.high is not None:
        low, high = (_digits(end, claim, bounds(claim), 4) for end in (cell.low, cell.high))
        interval = low if low == high else f"{low} to {high}"
    return (interval, *(words.NONE if p is None else p_value(p) for p in (cell.p, cell.p_holm)))


def _scaled(text: str, claim: ClaimFindings) -> str:
    """Return a decimal number in the metric's unit, digit by digit."""
    factor = unit_of(claim).factor
    if factor == 1:
        return text.removesuffix(".0")
    scaled = Decimal(text) * int(factor)
    plain = f"{scaled:f}" if abs(scaled) < 10**6 else f"{scaled:g}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return "0" if plain in {"-0", ""} else plain


def _suffixes(claim: ClaimFindings) -> tuple[str, str]:
    """Return what follows the names of values and of effects in a table's head."""
    unit = unit_of(claim)
    if not unit.of_spreads:
        return "", ""
    percent, points = f",{unit.of_values}", f", {unit.of_spreads}"
    compared = any(cell.b is not None for cell in claim.cells)
    return percent, points if compared else percent


def _points(text: str, claim: ClaimFindings) -> str:
    """Return a difference with its unit: ``1 point``, ``0.5 points``, or none."""
    name = unit_of(claim).of_spreads
    if not name:
        return text
    return f"{text} {name.removesuffix('s') if text.lstrip('+-−') == '1' else name}"
