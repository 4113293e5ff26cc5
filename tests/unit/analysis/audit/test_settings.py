"""What environment variables decide: pairs of software environments of one image."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from osgrepro.analysis import analyze
from osgrepro.report import markdown

ON, OFF = '{"ONEDNN":"1","TZ":"UTC"}', '{"ONEDNN":"0","TZ":"UTC"}'


def run(software: str, hardware: str, weights: str, environment: Any, **more: Any) -> Any:
    return {
        "experiment": "e",
        "software": software,
        "hardware": hardware,
        "status": "ok",
        "final_weights": weights * 64,
        "image_sha256": "1" * 64,
        "environment_json": environment,
        "code_sha256": "c",
        "seed": 1,
        **more,
    }


def said(rows: list[Any]) -> list[str]:
    return [note.text for note in analyze(pd.DataFrame(rows)).settings]


def test_a_difference_between_two_settings_of_one_image_is_attributed_to_the_variable() -> None:
    rows = [
        *(run("on", "h1", "a", ON), run("off", "h1", "b", OFF)),
        *(run("on", "h2", "a", ON), run("off", "h2", "a", OFF)),
    ]
    found = analyze(pd.DataFrame(rows))
    (note,) = found.settings
    assert note.where == ("off", "on", "ONEDNN")
    assert note.text == (
        "e, off and on are one image, and differ in ONEDNN ('0', '1') alone: their results differ "
        "on 1 of 2 hardware environments (h1): that decides it there."
    )
    assert note.text in markdown(found)


def test_where_nothing_differs_it_is_said_to_make_no_difference() -> None:
    (text,) = said([run("on", "h1", "a", ON), run("off", "h1", "a", "{}")])
    assert "ONEDNN ('not set'" not in text
    assert "ONEDNN (not set, '1'); TZ (not set, 'UTC') alone, together" in text
    assert "makes no difference on 1 hardware environment" in text


@pytest.mark.parametrize(
    "other",
    [
        run("off", "h1", "b", OFF, image_sha256="2" * 64),
        run("off", "h1", "b", OFF, image_sha256=None),
        run("off", "h1", "b", OFF, code_sha256="other"),
        run("off", "h1", "b", None),
        run("off", "h1", "b", ON),
        run("off", "h2", "b", OFF),
        run("off", "h1", "b", OFF, seed=2),
        run("off", "h1", "b", OFF, status="failed"),
        run("off", "h1", "b", "[1"),
    ],
)
def test_pairs_that_differ_in_more_say_nothing_of_variables(other: Any) -> None:
    texts = said([run("on", "h1", "a", ON), other])
    assert not any("that decides it there" in text and "ONEDNN ('0'" in text for text in texts)


def test_seeds_are_compared_with_their_like() -> None:
    rows = [run("on", "h1", "a", ON, seed=1), run("on", "h1", "x", ON, seed=2)]
    (text,) = said([*rows, run("off", "h1", "a", OFF, seed=1)])
    assert "makes no difference" in text


def test_repeats_that_disagree_decide_nothing() -> None:
    rows = [run("on", "h1", "a", ON), run("on", "h1", "b", ON), run("off", "h1", "a", OFF)]
    assert said(rows) == []


def test_datasets_without_variables_are_analysed_as_before() -> None:
    rows = [run("on", "h1", "a", None), run("off", "h1", "b", None)]
    assert said(rows) == []
    frame = pd.DataFrame(rows).drop(columns=["environment_json", "image_sha256"])
    assert analyze(frame).settings == ()
