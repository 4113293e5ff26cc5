"""The figures: what is drawn is what was found, whatever it is called."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any, TypeVar
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis.findings import (
    EMULATION_ANSWERS,
    Components,
    Confirmation,
    Findings,
    NotAssessable,
    Precision,
    to_json,
)
from osgrepro.common.models import Claim
from osgrepro.report.figures import Figure, figures
from osgrepro.report.figures.agreement import agreements
from osgrepro.report.figures.canvas.canvas import Format
from osgrepro.report.figures.canvas.looks import BLUE, INK
from osgrepro.report.figures.canvas.shapes import Area, Line, Mark, Rectangle, Shape, Text

ANSWERS = EMULATION_ANSWERS
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ('<script>"&', "=1+1", "\x1b[31m\x00", "\u202eabc", "x" * 300, r"$\frac{1}{$", "%s_{0}")


def found(hardware: tuple[str, ...] = ("a", "b", "c"), **columns: Any) -> Findings:
    """Return findings of three runs in each environment; the first one's repeats disagree."""
    rows = [
        {
            "experiment": "mnist",
            "software": software,
            "hardware": name,
            "status": "ok",
            "primary_metric": "accuracy",
            "metric.accuracy": (value := 0.8 + place / 100 + repeat / 400 * (place == 0)),
            "metric_hex.accuracy": value.hex(),
            **columns,
        }
        for software in ("tf", "jax")
        for place, name in enumerate(hardware)
        for repeat in range(3)
    ]
    claim = Claim(name="good", a="mnist", metric="accuracy", delta=0.8075)
    return analyze(pd.DataFrame(rows), [claim])


def named(drawn: tuple[Figure, ...], start: str) -> Figure:
    """Return the figure whose name begins so."""
    return next(figure for figure in drawn if figure.name.startswith(start))


Kind = TypeVar("Kind", bound=Shape)


def drawn_by(figure: Figure, kind: type[Kind]) -> list[Kind]:
    """Return the shapes of a kind, as they were drawn."""
    return [shape for shape in figure.draw().drawn if isinstance(shape, kind)]


def dots(figure: Figure) -> list[Mark]:
    """Return the dots of a figure, from the top."""
    return [mark for mark in drawn_by(figure, Mark) if mark.symbol == "o"]


def scale(figure: Figure, values: Collection[float]) -> Callable[[float], float]:
    """Return where a value lies in a figure whose dots and crosses stand at these."""
    places = [mark.x for mark in drawn_by(figure, Mark) if mark.symbol in "ox"]
    unit = (max(places) - min(places)) / (max(values) - min(values))
    return lambda value: min(places) + (value - min(values)) * unit


def marks(figure: Figure, mark: str) -> list[ET.Element]:
    """Return the elements with a mark."""
    return [one for one in ET.fromstring(figure.svg).iter() if one.get("data-mark") == mark]


@pytest.mark.parametrize("start", ["repeatability", "precision", "claim", "classes"])
def test_every_figure_is_drawn_with_its_numbers(start: str) -> None:
    figure = named(figures(found()), start)
    assert len(figure.rows) >= 6  # a cell of several classes has a row for each
    assert len(marks(figure, "cell")) + len(marks(figure, "flip")) == 6
    assert ET.fromstring(figure.svg).tag == f"{SVG}svg"


def test_dots_stand_where_their_numbers_are() -> None:
    figure = named(figures(found()), "precision")
    means = [float(row[2] or 0) for row in figure.rows]
    at = scale(figure, means)
    assert sorted(dot.x for dot in dots(figure)) == pytest.approx(sorted(map(at, means)))
    axis = next(line for line in drawn_by(figure, Line) if line.y[0] == line.y[1])
    assert axis.x[0] < min(dot.x for dot in dots(figure))
    assert axis.x[1] > max(dot.x for dot in dots(figure))


def test_the_band_is_as_wide_as_twice_s_r_of_all() -> None:
    known = found()
    precision = known.experiments[0].precision[0].precision
    assert isinstance(precision, Precision)
    figure = named(figures(known), "precision")
    at = scale(figure, [float(row[2] or 0) for row in figure.rows])
    band = drawn_by(figure, Rectangle)[0]
    ends = (precision.mean - precision.s_R, precision.mean + precision.s_R)
    assert (band.x, band.x + band.width) == pytest.approx(tuple(map(at, ends)))


def test_flips_are_crosses_and_their_rows_say_so() -> None:
    figure = named(figures(found()), "claim")
    flipped = [row for row in figure.rows if row[figure.columns.index("flips")] == "yes"]
    assert len(marks(figure, "flip")) == len(flipped) == 2
    assert {row[1] for row in flipped} == {"a"}


def drawn_of(claim: Claim) -> Figure:
    """Return the figure of a claim about three machines whose repeats scatter."""
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": name,
            "status": "ok",
            "metric.accuracy": value + step,
            "metric_hex.accuracy": (value + step).hex(),
        }
        for name, value in {"a": 0.9, "b": 0.8, "c": 0.7}.items()
        for step in (0.0, 0.01, -0.01)
    ]
    return named(figures(analyze(pd.DataFrame(rows), [claim])), "claim")


def test_an_interval_is_a_bar_and_what_it_does_not_decide_is_hollow() -> None:
    claim = Claim(name="good", a="mnist", metric="accuracy", delta=0.81, test="welch")
    figure = drawn_of(claim)
    holds, low, high = (figure.columns.index(name) for name in ("holds", "low", "high"))
    assert [row[holds] for row in figure.rows] == ["yes", "undecided", "no"]
    at = scale(figure, (0.9, 0.8, 0.7))
    # The wide ones behind them are the ranges of the runs.
    thin = [line for line in drawn_by(figure, Line) if line.line == 1 and line.y[0] == line.y[1]]
    ends = [tuple(at(float(row[end] or 0)) for end in (low, high)) for row in figure.rows]
    assert [line.x for line in thin] == [pytest.approx(pair) for pair in ends]
    hollow = [dot.x for dot in dots(figure) if dot.fill == "#ffffff"]
    assert hollow == pytest.approx([at(0.8)])
    assert "A hollow dot is undecided" in figure.caption


def test_equivalence_has_a_band() -> None:
    claim = Claim(
        name="same", a="mnist", metric="accuracy", delta=0.8, test="equivalence", margin=0.05
    )
    figure = drawn_of(claim)
    at = scale(figure, (0.9, 0.8, 0.7))
    ends = [line.x[0] for line in drawn_by(figure, Line) if line.colour == BLUE]
    assert ends == pytest.approx([at(0.75), at(0.85)])
    (band,) = (box for box in drawn_by(figure, Rectangle) if box.opacity < 1)
    assert (band.x, band.x + band.width) == pytest.approx((at(0.75), at(0.85)))
    assert [row[figure.columns.index("holds")] for row in figure.rows] == ["no", "yes", "no"]
    assert "the band is within the margin" in figure.caption
    assert ">mnist.accuracy (%)</text>" in figure.svg


def test_what_is_no_number_is_written_where_a_claim_has_no_place_for_it() -> None:
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": name,
            "status": "ok",
            "metric.accuracy": value,
            "metric_hex.accuracy": float(value).hex(),
        }
        for name, value in {"a": math.nan, "b": math.inf, "c": 0.9, "d": 0.7}.items()
    ]
    claim = Claim(name="good", a="mnist", metric="accuracy", delta=0.8)
    figure = named(figures(analyze(pd.DataFrame(rows), [claim])), "claim")
    written = [text.words.strip() for text in drawn_by(figure, Text)]
    assert [words for words in written if words in ("NaN", "∞", "0.9")] == ["NaN", "∞"]
    assert "nan" not in figure.svg


def test_bars_are_as_long_as_the_standard_deviations() -> None:
    drawn = found()
    figure = named(figures(drawn), "components")
    told = [dict(zip(figure.columns, row, strict=True)) for row in figure.rows]
    (known,) = drawn.experiments[0].components
    assert isinstance(known, Components)
    assert [(one["factor"], one["variance"]) for one in told] == [
        (one.factor, one.variance) for one in known.components
    ]
    bars = drawn_by(figure, Rectangle)
    roots = [float(one["variance"] or 0) ** 0.5 for one in told]
    longest = max(bar.width for bar in bars)
    assert [bar.width / longest for bar in bars] == pytest.approx(
        [root / max(roots) for root in roots]
    )


def test_an_estimate_of_zero_is_marked() -> None:
    figure = named(figures(found()), "components")
    told = [dict(zip(figure.columns, row, strict=True)) for row in figure.rows]
    zero = [one for one in told if one["variance"] == 0]
    assert zero
    assert figure.svg.count("× none") == len(zero)
    below = [one for one in told if float(one["raw"] or 0) < 0]
    assert below
    assert figure.svg.count("raw variance by ANOVA −") == len(below)


def test_repeats_of_several_seeds_are_apart_by_what_is_apart_within_a_seed() -> None:
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": hardware,
            "seed": seed,
            "status": "ok",
            "metric.accuracy": seed + repeat * (hardware == "a") / 8,
        }
        for hardware in "ab"
        for seed in (1, 2)
        for repeat in (0, 1)
    ]
    figure = named(figures(analyze(pd.DataFrame(rows))), "repeatability")
    spread = {row[0]: row[figure.columns.index("spread")] for row in figure.rows}
    assert spread == {"a": 0.125, "b": 0.0}
    assert "seed by seed (2)" in figure.svg


def evidence(names: tuple[str, ...] = ("a", "b", "c", "d")) -> Findings:
    """Return findings of which one attribute explains the classes, and a confirmation of each."""
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": name,
            "status": "ok",
            "cpu_model_name": f"model {name}",
            "cpu_avx512f": place % 2 == 0,
            "metric.accuracy": 0.5 + place % 2 / 4,
        }
        for place, name in enumerate(names)
        for _ in range(2)
    ]
    asked = [
        Confirmation(
            experiment="mnist",
            software="tf",
            remote=(name,),
            remote_class="A",
            emulated=name,
            emulated_class=None if answer.startswith("not") else "A",
            answer=answer,
            emulation=(),
            not_emulated=(),
            text=f"it is {answer}",
        )
        for name, answer in zip(names, cycle(ANSWERS))
    ]
    return replace(analyze(pd.DataFrame(rows)), confirmations=tuple(asked))


def test_the_evidence_of_an_attribution_has_a_line_for_each_set_of_values() -> None:
    drawn = evidence()
    figure = named(figures(drawn), "attribution")
    (known,) = drawn.experiments[0].attribution
    assert not isinstance(known.causes, NotAssessable)
    assert len(marks(figure, "group")) == len(known.causes[0].groups) == 2
    told = {(row[3], row[4], row[6]) for row in figure.rows}
    assert told == {("A", "a", "yes"), ("A", "c", "yes"), ("B", "b", "no"), ("B", "d", "no")}


def test_environments_that_differ_are_a_bar_within_all() -> None:
    figure = named(figures(evidence()), "adequacy")
    assert figure.rows[0][:5] == ("tf", 4, 2, 2, 0)
    whole, part = drawn_by(figure, Rectangle)
    laboratories = drawn_by(figure, Line)[0].x[0] - whole.x
    assert [bar.width / laboratories * 8 for bar in (whole, part)] == pytest.approx([4, 2])


def test_each_answer_of_a_confirmation_has_its_sign() -> None:
    names = tuple("abcdefgh"[: len(ANSWERS)])
    figure = named(figures(evidence(names)), "confirmation")
    assert [len(marks(figure, answer)) for answer in ANSWERS] == [1] * len(ANSWERS)
    assert {(row[2], row[6]) for row in figure.rows} == set(zip(names, ANSWERS, strict=True))
    for sign in "✓✗–…○":
        assert sign in figure.svg


def numbers(told: Any) -> Iterator[float]:
    """Yield all numbers in a JSON value."""
    if isinstance(told, dict):
        told = list(told.values())
    if isinstance(told, list):
        for one in told:
            yield from numbers(one)
    elif isinstance(told, (int, float)):
        yield float(told)


@pytest.mark.parametrize("made", [found, evidence])
def test_the_numbers_of_every_figure_are_those_of_the_json(made: Callable[[], Findings]) -> None:
    drawn = made()
    known = set(numbers(to_json(drawn)))
    for figure in figures(drawn):
        own = [value for row in figure.rows for value in row if isinstance(value, float)]
        assert own or figure.name.startswith(("attribution", "confirmation"))
        assert set(own) <= known, figure.name


@pytest.mark.parametrize("count", [40, 1500])
def test_much_evidence_makes_a_picture(count: int) -> None:
    drawn = figures(evidence(tuple(f"h{number}" for number in range(count))))
    assert all(len(figure.svg) < 500_000 for figure in drawn)
    assert len(named(drawn, "confirmation").rows) == count


@pytest.mark.parametrize("made", [found, evidence])
def test_hostile_names_stay_names(made: Callable[[tuple[str, ...]], Findings]) -> None:
    for figure in figures(made(HOSTILE)):
        root = ET.fromstring(figure.svg)
        assert not list(root.iter(f"{SVG}script"))
        assert "\x1b" not in figure.svg
        assert not any(line.startswith(("=", "@")) for line in figure.csv.splitlines())


def test_an_emulated_environment_is_hollow() -> None:
    for emulated, colour in ((True, "#ffffff"), (False, INK)):
        figure = named(figures(found(emulated=emulated)), "precision")
        assert {dot.fill for dot in dots(figure)} == {colour}
    assert "hollow" in figure.caption


@pytest.mark.parametrize("format_", ["svg", "pdf", "png"])
def test_the_same_findings_are_the_same_pictures(format_: Format) -> None:
    first, second = figures(found()), figures(found())
    assert [one.csv for one in first] == [one.csv for one in second]
    for one, other in zip(first, second, strict=True):
        assert one.encoded(format_) == other.encoded(format_)


def test_what_can_not_be_judged_is_not_drawn() -> None:
    columns = ["experiment", "software", "hardware", "status"]
    failed = pd.DataFrame([["e", "s", "h", "failed"]], columns=columns)
    names = {figure.name.split("-")[0] for figure in figures(analyze(failed))}
    assert not names & {"precision", "claim", "repeatability"}
    assert figures(analyze(pd.DataFrame(columns=columns))) == ()


@pytest.mark.parametrize("count", [1, 200, 1500])
def test_any_number_of_environments_makes_a_picture(count: int) -> None:
    drawn = figures(found(tuple(f"h{number}" for number in range(count))))
    for figure in drawn:
        assert len(figure.svg) < 500_000
    assert len(named(drawn, "precision").rows) == 2 * count


def test_the_overview_has_a_cell_for_every_experiment_and_environment() -> None:
    figure = named(figures(found()), "overview")
    assert len(marks(figure, "cell")) == 6
    assert figure.svg_narrow is not None
    narrow = ET.fromstring(figure.svg_narrow)
    assert sum(one.get("data-mark") == "cell" for one in narrow.iter()) == 6
    # Two of three environments have one class; the repeats of the third are apart, and say so.
    assert "80.00–80.50" in figure.svg
    assert "repeats differ" in figure.svg


def ended(values: dict[str, list[float]], **columns: Any) -> Findings:
    """Return findings of one software environment: the runs' values by hardware."""
    rows = [
        {
            "experiment": "mnist",
            "software": "tf",
            "hardware": name,
            "status": "ok",
            "primary_metric": "accuracy",
            "metric.accuracy": value,
            "metric_hex.accuracy": value.hex(),
            **{column: known.get(name) for column, known in columns.items()},
        }
        for name, runs in values.items()
        for value in runs
    ]
    return analyze(pd.DataFrame(rows))


def faces(figure: Figure) -> list[Any]:
    """Return the colours of the cells drawn, from the top; None for an outline."""
    cells = len(marks(figure, "cell"))
    return [box.fill for box in drawn_by(figure, Rectangle)[:cells]]


def test_a_colour_of_the_overview_says_how_many_cells_end_alike() -> None:
    values = {"a": 0.5, "b": 0.5, "c": 0.5, "d": 0.75, "e": 0.75, "f": 0.8}
    made = ended({name: [value] * 2 for name, value in values.items()} | {"g": [0.1, 0.2]})
    colours = faces(named(figures(made), "overview"))
    commonest, shared, alone, apart = colours[0], colours[3], *colours[5:]
    assert colours == [commonest] * 3 + [shared] * 2 + [None] * 2
    assert len({commonest, shared, None}) == 3
    assert alone is apart is None
    kinds = agreements(made.experiments[0].cells)
    assert [kinds[name, "tf"] for name in "adfg"] == ["most", "some", "alone", "apart"]
    for words in ("commonest result of its column", "shared with other cells", "in this cell only"):
        assert words in named(figures(made), "overview").svg


def test_of_equally_common_classes_none_is_the_commonest() -> None:
    made = ended({"a": [0.5], "b": [0.5], "c": [0.75], "d": [0.75]})
    assert set(agreements(made.experiments[0].cells).values()) == {"some"}


def test_the_legend_says_what_letters_and_numbers_are_and_of_how_many_runs() -> None:
    same = named(figures(ended({"a": [0.5] * 3, "b": [0.5] * 3})), "overview").svg
    assert "Letter: outcome class; runs of an experiment with the same letter have the same" in same
    assert "accuracy in %. n = 3 runs in each cell." in re.sub(
        r"</text>.*?<text[^>]*>", " ", same, flags=re.S
    )
    differ = named(figures(ended({"a": [0.5] * 3, "b": [0.5]})), "overview").svg
    assert "n = 1 to 3 runs in a cell." in re.sub(r"</text>.*?<text[^>]*>", " ", differ, flags=re.S)


def test_cpus_stand_before_gpus_under_headings_of_their_own() -> None:
    names = {"gpu_name": {"a": "GPU"}}
    for start in ("overview", "classes", "repeatability"):
        figure = named(figures(ended({"a": [0.5] * 2, "b": [0.5] * 2}, **names)), start)
        words = [one.text for one in ET.fromstring(figure.svg).iter(f"{SVG}text")]
        assert [word for word in words if word in ("CPUs", "b", "GPUs", "a")] == [
            "b",
            "a",
            "CPUs",
            "GPUs",
        ]
        cells = [one for one in drawn_by(figure, Area) if one.mark == "cell"]
        assert [cell.words[0] for cell in cells] == ["b", "a"]
    alike = named(figures(ended({"a": [0.5] * 2, "b": [0.5] * 2})), "overview").svg
    assert "CPUs" not in alike


def test_only_classes_of_several_cells_have_a_colour_in_the_map() -> None:
    colours = faces(named(figures(ended({"a": [0.5], "b": [0.5], "c": [0.75]})), "classes"))
    assert colours[0] == colours[1] is not None
    assert colours[2] is None


def test_where_nothing_was_run_is_hatched() -> None:
    rows = {"a": [0.5], "b": [0.5]}
    made = ended(rows)
    (experiment,) = made.experiments
    lacking = replace(experiment.cells[0], software="jax", hardware="a")
    made = replace(made, experiments=(replace(experiment, cells=(*experiment.cells, lacking)),))
    boxes = drawn_by(named(figures(made), "overview"), Rectangle)
    assert [box.hatch for box in boxes if box.hatch] == ["////"]


def test_a_reports_pictures_are_drawn_when_they_are_asked_for() -> None:
    code = "import osgrepro.report, sys; assert not 'matplotlib' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_picture_for_a_page_needs_no_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert all(figure.svg for figure in figures(found()))


def test_a_users_own_style_is_left_alone() -> None:
    import matplotlib as mpl  # noqa: PLC0415, only this test is about it

    figure = named(figures(found()), "precision")
    expected = figure.encoded("png")
    with mpl.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert figure.encoded("png") == expected
        assert mpl.rcParams["font.size"] == 30


def test_pictures_on_one_page_share_no_id_and_bring_no_style_sheet() -> None:
    drawn = figures(found())
    roots = [ET.fromstring(one.svg) for one in drawn]
    ids = [part.get("id") for root in roots for part in root.iter() if part.get("id")]
    assert len(ids) == len(set(ids))
    for one, root in zip(drawn, roots, strict=True):
        assert not list(root.iter(f"{SVG}style"))
        used = set(re.findall(r"url\(#([^)]*)\)", one.svg))
        assert used <= {part.get("id") for part in root.iter()}


@pytest.mark.parametrize(
    ("start", "words"),
    [
        ("classes", "2 runs · 80.00 %"),
        ("repeatability", "range of accuracy in percentage points"),
        ("repeatability", "≠ 0.5"),
        ("precision", "accuracy (%)"),
        ("precision", "s_R 0.89, sampling error"),
        ("components", "standard deviation in percentage points"),
        ("claim", "mnist.accuracy (%)"),
        ("claim", "81.00 %, holds"),
    ],
)
def test_figures_print_accuracies_as_the_tables_do(start: str, words: str) -> None:
    assert words in named(figures(found(test_set=10_000)), start).svg


@pytest.mark.parametrize("start", ["overview", "classes", "repeatability"])
def test_only_what_shows_it_is_said_to_agree_to_the_last_bit(start: str) -> None:
    def said(**columns: Any) -> str:
        figure = named(figures(found(**columns)), start)
        return f"{figure.caption} {figure.svg}"

    assert "bit" not in said()
    assert "same accuracy" in said()
    loss = {"metric.loss": math.pi, "metric_hex.loss": math.pi.hex()}
    assert "to the last bit" in said(**loss)


def test_experiments_without_room_in_the_overview_are_counted() -> None:
    known = found()
    several = replace(known, experiments=known.experiments * 8)
    assert "2 more experiments: see the CSV" in named(figures(several), "overview").caption
