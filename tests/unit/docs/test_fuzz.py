"""What the fuzzer says in its end is read, and inputs change without all that follows changing."""

from __future__ import annotations

import random
import sys

import pytest
from paths import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
import fuzz

SAID = """INFO: Running with entropic power schedule (0xFF, 100).
#256\tpulse  cov: 240 ft: 273 corp: 12/8146b exec/s: 128 rss: 179Mb
#758\tDONE   cov: 241 ft: 285 corp: 15/7570b lim: 8192 exec/s: 84 rss: 179Mb
stat::number_of_executed_units: 1758
stat::peak_rss_mb:              181
"""


def test_the_last_numbers_of_the_fuzzer_are_told() -> None:
    told = fuzz.outcome("ads", SAID, 0).line()
    assert told == "ads: 1,758 inputs, 241 edges reached, 181 MB at most: no failure"
    assert fuzz.outcome("ads", SAID, 77).line().endswith("FAILED, exit code 77")
    assert fuzz.outcome("ads", "", 124).inputs == 0


@pytest.mark.parametrize("target", fuzz.TARGETS)
def test_every_target_has_a_property_that_takes_bytes(target: str) -> None:
    assert fuzz.property_of(target).hypothesis.fuzz_one_input


def test_a_change_leaves_most_of_an_input_in_its_place() -> None:
    data = bytes(4096)
    mutated = [fuzz.changed(data, 8192, random.Random(n), lambda d, _: d[1:]) for n in range(40)]
    kept = [made for made in mutated if len(made) == len(data)]
    assert 5 < len(kept) < 35
    assert all(0 < sum(map(bool, made)) <= 24 for made in kept)


def test_a_target_that_is_none_is_refused_with_those_that_are() -> None:
    with pytest.raises(SystemExit) as ended:
        fuzz.main(["nothing"])
    assert ended.value.code == 2
