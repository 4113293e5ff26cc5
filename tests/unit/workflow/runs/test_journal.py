"""The journal of a campaign's folder is read, and a damaged one is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import trial

from osgrepro.workflow.runs import journal

INTENT = '{"event": "intent", "batch": "a", "name": "n", "count": 1}'


def test_an_intent_and_its_commit_are_a_batch(tmp_path: Path) -> None:
    made = trial.opened(tmp_path / "runs")
    made.journal_file.write_text(f'{INTENT}\n{{"event": "commit", "batch": "a", "cluster": 7}}\n')
    assert journal.batches(made)["a"].cluster == 7


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        "{}",
        '{"event": "intent"}',
        '{"event": "intent", "batch": "a", "name": "n", "count": "many"}',
        '{"event": "commit", "batch": "other", "cluster": 1}',
        '{"event": "commit", "batch": "a", "cluster": null}',
        '{"event": "intent", "batch": "../x", "name": "n", "count": 1}',
        '{"event": "intent", "batch": "a\\u0000", "name": "n", "count": 1}',
        "[" * 100_000,
    ],
)
def test_a_line_that_is_json_and_no_entry_is_passed_over_and_told(
    tmp_path: Path, line: str
) -> None:
    made = trial.opened(tmp_path / "runs")
    made.journal_file.write_text(f"{INTENT}\n{line}\n")
    assert list(journal.batches(made)) == ["a"]
    assert journal.damaged(made) == [2]
    (complaint,) = journal.complaints(made)
    assert "journal.jsonl: line 2 is no journal entry" in complaint


def test_a_whole_journal_has_no_complaint(tmp_path: Path) -> None:
    made = trial.opened(tmp_path / "runs")
    made.journal_file.write_text(f"{INTENT}\n")
    assert list(journal.complaints(made)) == []
