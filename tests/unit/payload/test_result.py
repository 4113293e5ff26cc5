"""Results: sealed, whole or not there, readable everywhere."""

from __future__ import annotations

import json
import math
import os

import pytest

from osgrepro.payload import result
from osgrepro.payload.result import JobNumbers


@pytest.mark.parametrize(
    ("ad", "numbers"),
    [
        (None, JobNumbers(None, None, 1)),
        ({}, JobNumbers(None, None, 1)),
        ({"ClusterId": 7, "ProcId": 0, "NumShadowStarts": 3}, JobNumbers(7, 0, 3)),
        ({"ClusterId": 7, "ProcId": 0, "NumShadowStarts": 0}, JobNumbers(7, 0, 1)),
        ({"ClusterId": "7", "ProcId": True}, JobNumbers(None, None, 1)),
    ],
)
def test_the_numbers_come_from_the_job_ad(ad, numbers):
    assert JobNumbers.of(ad) == numbers


def test_each_attempt_has_a_file_of_its_own():
    names = {JobNumbers(7, 2, n).file_name("ab" * 12) for n in (1, 2)}
    assert names == {"ab/" + "ab" * 12 + ".7.2.1.json", "ab/" + "ab" * 12 + ".7.2.2.json"}


def test_the_checksum_is_of_everything_but_itself(tmp_path):
    path = tmp_path / "ab" / "x.json"
    result.write(str(path), {"b": 1, "a": "é"})
    content = json.loads(path.read_text())
    assert content.pop("checksum") == result.checksum(content)
    assert result.checksum({**content, "b": 2}) != result.checksum(content)


def test_the_checksum_is_pinned():
    assert result.checksum({"a": 1.5, "b": ["é"]}) == (
        "sha256:0c51f618a2ba252ad8d4dd1b1a71591f670e911e96a9c31246c9280222985779"
    )


def test_a_result_that_fails_to_be_written_leaves_nothing(tmp_path):
    with pytest.raises(ValueError, match="JSON"):
        result.write(str(tmp_path / "x.json"), {"a": math.nan})
    assert list(tmp_path.iterdir()) == []


def test_a_second_write_takes_the_place_of_the_first(tmp_path):
    for number in (1, 2):
        result.write(str(tmp_path / "x.json"), {"n": number})
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
    assert json.loads((tmp_path / "x.json").read_text())["n"] == 2


def test_a_full_disk_leaves_the_earlier_result(tmp_path, monkeypatch):
    result.write(str(tmp_path / "x.json"), {"n": 1})

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        result.write(str(tmp_path / "x.json"), {"n": 2})
    assert [p.name for p in tmp_path.iterdir()] == ["x.json"]
    assert json.loads((tmp_path / "x.json").read_text())["n"] == 1


def test_what_json_cannot_hold_everywhere_becomes_text():
    value = {"a": [math.nan, math.inf, 1.5], "b": "\ud800x", 3: ("é",)}
    assert result.plain(value) == {"a": ["nan", "inf", 1.5], "b": "?x", "3": ["é"]}
