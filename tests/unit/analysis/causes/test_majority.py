"""One odd run does not take its environment out of the search, and is told."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
import pytest
import worlds
from hypothesis import given
from hypothesis import strategies as st

from osgrepro import report
from osgrepro.analysis import analyze
from osgrepro.analysis.causes.attribution import attribute, remarks
from osgrepro.analysis.causes.majority import majority
from osgrepro.analysis.findings import NotAssessable


def runs(*cells: str, seeds: str = "") -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """Return runs of cells, a letter each for its class; ``.`` is none."""
    rows = [
        {"software": "tf", "hardware": f"h{place}", "seed": int(seeds[number]) if seeds else 1}
        for place, letters in enumerate(cells)
        for number in range(len(letters))
    ]
    classes = ["ABC".find(letter) for letters in cells for letter in letters]
    return pd.DataFrame(rows), np.array(classes)


@pytest.mark.parametrize(
    ("letters", "settled", "odd"),
    [
        ("AAAAB", "AAAAA", 1),
        ("AABB", "AABB", 0),
        ("AB", "AB", 0),
        ("ABC", "ABC", 0),
        ("AAB.", "AAA.", 1),
        ("ABBCA", "ABBCA", 0),
        ("AAA", "AAA", 0),
        ("...", "...", 0),
    ],
)
def test_more_than_half_of_the_runs_decide(letters: str, settled: str, odd: int) -> None:
    agreed = majority(*runs("BB", letters))
    assert "".join("ABC."[code] for code in agreed.codes[2:]) == settled
    assert agreed.odd.sum() == odd


def test_each_seed_has_a_majority_of_its_own() -> None:
    agreed = majority(*runs("AABBCB", seeds="111222"))
    assert agreed.codes.tolist() == [0, 0, 0, 1, 1, 1]
    assert agreed.odd.tolist() == [False, False, True, False, True, False]


@given(st.lists(st.text("ABC.", min_size=1, max_size=7), min_size=1, max_size=5))
def test_it_is_what_counting_says(cells: list[str]) -> None:
    agreed = majority(*runs(*cells))
    start = 0
    for letters in cells:
        known = [letter for letter in letters if letter != "."]
        ((best, count),) = Counter(known).most_common(1) or [("", 0)]
        decided = 2 * count > len(known)
        for number, letter in enumerate(letters, start):
            expected = best if decided and letter != "." else letter
            assert agreed.codes[number] == "ABC".find(expected)
        start += len(letters)


@pytest.mark.parametrize("name", worlds.VARYING)
def test_a_planted_attribute_is_named_where_one_run_in_twenty_is_odd(name: str) -> None:
    random = np.random.default_rng(11)
    frame = worlds.with_odd_runs(random, worlds.with_cause(random, [name]), 0.05)
    letters = sorted(set(frame["outcome"]))
    (told,) = attribute(frame, frame["outcome"], letters)
    assert told.odd
    assert told.hardware == 13
    assert not isinstance(told.causes, NotAssessable)
    named = {
        alias
        for cause in told.causes
        for member in cause.attributes
        for alias in (member, *cause.aliases[member])
    }
    assert name in named
    notes = {note.kind: note for note in remarks(frame, frame["outcome"], letters)}
    assert notes["odd runs"].where == tuple(told.odd)


def test_the_first_sentence_tells_of_the_odd_run() -> None:
    frame = worlds.in_tables(worlds.with_cause(np.random.default_rng(1), ["cpu_model"]), 1)
    frame = pd.concat([frame] * 2, ignore_index=True)
    value = frame["outcome"].map({letter: n / 16 for n, letter in enumerate("ABCDEFGHIJKLM")})
    value.iloc[3] = 0.987
    found = analyze(frame.assign(**{"metric.accuracy": value}))
    (told,) = found.experiments[0].attribution
    assert told.odd == {"m03": 1}
    lines = [line for section in report.brief(found) for line in section.lines]
    assert any("13 hardware environments (but for 1 odd run on m03)" in line for line in lines)
    assert any(line.startswith("mnist, s0, CPU: m03: one run or a few are of") for line in lines)
    # It still disagrees with itself.
    assert any("m03" in line and "repeats of mnist differ" in line for line in lines)
