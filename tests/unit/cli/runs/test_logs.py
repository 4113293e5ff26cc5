"""``logs`` as one reads it: what jobs wrote is shown, and does nothing to a terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import program_campaign
import trial
from fakes import FakeLogs, FakeQueue

from osgrepro.runs import workspace
from osgrepro.workflow.runs.delivery import submit


def sent(folder: Path) -> tuple[Any, str, str]:
    """Submit a campaign; return its folder, a run's id and its batch."""
    loaded = program_campaign.write(folder, repeats=2)
    place = workspace.open_workspace(folder / "c.runs", "c", "c.toml")
    images = {"py": trial.images("docker://python:3.11")["tf"]}
    delivery = trial.delivery(place, FakeQueue(), None, open_log=FakeLogs().open)
    (batch,) = submit(loaded.matrix, images, delivery).batches
    return place, loaded.matrix.runs[1].run_id, batch.batch


EVENTS = """000 (001.001.000) 2026-11-26 10:00:00 Job submitted from host: <10.0.0.1:9618>
...
001 (001.001.000) 2026-11-26 10:01:00 Job executing on host: <10.0.0.2:9618>
	SlotName: slot1@n1
...
012 (001.001.000) 2026-11-26 10:02:00 Job was held.
	\x1b[31mtoo much\x1b[0m memory
	Code 34 Subcode 102
...
"""


def test_what_became_of_a_run_is_told_in_order(osgrepro: Any, tmp_path: Path) -> None:
    place, run_id, batch = sent(tmp_path)
    folder = place.logs / run_id[:2]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run_id}.1.1.err").write_bytes(b"first\n\x1b]0;owned\x07\x1b[2Jlast\n")
    place.event_log(batch).parent.mkdir(parents=True, exist_ok=True)
    place.event_log(batch).write_text(EVENTS)
    said = osgrepro("logs", "c.toml", run_id, "--tail", "1")
    assert said.code == 0
    assert "\x1b" not in said.out
    assert said.out.splitlines()[0] == f"run {run_id}: e, any, py, seed 1, repeat 2"
    told = said.out[said.out.index("job 1.1 (py.1)") :]
    marks = ("submit", "attempt 1 on n1 (slot1@n1)", "execute", "job held, code 34, ")
    places = [told.index(mark) for mark in marks]
    assert places == sorted(places)
    assert "(not here: it comes back when an attempt ends)" in told
    assert told.endswith(f"{folder}/{run_id}.1.1.err\n  \\x1b]0;owned\\x07\\x1b[2Jlast\n")
    assert "first" in osgrepro("logs", "c.toml", run_id).out


def test_what_became_of_a_run_is_json_for_programs(osgrepro: Any, tmp_path: Path) -> None:
    place, run_id, batch = sent(tmp_path)
    folder = place.logs / run_id[:2]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{run_id}.1.1.err").write_bytes(b"first\n\x1b[2Jlast\n")
    place.event_log(batch).parent.mkdir(parents=True, exist_ok=True)
    place.event_log(batch).write_text(EVENTS)
    said = osgrepro("logs", "c.toml", run_id, "--json", "--tail", "1")
    assert said.code == 0
    run_log = json.loads(said.out)
    assert (run_log["run_id"], run_log["run"]["repeat"]) == (run_id, 2)
    (job,) = run_log["jobs"]
    assert (job["job"], job["stdout"]["lines"]) == ("1.1", None)
    assert job["stderr"]["lines"] == ["\x1b[2Jlast"]
    before, first = job["attempts"]
    assert (before["attempt"], before["machine"]) == (0, None)
    assert (first["attempt"], first["machine"]) == (1, "n1")
    assert [event["event"] for event in first["events"]] == ["EXECUTE", "JOB_HELD"]
    assert first["events"][1]["facts"]["HoldReasonCode"] == 34


def test_a_run_that_there_is_not_is_the_users_mistake(osgrepro: Any, tmp_path: Path) -> None:
    program_campaign.write(tmp_path)
    said = osgrepro("logs", "c.toml", "zz")
    assert (said.code, said.out) == (2, "")
    assert "zz: no such run" in said.err
    assert "osgrepro runs CAMPAIGN" in said.err


def test_a_run_that_was_never_sent_has_no_job(osgrepro: Any, tmp_path: Path) -> None:
    run_id = program_campaign.write(tmp_path).matrix.runs[0].run_id
    said = osgrepro("logs", "c.toml", run_id[:8])
    assert (said.code, said.out.splitlines()[1]) == (
        0,
        "no job was submitted for it from this folder",
    )
