"""A figure's shapes: the same on a page and on paper, and scales that can be read."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import pytest
from matplotlib import image

from osgrepro.report.figures.canvas.canvas import Canvas, blank
from osgrepro.report.figures.canvas.panels import ticks
from osgrepro.report.figures.canvas.printing import DOTS_PER_INCH, printed
from osgrepro.report.figures.canvas.svg import element

SVG = "{http://www.w3.org/2000/svg}"
BLACK = "#000000"


def drawn() -> Canvas:
    """Return a canvas with a shape of each kind, none on another."""
    canvas = blank(100, 200)
    axes = canvas.axes(20, 10, 100, 50, (0, 10), 5)
    axes.box((0, 0, 2, 1), fill=BLACK)
    axes.polygon(((4, 0), (6, 0), (6, 1)), BLACK)
    axes.reach((7, 99), 2.5, BLACK, 2.0, butt=True)
    axes.mark(1, 3.5, "o", 6, BLACK)
    axes.box((4, 3, 2, 1), fill="#ff0000", hatch="///")
    return canvas


# In points: within each shape, and just beyond its ends.
@pytest.mark.parametrize(
    ("place", "ink"),
    [
        *(((21, 11), True), ((39, 19), True), ((41, 11), False), ((21, 21), False)),
        *(((79, 11), True), ((62, 18), False), ((95, 35), True), ((119, 35), True)),
        *(((122, 35), False), ((95, 38), False), ((30, 45), True), ((30, 50), False)),
    ],
)
def test_paper_has_ink_where_the_shapes_are(place: tuple[float, float], ink: bool) -> None:
    dots = image.imread(io.BytesIO(printed(drawn(), "png")), format="png")
    column, row = (int(points / 72 * DOTS_PER_INCH) for points in place)
    assert bool(dots[row, column][:3].sum() < 1) is ink


def test_a_page_has_the_same_shapes_at_the_same_places() -> None:
    root = ET.fromstring(element(drawn(), name="f", title="t", caption="c"))
    assert root.get("viewBox") == "0 0 200 100"
    first = root.findall(f"{SVG}rect")[1]
    assert [first.get(key) for key in ("x", "y", "width", "height")] == ["20", "10", "20", "10"]
    (polygon,) = root.iter(f"{SVG}polygon")
    assert polygon.get("points") == "60,10 80,10 80,20"
    (line,) = root.iter(f"{SVG}line")
    assert [line.get(key) for key in ("x1", "x2", "y1")] == ["90", "120", "35"]
    (circle,) = root.iter(f"{SVG}circle")
    assert [circle.get(key) for key in ("cx", "cy", "r")] == ["30", "45", "3"]
    (pattern,) = root.iter(f"{SVG}pattern")
    assert f"url(#{pattern.get('id')})" in [box.get("fill") for box in root.iter(f"{SVG}rect")]


def test_what_is_cut_says_the_whole_below_the_pointer() -> None:
    canvas = blank(20)
    canvas.text(0, 10, "a<b" * 99, width=50)
    (text,) = ET.fromstring(element(canvas, name="f", title="t", caption="c")).iter(f"{SVG}text")
    assert [title.text for title in text] == ["a<b" * 99]
    assert "…" in "".join(text.itertext()).removeprefix("a<b" * 99)


@pytest.mark.parametrize(
    ("low", "high", "factor", "written"),
    [
        (0.929, 1.007, 100.0, ["94", "96", "98", "100"]),
        (-0.034, 0.021, 1.0, ["−0.02", "0.00", "0.02"]),
        (0.7399, 0.7421, 1.0, ["0.7400", "0.7405", "0.7410", "0.7415", "0.7420"]),
        (2.9e9, 4.1e9, 1.0, ["3.0e+09", "3.5e+09", "4.0e+09"]),
        (-1e-9, 1.1e-9, 1.0, ["−1.0e−09", "−5.0e−10", "0.0e+00", "5.0e−10", "1.0e−09"]),
    ],
)
def test_ticks_are_round_and_told_apart(
    low: float, high: float, factor: float, written: list[str]
) -> None:
    places, words = ticks(low, high, factor)
    assert words == written
    assert all(low <= place <= high for place in places)


@pytest.mark.parametrize("exponent", [-150, -9, -1, 0, 1, 7, 149])
@pytest.mark.parametrize("width", [1.0, 1.3, 2.0, 2.7, 4.9, 5.1, 9.9])
@pytest.mark.parametrize("start", [-3.3, -0.5, 0.0, 0.77, 40.1])
def test_a_scale_has_two_to_six_ticks(exponent: int, width: float, start: float) -> None:
    low = start * 10.0**exponent
    places, words = ticks(low, low + width * 10.0**exponent)
    assert 2 <= len(places) <= 6
    assert len(set(words)) == len(words)
