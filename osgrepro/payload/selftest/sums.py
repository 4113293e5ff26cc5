"""The sums of the self-test and their answers, which every correct implementation gives.

All are of whole numbers so small that float32 holds each partial sum, and TensorFloat-32 and
bfloat16 each factor: neither the order of a sum nor a fused product can change a bit.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, List, Optional, Tuple

_SIZE = 256
_SIDE, _KERNEL, _CHANNELS, _FILTERS = 18, 3, 4, 8


@dataclass(frozen=True)
class Sum:
    """One operation on float32 arrays, given as nested lists.

    Attributes
    ----------
    name : str
        As :data:`ALL` has it, and as people read it.
    operands : tuple of nested lists
        An image has the axes of batch, height, width, channel; a kernel those of height, width,
        channel, filter.
    answer : list of float
        What it is, in the order of the result's axes.
    tolerance : float
        What an answer may differ: fast convolutions multiply by fractions.
    """

    name: str
    operands: Tuple[Any, ...]
    answer: List[float]
    tolerance: float = 0.0

    def fault(self, result: Any) -> Optional[str]:
        """Return what is wrong with ``result``, nested lists or a number; None if nothing is."""
        numbers = flat(result)
        if len(numbers) != len(self.answer):
            return f"{len(numbers)} numbers instead of {len(self.answer)}"
        wrong = [
            place
            for place, (number, right) in enumerate(zip(numbers, self.answer))
            if not abs(number - right) <= self.tolerance  # NaN is never within it
        ]
        if not wrong:
            return None
        first = wrong[0]
        values = f"{numbers[first]!r} instead of {self.answer[first]!r}"
        return f"{len(wrong)} of {len(numbers)} numbers are wrong, the first is {values}"


def flat(values: Any) -> List[float]:
    """Return the numbers of nested lists in one list."""
    if not isinstance(values, list):
        return [float(values)]
    while values and isinstance(values[0], list):
        values = [value for inner in values for value in inner]
    return [float(value) for value in values]


def _copy() -> Sum:
    rows = [[float(_SIZE * row + column) for column in range(_SIZE)] for row in range(_SIZE)]
    return Sum("copy", (rows,), flat(rows))


def _sum() -> Sum:
    rows = [[float((_SIZE * i + j) % 127) for j in range(_SIZE)] for i in range(_SIZE)]
    return Sum("sum", (rows,), [sum(flat(rows))])


def _product() -> Sum:
    """The rows of the left repeat after 7, the columns of the right after 5: so does the answer."""
    left = [[float((3 * i + 5 * k) % 7 - 3) for k in range(_SIZE)] for i in range(_SIZE)]
    right = [[float((2 * k + 4 * j) % 5 - 2) for j in range(_SIZE)] for k in range(_SIZE)]
    few = [
        [sum(left[i][k] * right[k][j] for k in range(_SIZE)) for j in range(5)] for i in range(7)
    ]
    answer = [few[i % 7][j % 5] for i in range(_SIZE) for j in range(_SIZE)]
    return Sum("matrix product", (left, right), answer)


def _convolution() -> Sum:
    side, channels, filters = range(_SIDE), range(_CHANNELS), range(_FILTERS)
    image = [
        [[float((5 * y + 3 * x + 2 * c) % 9 - 4) for c in channels] for x in side] for y in side
    ]
    kernel = [
        [
            [[float((2 * y + 7 * x + 3 * c + f) % 5 - 2) for f in filters] for c in channels]
            for x in range(_KERNEL)
        ]
        for y in range(_KERNEL)
    ]
    places = [(y, x, c) for y in range(_KERNEL) for x in range(_KERNEL) for c in channels]
    inside = range(_SIDE - _KERNEL + 1)
    answer = [
        sum(image[top + y][left + x][c] * kernel[y][x][c][f] for y, x, c in places)
        for top in inside
        for left in inside
        for f in filters
    ]
    return Sum("convolution", ([image], kernel), answer, tolerance=0.25)


ALL = ("copy", "sum", "matrix product", "convolution")


def every() -> List[Sum]:
    """Return all sums, in the order of :data:`ALL`; takes some hundredths of a second."""
    return [_copy(), _sum(), _product(), _convolution()]
