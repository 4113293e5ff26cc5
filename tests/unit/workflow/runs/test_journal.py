"""The journal of a campaign's folder is read, and a damaged one is named."""

from __future__ import annotations

from pathlib import Path

import pytest
import trial

from osgrepro.common.errors import WorkspaceError
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
    ],
)
def test_a_line_that_is_json_and_no_entry_is_named(tmp_path: Path, line: str) -> None:
    made = trial.opened(tmp_path / "runs")
    made.journal_file.write_text(f"{INTENT}\n{line}\n")
    with pytest.raises(WorkspaceError, match=r"journal\.jsonl:2: not a journal entry"):
        journal.batches(made)
