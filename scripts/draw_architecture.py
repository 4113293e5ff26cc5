"""Draw docs/explanation/architecture.svg from the imports that the package really has.

Floors are those of import-linter's first contract in pyproject.toml; an arrow is drawn where any
module of a wing imports one of another. Counts are left out, so that the picture changes when the
structure does. `make architecture` calls this, and a test compares what it draws with the file.

usage: python scripts/draw_architecture.py [FILE]
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import grimp

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parents[1]
TARGET = ROOT / "docs" / "explanation" / "architecture.svg"
PACKAGE = "osgrepro"

# Where a wing's box begins and how wide it is; which floor it is on, the contract says.
PLACES = {
    "__main__": (20, 120),
    "cli": (20, 1010),
    "workflow": (20, 1010),
    "report": (470, 320),
    "software": (180, 270),
    "analysis": (500, 320),
    "pool": (230, 220),
    "campaign": (20, 130),
    "runs": (180, 365),
    "results": (585, 230),
    "hardware": (840, 190),
    "common": (20, 1010),
    "payload": (20, 690),
    "brake": (740, 290),
}
WIDTH, HEIGHT, TOP, PITCH = 1050, 76, 20, 120
LETTER = 6.6  # of the small text, in pixels
LANE, MARGIN = 11, 14
COLOURS = {
    "cli": "#6a1b9a",
    "workflow": "#0b4f8a",
    "report": "#9c2a00",
    "analysis": "#00695c",
    "software": "#795500",
    "pool": "#37474f",
}
INK, PAPER, OTHER = "#1a1a1a", "#ffffff", "#5a5a5a"


def floors() -> list[list[str]]:
    """Return the wings of each floor, from the top, as import-linter holds them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = contracts["contracts"][0]["layers"]
    return [[name.strip() for name in layer.split("|")] for layer in layers]


def imports() -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return the rooms of each wing, and which wing imports which."""
    graph = grimp.build_graph(PACKAGE, exclude_type_checking_imports=True, cache_dir=None)
    wings = sorted(name.split(".")[1] for name in graph.find_children(PACKAGE))
    rooms = {
        wing: sorted(
            child.rpartition(".")[2]
            for child in graph.find_children(f"{PACKAGE}.{wing}")
            if graph.find_children(child)
        )
        for wing in wings
    }
    found = {
        (one.split(".")[1], other.split(".")[1])
        for one in graph.modules
        for other in graph.find_modules_directly_imported_by(one)
        # The package itself, which has the version, is no wing.
        if "." in one and "." in other
    }
    return rooms, sorted((one, other) for one, other in found if one != other)


class Drawing:
    """Boxes on floors, and arrows that come down in lanes of their own."""

    def __init__(self) -> None:
        self.rows = {name: row for row, layer in enumerate(floors()) for name in layer}
        self.rooms, self.edges = imports()
        if unplaced := sorted(set(self.rooms) ^ set(PLACES)):
            sys.exit(f"draw_architecture: PLACES and the package differ in {', '.join(unplaced)}")
        self.lanes: list[tuple[float, int, int]] = []

    def box(self, wing: str) -> tuple[float, float, float, float]:
        """Return left, top, right and bottom of a wing's box."""
        left, width = PLACES[wing]
        top = TOP + self.rows[wing] * PITCH
        return left, top, left + width, top + HEIGHT

    def crossed(self, x: float, first: int, last: int) -> int:
        """Return what it costs to cross what lies between two floors: letters cost most."""
        cost = 0
        for wing, row in self.rows.items():
            left, _, right, _ = self.box(wing)
            if first < row < last and left - 4 <= x <= right + 4:
                longest = max(map(len, (f"{wing} {wing}", *self.words(wing))))
                cost += 1 if x > left + 14 + longest * LETTER else 10
        return cost

    def words(self, wing: str) -> list[str]:
        """Return the lines below a wing's name."""
        apart = "imports nothing of the rest, and nothing of the rest imports it"
        rooms = apart if wing == "payload" else ", ".join(self.rooms[wing])
        return textwrap.wrap(rooms, int((PLACES[wing][1] - 20) / LETTER))

    def lane(self, one: str, other: str) -> float:
        """Return where an arrow comes down: free, through few boxes, near the middle."""
        first, last = self.rows[one], self.rows[other]
        left = max(self.box(one)[0], self.box(other)[0]) + MARGIN
        right = min(self.box(one)[2], self.box(other)[2]) - MARGIN
        middle = (self.box(other)[0] + self.box(other)[2]) / 2
        steps = [left + LANE * step for step in range(int((right - left) // LANE) + 1)]
        free = [
            x
            for x in steps
            if all(abs(x - taken) >= LANE or b <= first or a >= last for taken, a, b in self.lanes)
        ]
        if not free:
            sys.exit(f"draw_architecture: no lane from {one} to {other}: change PLACES")
        x = min(free, key=lambda x: (self.crossed(x, first, last), abs(x - middle)))
        self.lanes.append((x, first, last))
        return x

    def arrow(self, one: str, other: str) -> Iterator[ET.Element]:
        """Yield an arrow: a light edge first, so that it is seen over boxes and their letters."""
        x, start, end = self.lane(one, other), self.box(one)[3], self.box(other)[1]
        colour = COLOURS.get(one, OTHER)
        line = {"x1": f"{x:g}", "x2": f"{x:g}", "y1": f"{start:g}", "y2": f"{end - 6:g}"}
        yield node("line", stroke=PAPER, stroke_width="5", **line)
        shaft = node("line", stroke=colour, stroke_width="1.6", **line)
        shaft.append(node("title", words=f"{one} imports {other}"))
        yield shaft
        tip = f"M{x - 4:g},{end - 8:g} L{x + 4:g},{end - 8:g} L{x:g},{end:g} Z"
        yield node("path", d=tip, fill=colour)
        yield node("circle", cx=f"{x:g}", cy=f"{start:g}", r="2.4", fill=colour)

    def wing(self, name: str) -> Iterator[ET.Element]:
        """Yield a wing's box, its name and its rooms."""
        left, top, right, bottom = self.box(name)
        colour = COLOURS.get(name, OTHER)
        yield node(
            *("rect",),
            **{"x": f"{left:g}", "y": f"{top:g}", "width": f"{right - left:g}"},
            **{"height": f"{bottom - top:g}", "rx": "4", "fill": "#f4f5f7", "stroke": colour},
        )
        yield text(left + 10, top + 22, name, size=15, weight="bold", fill=colour)
        for number, line in enumerate(self.words(name)):
            yield text(left + 10, top + 40 + 15 * number, line, size=11.5)

    def svg(self) -> str:
        """Return the picture."""
        height = TOP + len(floors()) * PITCH
        root = node(
            *("svg",),
            xmlns="http://www.w3.org/2000/svg",
            viewBox=f"0 0 {WIDTH} {height}",
            font_family="DejaVu Sans, Verdana, sans-serif",
            role="img",
        )
        root.append(node("title", words="The wings of osgrepro, floor by floor, and their imports"))
        root.append(node("rect", width="100%", height="100%", fill=PAPER))
        for name in self.rows:
            root.extend(self.wing(name))
        # The longest first: they have the least choice.
        order = sorted(self.edges, key=lambda edge: (self.rows[edge[0]] - self.rows[edge[1]], edge))
        for one, other in order:
            root.extend(self.arrow(one, other))
        ET.indent(root)
        return ET.tostring(root, encoding="unicode") + "\n"


def node(tag: str, words: str | None = None, **attributes: str) -> ET.Element:
    """Return an element; a low line in an attribute's name becomes a dash."""
    made = ET.Element(tag, {key.replace("_", "-"): value for key, value in attributes.items()})
    made.text = words
    return made


def text(
    x: float, y: float, words: str, *, size: float, fill: str = INK, weight: str = "normal"
) -> ET.Element:
    """Return a line of text that begins at ``x``."""
    return node(
        *("text", words),
        **{"x": f"{x:g}", "y": f"{y:g}", "font-size": f"{size:g}", "font-weight": weight},
        fill=fill,
    )


def main(argv: list[str]) -> None:
    """Write the picture."""
    target = Path(argv[0]) if argv else TARGET
    target.write_text(Drawing().svg(), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
