"""Numbers as people read them: one rule each for shares, for p-values and for points.

Called by whoever writes a number into a sentence or a table, so that all of them look alike.
"""

from __future__ import annotations

import math

# Below, only that it is below is said: more digits would look like more knowledge.
_LEAST_PERCENT, _LEAST_P = 0.01, 0.0001
_SIGNIFICANT = 0.05


def percent(share: float) -> str:
    """Return a share or a probability in percent: three digits, and none below 0.01 %."""
    return f"{in_percent(share)} %"


def in_percent(share: float) -> str:
    """Return the same without its sign, for a range whose end has it."""
    if 0 < share * 100 < _LEAST_PERCENT:
        return f"< {_LEAST_PERCENT:g}"
    return f"{share * 100:.3g}"


def p_value(p: float) -> str:
    """Return a p-value: two digits, none below 0.0001; one below 0.05 never looks like 0.05."""
    if p < _LEAST_P:
        return f"< {_LEAST_P:.4f}"
    text = f"{p:.2g}"
    return f"{p:.3g}" if float(text) == _SIGNIFICANT else text


def p_is(p: float) -> str:
    """Return a p-value in a sentence: ``p = 0.012`` or ``p < 0.0001``."""
    text = p_value(p)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def points(size: float) -> str:
    """Return a difference in percentage points: two decimals, and below 0.1 two digits."""
    if not size:
        return "0"
    below = -math.floor(math.log10(abs(size)))
    return f"{size:.{max(2, below + 1)}f}"
