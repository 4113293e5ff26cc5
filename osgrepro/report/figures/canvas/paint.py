"""How an outcome class looks: a colour, a hatch when colours run out, and always its letter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from osgrepro.report.figures.canvas.drawing import INK, PAPER, Element, label, node, rect

# Paul Tol's light scheme (SRON/EPS/TN/09-002, 2021): distinct with any colour vision, and made to
# lie below dark letters.
PALETTE = ("#77aadd", "#eedd88", "#ee8866", "#44bb99", "#ffaabb", "#bbcc33", "#99ddff", "#aaaa00")
_HATCHES = (
    "M-1 7L7 -1M-1 1L1 -1M5 7L7 5",
    "M-1 -1L7 7M-1 5L1 7M5 -1L7 1",
    "M0 3H6",
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Paint:
    """The looks of one experiment's classes; ``numbers`` are theirs, the largest class being 0.

    ``scope`` keeps the ids of the hatches apart from those of other figures on the same page.
    """

    scope: str
    numbers: Mapping[str, int]

    def hatches(self) -> Element:
        """Return the definitions that :meth:`box` refers to."""
        patterns = [
            node(
                "pattern",
                node("path", d=path, stroke=INK, stroke_opacity=0.28, fill="none"),
                id=f"{self.scope}-hatch-{place}",
                patternUnits="userSpaceOnUse",
                width=6,
                height=6,
            )
            for place, path in enumerate(_HATCHES)
            if len(self.numbers) > (place + 1) * len(PALETTE)
        ]
        return node("defs", *patterns)

    def box(self, letter: str, x: float, y: float, width: float, height: float) -> list[Element]:
        """Return a box in the colour of a class, with its letter."""
        hatch, colour = divmod(self.numbers.get(letter, 0), len(PALETTE))
        hatch %= len(_HATCHES) + 1
        drawn = [rect(x, y, width, height, fill=PALETTE[colour])]
        if hatch:
            fill = f"url(#{self.scope}-hatch-{hatch - 1})"
            drawn.append(rect(x, y, width, height, fill=fill))
        return [*drawn, centred(letter, x + width / 2, y + height / 2, halo=bool(hatch))]


def centred(words: str, x: float, y: float, *, halo: bool = False) -> Element:
    """Return a text around the point, with a light rim where something is drawn below it."""
    rim: dict[str, Any] = (
        {"stroke": PAPER, "stroke_width": 3, "paint_order": "stroke"} if halo else {}
    )
    return label(x, y + 4, words, text_anchor="middle", **rim)


def fitting(letters: Sequence[str], width: float, share: float = 9.0) -> tuple[str, ...]:
    """Return the first letters that find room side by side; all of them, or room for ``+n``."""
    widest = max((len(letter) for letter in letters), default=1)
    places = max(int(width // (share * widest + 4)), 1)
    return tuple(letters) if len(letters) <= places else tuple(letters[: places - 1])
