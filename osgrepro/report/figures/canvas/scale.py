"""From values to pixels, and the round values that an axis names."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from osgrepro.report.figures.canvas.drawing import SIZE
from osgrepro.report.figures.canvas.words import text_width


@dataclass(frozen=True, kw_only=True, slots=True)
class Scale:
    """A linear scale: the values ``low`` to ``high`` lie on the pixels ``start`` to ``end``."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """Return the pixel of a value."""
        # The share first: the difference of two huge values times a length could overflow.
        share = value / 2 / self._half - self.low / 2 / self._half
        return self.start + (self.end - self.start) * share

    @property
    def _half(self) -> float:
        return self.high / 2 - self.low / 2

    def within(self, value: float) -> float:
        """Return the pixel of a value, or the end of the scale that it lies beyond."""
        return self(min(max(value, self.low), self.high))

    def ticks(self) -> tuple[tuple[float, str], ...]:
        """Return round values on this scale and how they are written, as many as find room."""
        length = abs(self.end - self.start)
        for wanted in (6, 5, 4, 3, 2):
            found = _ticks(self.low, self.high, wanted)
            # Upright axes have a line for each; the others need room for the words.
            room = sum(text_width(words, SIZE) + 20 for _, words in found)
            if room <= length:
                return found
        return found[:: max(len(found) - 1, 1)]


def scale(values: Iterable[float], start: float, end: float, margin: float = 0.04) -> Scale:
    """Return the scale on which all ``values`` find room, with a margin at both ends."""
    known = [value for value in values if math.isfinite(value)]
    low, high = min(known), max(known)
    # What doesn't vary stands in the middle of a scale of its own size.
    apart = high / 2 - low / 2 or abs(high) / 200 or 0.5
    middle = low / 2 + high / 2
    half = apart * (1 + 2 * margin)
    return Scale(low=middle - half, high=middle + half, start=start, end=end)


def _ticks(low: float, high: float, wanted: int) -> tuple[tuple[float, str], ...]:
    """Return about ``wanted`` round values: multiples of 1, 2 or 5 times a power of ten."""
    rough = (high / 2 - low / 2) / wanted * 2
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first, last = math.ceil(low / step), math.floor(high / step)
    return tuple((index * step, _written(index * step, step)) for index in range(first, last + 1))


def _written(value: float, step: float) -> str:
    decimals = max(-math.floor(math.log10(step) + 1e-9), 0)
    plain = f"{value:.{decimals}f}" if abs(value) < 1e6 and decimals < 8 else f"{value:.6g}"
    return plain.replace("-", "−")
