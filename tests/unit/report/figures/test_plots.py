"""The figures: what is drawn is what was found, whatever it is called."""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any, Literal
from xml.etree import ElementTree as ET

import pandas as pd
import pytest
from matplotlib.axes import Axes

from osgrepro.analysis import analyze
from osgrepro.analysis.findings import (
    Components,
    Confirmation,
    Findings,
    NotAssessable,
    Precision,
    to_json,
)
from osgrepro.common.models import Claim
from osgrepro.report.figures import Figure, figures
from osgrepro.report.figures.canvas.agreement import agreements
from osgrepro.report.figures.canvas.canvas import INK, Canvas, Format, styled

ANSWERS: tuple[Literal["confirmed", "refuted", "not emulable", "not tried"], ...] = (
    *("confirmed", "refuted", "not emulable", "not tried"),
)
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


def drawn_by(figure: Figure) -> Canvas:
    """Return what matplotlib was told to draw."""
    with styled():
        return figure.draw()


def dots(axes: Axes) -> list[Any]:
    """Return the dots of a panel, from the top."""
    return [line for line in axes.lines if line.get_marker() == "o"]


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
    means = sorted(float(row[2] or 0) for row in figure.rows if row[0] == "tf")
    panel = drawn_by(figure).drawing.axes[0]
    assert sorted(line.get_xdata()[0] for line in dots(panel)) == means
    low, high = panel.get_xlim()
    assert low < min(means) < max(means) < high


def test_the_band_is_as_wide_as_twice_s_r_of_all() -> None:
    known = found()
    precision = known.experiments[0].precision[0].precision
    assert isinstance(precision, Precision)
    band = drawn_by(named(figures(known), "precision")).drawing.axes[0].patches[0].get_extents()
    axes = drawn_by(named(figures(known), "precision")).drawing.axes[0]
    left, right = axes.transData.inverted().transform(band.get_points())[:, 0]
    assert (left, right) == pytest.approx(
        (precision.mean - precision.s_R, precision.mean + precision.s_R)
    )


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
    axes = drawn_by(figure).drawing.axes[0]
    # The wide ones behind them are the ranges of the runs.
    thin = [line for line in axes.lines if line.get_linewidth() == 1]
    bars = [line.get_xdata() for line in thin if len(set(line.get_xdata())) == 2]
    assert [tuple(bar) for bar in bars] == [(row[low], row[high]) for row in figure.rows]
    hollow = [line for line in dots(axes) if line.get_markerfacecolor() == "#ffffff"]
    assert [line.get_xdata()[0] for line in hollow] == pytest.approx([0.8])
    assert "A hollow dot is undecided" in figure.caption


def test_equivalence_has_a_band() -> None:
    claim = Claim(
        name="same", a="mnist", metric="accuracy", delta=0.8, test="equivalence", margin=0.05
    )
    figure = drawn_of(claim)
    axes = drawn_by(figure).drawing.axes[0]
    ends = [line.get_xdata()[0] for line in axes.lines if len(set(line.get_xdata())) == 1]
    assert ends[:2] == pytest.approx([0.75, 0.85])
    band = axes.patches[0].get_extents()
    left, right = axes.transData.inverted().transform(band.get_points())[:, 0]
    assert (left, right) == pytest.approx((0.75, 0.85))
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
    written = [text.get_text().strip() for text in drawn_by(figure).drawing.axes[0].texts]
    assert written == ["NaN", "∞"]
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
    bars = drawn_by(figure).drawing.axes[0].containers[0]
    roots = [float(one["variance"] or 0) ** 0.5 for one in told]
    widths = [bar.get_width() for bar in bars]
    assert widths == pytest.approx([root / max(roots) for root in roots])


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
    whole, part = drawn_by(figure).drawing.axes[0].containers
    assert [bar.get_width() for bar in (*whole, *part)] == [4, 2]


def test_each_answer_of_a_confirmation_has_its_sign() -> None:
    figure = named(figures(evidence()), "confirmation")
    assert [len(marks(figure, answer)) for answer in ANSWERS] == [1, 1, 1, 1]
    assert {(row[2], row[6]) for row in figure.rows} == set(zip("abcd", cycle(ANSWERS)))
    for sign in "✓✗–○":
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
        colours = {line.get_markerfacecolor() for line in dots(drawn_by(figure).drawing.axes[0])}
        assert colours == {colour}
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
    axes = drawn_by(figure).drawing.axes[0]
    shown = [patch for patch in axes.patches if not patch.get_gid()]
    return [patch.get_facecolor() if patch.get_facecolor()[3] else None for patch in shown]


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
        cells = [one for one in drawn_by(figure).areas.values() if one.mark == "cell"]
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
    axes = drawn_by(named(figures(made), "overview")).drawing.axes[0]
    assert [patch.get_hatch() for patch in axes.patches if patch.get_hatch()] == ["////"]


def test_a_reports_pictures_are_drawn_when_they_are_asked_for() -> None:
    code = "import osgrepro.report, sys; assert not 'matplotlib' in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_users_own_style_is_left_alone() -> None:
    import matplotlib as mpl  # noqa: PLC0415, only this test is about it

    expected = named(figures(found()), "precision").svg
    with mpl.rc_context({"font.size": 30, "svg.fonttype": "path"}):
        assert named(figures(found()), "precision").svg == expected
        assert mpl.rcParams["font.size"] == 30


def test_markers_are_links_that_a_page_follows() -> None:
    drawn = figures(found())
    assert any("<use " in figure.svg for figure in drawn)
    for figure in drawn:
        assert figure.svg.count("<use ") == figure.svg.count("xlink:href=")
        assert not re.search(r"\bns\d+:", figure.svg)


def test_pictures_on_one_page_share_no_id_and_bring_no_style_sheet() -> None:
    drawn = figures(found())
    roots = [ET.fromstring(one.svg) for one in drawn]
    ids = [part.get("id") for root in roots for part in root.iter() if part.get("id")]
    assert len(ids) == len(set(ids))
    for one, root in zip(drawn, roots, strict=True):
        assert not list(root.iter(f"{SVG}style"))
        used = set(re.findall(r"url\(#([^)]*)\)", one.svg))
        links = re.findall(r'([\w:]*href)="#([^"]*)"', one.svg)
        # A page knows no other prefix: it would draw no marker.
        assert {name for name, _ in links} <= {"xlink:href"}
        used |= {target for _, target in links}
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
