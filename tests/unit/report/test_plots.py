"""The plots of precision, repeatability and claims: what is drawn is what was found."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, pairwise
from typing import Any, Literal
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.analysis.findings import Components, Confirmation, Findings, NotAssessable, to_json
from osgrepro.common.models import Claim
from osgrepro.report.figures import Figure, figures

ANSWERS: tuple[Literal["confirmed", "refuted", "not emulable"], ...] = (
    *("confirmed", "refuted", "not emulable"),
)
SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = ('<script>"&', "=1+1", "\x1b[31m\x00", "\u202eabc", "x" * 300)


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
    dots = [float(one.get("cx", "")) for one in marks(figure, "mean-of-cell")]
    pixels = sorted(dots[:3])  # of one panel
    means = sorted(float(row[2] or 0) for row in figure.rows if row[0] == "tf")
    moved = [after - before for before, after in pairwise(pixels)]
    apart = [after - before for before, after in pairwise(means)]
    steps = [pixel / value for pixel, value in zip(moved, apart, strict=True)]
    assert steps[0] == pytest.approx(steps[1], rel=0.01)


def test_the_band_is_as_wide_as_twice_s_r_of_all() -> None:
    drawn = found()
    figure = named(figures(drawn), "precision")
    band, middle = marks(figure, "s_R")[0], marks(figure, "mean")[0]
    left, width = float(band.get("x", "")), float(band.get("width", ""))
    assert left + width / 2 == pytest.approx(float(middle.get("x1", "")), abs=0.02)


def test_flips_are_crosses_and_their_rows_say_so() -> None:
    figure = named(figures(found()), "claim")
    flipped = [row for row in figure.rows if row[figure.columns.index("flips")] == "yes"]
    assert len(marks(figure, "flip")) == len(flipped) == 2
    assert {row[1] for row in flipped} == {"a"}


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
    shown = [one.text for one in marks(figure, "difference") if one.text]
    assert shown == ["NaN", "∞"]
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
    widths = [float(one.get("width", "")) for one in marks(figure, "sd")]
    roots = [float(one["variance"] or 0) ** 0.5 for one in told]
    assert widths == pytest.approx([root / max(roots) * max(widths) for root in roots], abs=0.01)


def test_an_estimate_below_zero_is_marked() -> None:
    figure = named(figures(found()), "components")
    below = [row for row in figure.rows if float(row[figure.columns.index("raw")] or 0) < 0]
    assert below
    assert figure.svg.count("× none") == len(below)
    assert figure.svg.count("estimated below zero") == len(below)


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
            emulated_class=None if answer == "not emulable" else "A",
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
    whole, part = (
        float(marks(figure, mark)[0].get("width", "")) for mark in ("hardware", "different")
    )
    assert part == pytest.approx(whole / 2, abs=0.01)


def test_each_answer_of_a_confirmation_has_its_sign() -> None:
    figure = named(figures(evidence()), "confirmation")
    assert [len(marks(figure, answer)) for answer in ANSWERS] == [2, 1, 1]
    assert {(row[2], row[6]) for row in figure.rows} == set(zip("abcd", cycle(ANSWERS)))
    for sign in "✓✗–":
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
    figure = named(figures(found(emulated=True)), "precision")
    assert {one.get("fill") for one in marks(figure, "mean-of-cell")} == {"#ffffff"}


def test_the_same_findings_are_the_same_pictures() -> None:
    assert figures(found()) == figures(found())


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
