"""What a metric's name and values say of it: counts, rounded numbers, losses, shares, percents."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from osgrepro import report
from osgrepro.analysis import analyze, preview
from osgrepro.analysis.findings import Findings, in_percent, in_shares, is_counted

Frame = Callable[..., pd.DataFrame]


def in_32_bits(value: float) -> float:
    """Return a number as a framework's 32-bit float has it."""
    return float(struct.unpack("f", struct.pack("f", value))[0])


@pytest.mark.parametrize(
    "name",
    ["test_accuracy", "val_acc", "error_rate", "test_f1", "F1Score", "top5", "macro_recall", "mAP"],
)
def test_what_counts_by_its_name_is_no_evidence_of_bits(name: str) -> None:
    assert is_counted(name, [0.8123456789012345])


@pytest.mark.parametrize("items", [997, 10_000, 25_000])
@pytest.mark.parametrize("factor", [1, 100])
@pytest.mark.parametrize("stored", [float, in_32_bits])
def test_counts_of_test_items_are_seen_by_their_values(
    items: int, factor: int, stored: Callable[[float], float]
) -> None:
    random = np.random.default_rng(5)
    values = [stored(int(count) / items * factor) for count in random.integers(0, items, 20)]
    assert is_counted("quality", values, {items})


def test_numbers_with_few_digits_were_rounded_whatever_their_name() -> None:
    assert is_counted("quality", [85.512, 86.017])
    assert is_counted("quality", [in_32_bits(0.8551)])
    assert is_counted("test_loss", [0.3369, 0.3371])
    assert is_counted("steps", [12.0, 15.0])


def test_a_loss_in_all_its_bits_is_evidence() -> None:
    assert not is_counted("test_loss", [0.3537842333316803])
    assert not is_counted("test_loss", [0.0])
    assert not is_counted("dice_loss", [1.0, 0.25])


def test_numbers_in_all_their_bits_are_not_taken_for_counts() -> None:
    """Of a thousand metrics of random numbers, no more than a few in all seem to be counts."""
    random = np.random.default_rng(7)
    for stored in (float, in_32_bits):
        taken = [
            is_counted("quality", [stored(value) for value in random.random(3)], {10_000})
            for _ in range(1000)
        ]
        assert sum(taken) <= 3


def test_percents_are_told_from_shares_and_from_both() -> None:
    assert in_percent("accuracy", [97.3, 98.1, 0.0, None, float("nan")])
    assert not in_shares("accuracy", [97.3])
    assert in_shares("accuracy", [0.973, 1.0])
    for mixed in ([0.973, 97.3], [120.0, 97.0], [-1.0, 50.0]):
        assert not in_percent("accuracy", mixed)
        assert not in_shares("accuracy", mixed)
    assert not in_percent("loss", [97.3])


def sentences(findings: Findings) -> list[str]:
    """Return all that a report and a page's tables say of findings."""
    lines = [line for section in report.sections(findings) for line in section.lines]
    lines += [line for section in report.brief(findings) for line in section.lines]
    lines += [table.caption for table in report.tables(findings)]
    return [*lines, *(verdict.text for verdict in findings.verdicts)]


@pytest.mark.parametrize(
    ("metric", "values"),
    [
        ("error_rate", (0.0123456789, 0.0223456789)),
        ("f1", (0.9123456789012345, 0.8123456789012345)),
        ("top5", (0.91, 0.92)),
        ("quality", (1234 / 4321, 1235 / 4321)),
        ("loss", (0.337, 0.339)),
    ],
)
def test_no_sentence_says_bits_of_counts(
    frame: Frame, metric: str, values: tuple[float, float]
) -> None:
    first, second = values
    runs = frame({("tf", "a"): [first] * 3, ("tf", "b"): [second] * 3}, metric=metric)
    findings = analyze(runs.assign(test_set=4321))
    assert findings.experiments[0].only_counts
    text = "\n".join(sentences(findings))
    assert "to the last bit" not in text
    assert f"have the same {metric}" in text
    answers = {verdict.level: verdict.answer for verdict in findings.verdicts}
    assert answers["repeatability"] == "not assessable"
    assert f"Only counts or rounded numbers ({metric}) were recorded" in text
    assert "accuracies only" in {note.kind for note in findings.design}
    assert all(row.only_counts for row in preview(runs.assign(test_set=4321)).cells)


def test_a_loss_or_a_hash_beside_counts_is_evidence(frame: Frame) -> None:
    runs: Any = frame({("tf", "a"): [0.5] * 3, ("tf", "b"): [0.75] * 3}, metric="f1")
    for seen in (runs.assign(predictions="p"), runs.assign(**{"metric.loss": 0.3537842333316803})):
        findings = analyze(seen)
        assert not findings.experiments[0].only_counts
        assert any("to the last bit" in line for line in sentences(findings))
