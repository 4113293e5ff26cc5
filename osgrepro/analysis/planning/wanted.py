"""Reads what is wanted, such as ``p_upper=0.05``: its name, and whether its value can be."""

from __future__ import annotations

import math
from dataclasses import dataclass

from osgrepro.common.errors import UsageError, did_you_mean

# What each bound is, and a value that it may have.
EXAMPLES = {
    **{"p_upper": "0.05", "s_R": "1.5", "range": "0.9", "flips": "0.1", "seeds": "3"},
    "margin": "0.005",
}
_SHARE, _FACTOR = (0.0, 1.0, "a share between 0 and 1"), (1.0, math.inf, "a factor above 1")
_LIMITS = {
    **dict.fromkeys(("p_upper", "range", "flips"), _SHARE),
    **dict.fromkeys(("s_R", "seeds"), _FACTOR),
    "margin": (0.0, math.inf, "a number above 0, in the metric's unit"),
}


@dataclass(frozen=True, kw_only=True, slots=True)
class Wanted:
    """A bound that is wanted: its name, its value, and the text that asked for it."""

    name: str
    value: float
    text: str


def wanted(text: str) -> Wanted:
    """Read what is wanted, such as ``p_upper=0.05``.

    Raises
    ------
    UsageError
        If there is no such bound, or its value can't be.
    """
    name, _, number = (part.strip() for part in text.partition("="))
    if name not in EXAMPLES:
        every = ", ".join(f"{bound}={value}" for bound, value in EXAMPLES.items())
        raise UsageError(
            f"--plan {text}: no bound is named {name!r}{did_you_mean(name, list(EXAMPLES))}",
            hint=f"write one of these, with a value of yours: {every}",
        )
    low, high, limits = _LIMITS[name]
    hint = f"write {limits}, such as --plan {name}={EXAMPLES[name]}"
    try:
        value = float(number)
    except ValueError:
        fault = f"{number!r} is no number" if number else f"the value of {name} is missing"
        raise UsageError(f"--plan {text}: {fault}", hint=hint) from None
    if not low < value < high:
        raise UsageError(f"--plan {text}: {number} is not {limits}", hint=hint)
    return Wanted(name=name, value=value, text=f"{name}={number}")
