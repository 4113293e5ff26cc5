"""Numbers and their nouns and verbs agree in all that tiny datasets print."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product
from typing import Any

import orjson
import pandas as pd
import pytest

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.common.models import Claim

_NOUNS = (
    "alternative cell degree environment epoch experiment group host image item kind"
    " machine metric remark repeat result row run seed setting table thread type value"
)
_MANY = "|".join(["classes", *(f"{noun}s" for noun in _NOUNS.split())])
_VERBS = "agree are contradict differ disagree end give have repeat share were"
WRONG = re.compile(
    # A single one of several nouns, or a single one that does what several do.
    rf"(?<![\w.,-])(?:of )?1 (?:[a-z]+ ){{0,2}}?(?:{_MANY})\b"
    rf"|(?<![\w.,-])(?<!− )1 (?:{_VERBS.replace(' ', '|')})\b"
    rf"|(?<![\w.,-])1 of \d+ \w+ (?:{_VERBS.replace(' ', '|')})\b"
    r"|\beach of 1\b|\ball 1\b|\bthe 1 whose\b"
)


def frame(hardware: int, software: int, repeats: int, *, moving: bool) -> pd.DataFrame:
    """Return runs of two experiments; on the first machine repeats differ where ``moving``."""
    rows: list[dict[str, Any]] = []
    places = product(("deep", "wide"), range(hardware), range(software), range(repeats))
    for name, machine, image, repeat in places:
        scatter = repeat / 64 if moving and not machine else 0.0
        value = 0.75 + machine / 128 + image / 256 + scatter - (name == "wide") / 512
        rows.append(
            {
                "experiment": name,
                "hardware": "abcd"[machine],
                "software": "xyz"[image],
                "seed": 1,
                "status": "ok",
                "primary_metric": "accuracy",
                "test_set": 1000,
                "gpu_name": "V100" if machine == 1 else None,
                "metric.accuracy": value,
                "metric.loss": float("nan") if name == "deep" and not machine else 1 - value,
            }
        )
    return pd.DataFrame(rows)


def texts(runs: pd.DataFrame) -> Iterator[str]:
    """Yield all that is printed of runs, with claims of every kind."""
    claims = [
        Claim(name="c", a="deep", b="wide", metric="accuracy"),
        Claim(name="d", a="deep", metric="accuracy", delta=0.755),
        Claim(name="w", a="deep", b="wide", metric="accuracy", test="welch"),
        Claim(name="l", a="deep", metric="loss", delta=0.2, below=True),
    ]
    findings = analyze(runs, claims)
    yield from report.markdown(findings, "tiny").splitlines()
    yield from orjson.dumps(report.document(findings)).decode().split('"')
    for section in report.sections(findings):
        yield from section.lines


SIZES = [*product((1, 2, 4), (1, 2), (1, 2), (False, True))]


@pytest.mark.parametrize(("hardware", "software", "repeats", "moving"), SIZES)
def test_a_single_one_has_no_plural(
    hardware: int, software: int, repeats: int, *, moving: bool
) -> None:
    runs = frame(hardware, software, repeats, moving=moving)
    lines = list(texts(runs))
    # One more without a cell: what is missing is one of several.
    lines += texts(runs[(runs["hardware"] != "a") | (runs["experiment"] != "wide")])
    lines += texts(runs.assign(status=["failed", *["ok"] * (len(runs) - 1)]))
    assert len(lines) > 100
    assert {line for line in lines if WRONG.search(line)} == set()


@pytest.mark.parametrize(
    "text",
    [
        "Repeats agree in each of 1 cell.",
        "Holds in 0 of 1 environments",
        "of these 2, 1 differ in their classes",
        "1 of 2 cells have no result",
        "3 of 1 hardware environments",
        "over the 1 whose repeats disagree",
        "Clopper-Pearson, 1 hardware environments",
    ],
)
def test_wrong_plurals_are_seen(text: str) -> None:
    assert WRONG.search(text)


@pytest.mark.parametrize("text", ["1 of 2 cells has none", "11 runs", "k − 1 are trials", "1 run"])
def test_right_ones_are_not(text: str) -> None:
    assert not WRONG.search(text)
