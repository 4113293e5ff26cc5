"""What ``submit``, ``collect``, ``watch``, ``data`` and ``help`` print for programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.cli.runs import documents
from osgrepro.common.models import RunState
from osgrepro.workflow import pools
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs.delivery import submit
from osgrepro.workflow.runs.monitoring import watching
from osgrepro.workflow.runs.monitoring.status import of_runs
from osgrepro.workflow.runs.submitting import Rehearsal

MATRIX = trial.expand(2)


class NamedQueue(FakeQueue):
    """An access point with a name."""

    name = "ap"


@pytest.fixture
def place(osgrepro: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of the campaign demo, at an access point without its jobs."""
    access: Any = Access(schedd=NamedQueue(), pool=None)  # type: ignore[arg-type]
    monkeypatch.setattr(pools, "access", lambda _choice=None: access)
    assert osgrepro("data", "demo", "--workspace", "w").code == 0
    return tmp_path / "w"


def test_what_was_submitted_and_what_would_be_have_the_same_keys(tmp_path: Path) -> None:
    made, queue = trial.opened(tmp_path / "trial.runs"), NamedQueue()
    before = of_runs(MATRIX, made, queue)
    planned = documents.of_rehearsed(Rehearsal(clusters=(), before=before), 8, "ap", ["gpu"])
    delivery = trial.delivery(made, queue, None, open_log=FakeLogs().open)
    done = documents.of_submitted(
        submit(MATRIX, trial.images("/images/tf.sif"), delivery), 8, "ap", ["gpu"]
    )
    assert list(done) == list(planned)
    assert (done["submitted"], planned["submitted"], planned["dry_run"]) == (8, 0, True)
    assert [sent["runs"] for sent in done["clusters"]] == [6, 2]
    assert done["counts"][RunState.NEW.value] == 8
    json.dumps(done)


@pytest.mark.usefixtures("place")
def test_collect_prints_one_document_and_progress_elsewhere(osgrepro: Any) -> None:
    said = osgrepro("collect", "demo", "--workspace", "w", "--json")
    document = json.loads(said.out)
    assert said.code == 0
    assert {"dataset", "in_dataset", "taken", "rejected", "pending", "outcomes", "status"} <= set(
        document
    )
    assert document["status"]["counts"]["new"] == 48
    assert document["taken"] == 0


@pytest.mark.usefixtures("place")
def test_watch_prints_a_line_a_look_and_its_exit_code_says_what_happened(osgrepro: Any) -> None:
    said = osgrepro("watch", "demo", "--workspace", "w", "--json")
    (line,) = said.out.splitlines()
    document = json.loads(line)
    assert (said.code, document["happened"]) == (0, True)
    assert document["at"].endswith("+00:00")
    assert "runs" not in document
    for until in ("failed", "held"):
        assert osgrepro("watch", "demo", "--workspace", "w", "--until", until).code == 1


def test_watch_exits_with_124_when_the_time_is_over(
    osgrepro: Any, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert place.is_dir()
    monkeypatch.setattr(watching, "outcome", lambda *_args: None)
    said = osgrepro("watch", "demo", "--workspace", "w", "--json", "--timeout", "0")
    assert (said.code, json.loads(said.out)["happened"]) == (124, None)


def test_data_and_the_topics_are_for_programs_too(osgrepro: Any) -> None:
    files = json.loads(osgrepro("data", "demo", "--workspace", "w", "--json").out)
    assert [sorted(file) for file in files] == [
        ["data", "file", "sample", "sha256", "size_bytes"]
    ] * 3
    topics = json.loads(osgrepro("help", "--json").out)
    assert "campaign" in {topic["topic"] for topic in topics}
    page = json.loads(osgrepro("help", "campaign", "--json").out)
    assert page["text"].startswith("# ")
