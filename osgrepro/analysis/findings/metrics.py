"""What the numbers of a metric are: shares or percents, and counts or results to the last bit.

By its name and its values, since a dataset records neither. Whoever says what runs have in common,
or prints a metric, asks here.
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import pairwise

# Counts of test items, and what is made of them: two runs that differ may have the same.
_COUNTED = frozenset(
    {
        *("accuracy", "acc", "top1", "top3", "top5", "f1", "fbeta", "fscore", "precision"),
        *("recall", "sensitivity", "specificity", "auc", "auroc", "map", "map50", "iou", "miou"),
        *("dice", "jaccard", "kappa", "mcc", "bleu", "wer", "cer", "em", "hits"),
    }
)
_COUNTED_PAIRS = frozenset(
    {("error", "rate"), ("err", "rate"), ("exact", "match"), ("hit", "rate")}
)
# What is computed from all the numbers that a model returns.
_LOSSES = frozenset({"loss", "losses", "nll", "mse", "mae", "rmse", "entropy", "crossentropy"})
_PARTS = re.compile(r"[a-z]+\d*|\d+")
# Significant digits of a rounded number: one in a million of 64 bits has as few, one in three
# hundred of 32.
_DIGITS, _DIGITS_OF_32 = 9, 5
# Ratios of whole numbers below these are told from other numbers of 64 and of 32 bits.
_RATIO, _RATIO_OF_32, _FINE = 10_000, 100, 1e-12


def is_share(metric: str) -> bool:
    """Whether a metric is, by its name, a share of test items: an accuracy."""
    return metric.lower().endswith(("accuracy", "acc"))


def is_counted(
    metric: str, values: Iterable[float | None], test_sets: Collection[int] = ()
) -> bool:
    """Whether a metric counts items or was rounded: runs that differ may have the same value.

    Only a loss, in all of its bits, or a hash is evidence that runs agree to the last bit.

    Parameters
    ----------
    metric : str
        Its name: accuracies, F1, error rates and their like count, whatever their values. A loss
        does not, unless its values were rounded.
    values : iterable of float
        Its different values; None and what is no finite number are passed over. What the name does
        not tell counts if each value does: has few digits, is a ratio of small whole numbers or,
        times the size of a test set (as a share or in percent), a whole number.
    test_sets : collection of int
        How many items the test sets have, where that is known.
    """
    if is_share(metric):
        return True
    parts = _PARTS.findall(metric.lower())
    numbers = (float(value) for value in values if value is not None and math.isfinite(value))
    if _LOSSES.intersection(parts):
        # Whole numbers and binary fractions are what a loss may end at.
        shown = [value for value in numbers if value * 2**10 % 1]
        return bool(shown) and all(map(_rounded, shown))
    if _COUNTED.intersection(parts) or _COUNTED_PAIRS.intersection(pairwise(parts)):
        return True
    return all(
        _rounded(value) or _ratio(value) or any(_whole(value, items) for items in test_sets)
        for value in numbers
    )


def counted_words(metrics: Collection[str]) -> str:
    """Return what a sentence calls metrics that count: accuracies, or what they are and names."""
    if all(map(is_share, metrics)):
        return "accuracies"
    return f"counts or rounded numbers ({', '.join(sorted(metrics))})"


def in_percent(metric: str, values: Iterable[float | None]) -> bool:
    """Whether a metric that is a share by its name was recorded in percent.

    That is so if all values are above 1 and at most 100; 0 may be either. Where some are shares,
    nobody can tell: two units were mixed.
    """
    known = [value for value in values if value is not None and math.isfinite(value) and value != 0]
    return is_share(metric) and bool(known) and all(1 < value <= 100 for value in known)


def in_shares(metric: str, values: Iterable[float | None]) -> bool:
    """Whether a metric is a share by its name, and no value says otherwise: all are 0 to 1."""
    known = (value for value in values if value is not None and math.isfinite(value))
    return is_share(metric) and all(0 <= value <= 1 for value in known)


def _in_32_bits(value: float) -> float:
    """Return a number rounded to 32 bits."""
    try:
        return float(struct.unpack("f", struct.pack("f", value))[0])
    except OverflowError:
        return math.inf


def _rounded(value: float) -> bool:
    """Whether a number has so few digits that somebody rounded it."""
    short = float(f"{value:.{_DIGITS}g}"), _in_32_bits(float(f"{value:.{_DIGITS_OF_32}g}"))
    return value in short


def _error(value: float) -> float:
    """Return how far off a number may be that was rounded to the bits that it has, relatively."""
    return 2.0**-23 if _in_32_bits(value) == value else 2.0**-50


def _ratio(value: float) -> bool:
    """Whether a number is a ratio of small whole numbers, up to its rounding."""
    error = _error(value)
    near = float(Fraction(value).limit_denominator(_RATIO if error < _FINE else _RATIO_OF_32))
    return abs(value - near) <= abs(value) * error


def _whole(value: float, items: int) -> bool:
    """Whether a number is a share of so many items, or a percentage of them, up to its rounding."""
    count = value * items / (1 if 0 <= value <= 1 else 100)
    return 0 <= count <= items and abs(count - round(count)) <= max(count, 1) * _error(value)
