"""The brake acts on the queue with HTCondor's commands; here they note what they are told."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from job_log import ENDED, START, SUBMITTED

from osgrepro.brake import watching
from osgrepro.brake.watching import Brake

COMMAND = '#!/bin/sh\necho "${0##*/} $*" >>"$NOTED"\necho "$ANSWER"\nexit "$CODE"\n'


@pytest.fixture
def noted(tmp_path, monkeypatch) -> Path:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("condor_qedit", "condor_hold", "condor_q"):
        (folder / name).write_text(COMMAND)
        (folder / name).chmod(0o755)
    environment = {
        "PATH": f"{folder}:{os.environ['PATH']}",
        "NOTED": str(tmp_path / "noted"),
        "ANSWER": "",
        "CODE": "0",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return tmp_path / "noted"


def settings(folder: Path, *outcomes: tuple[str, int]) -> Path:
    """Write the log of a cluster with an attempt each, and what a brake reads."""
    text = ""
    for proc, (machine, code) in enumerate(outcomes):
        ended = ENDED.format(code=code).replace(".001.", f".{proc:03}.")
        submitted = SUBMITTED.replace(".001.", f".{proc:03}.")
        text += submitted + START.format(proc=proc, machine=machine) + ended
    (folder / "x.log").write_text(text)
    (folder / "items.csv").write_text("r,r,e,h,1,1\n" * len(outcomes))
    files = {"log": str(folder / "x.log"), "items": str(folder / "items.csv")}
    content = {"batches": {"k": files}, "avoided": ["old"], "reason": "why", "subcode": 5}
    (folder / "brake.json").write_text(json.dumps(content))
    return folder / "brake.json"


def test_a_machine_that_fails_what_succeeds_elsewhere_is_avoided_once(tmp_path, noted) -> None:
    good = [(name, 0) for name in ("a", "b", "c")]
    file = settings(tmp_path, *good, *[("hole", 10)] * 4)
    brake = Brake(json.loads(file.read_text()))
    assert brake.look(0.0)
    assert not brake.look(0.0)
    asked = "condor_q 4 -limit 1 -af:r OsgreproAvoided\n"
    assert noted.read_text() == asked + 'condor_qedit 4.-1 OsgreproAvoided {"hole", "old"}\n'
    assert brake.over()


@pytest.mark.parametrize(
    ("answer", "names"),
    [
        ('{ "by-hand","n2.example.org" }', '"by-hand", "hole", "n2.example.org"'),
        ("{  }", '"hole"'),
    ],
)
def test_what_the_queue_says_is_kept_and_what_it_does_not_is_not_brought_back(
    tmp_path, noted, monkeypatch, answer, names
) -> None:
    file = settings(tmp_path, ("a", 0), ("b", 0), ("c", 0), *[("hole", 10)] * 4)
    monkeypatch.setenv("ANSWER", answer)
    Brake(json.loads(file.read_text())).look(0.0)
    edit = noted.read_text().splitlines()[-1]
    assert edit == f"condor_qedit 4.-1 OsgreproAvoided {{{names}}}"


def test_what_could_not_be_done_is_tried_again(tmp_path, noted, monkeypatch, capsys) -> None:
    file = settings(tmp_path, ("a", 0), ("b", 0), ("c", 0), *[("hole", 10)] * 4)
    brake = Brake(json.loads(file.read_text()))
    monkeypatch.setenv("CODE", "1")
    brake.look(0.0)
    monkeypatch.setenv("CODE", "0")
    brake.look(0.0)
    edits = [line for line in noted.read_text().splitlines() if "qedit" in line]
    # A queue that does not answer forgets nothing.
    assert edits[0] == 'condor_qedit 4.-1 OsgreproAvoided {"hole", "old"}'
    assert len(edits) == 2
    assert "condor_qedit" in capsys.readouterr().out


def test_where_everything_fails_the_idle_are_held_with_the_reason(tmp_path, noted) -> None:
    file = settings(tmp_path, *[("a", 10), ("b", 1)] * 3)
    Brake(json.loads(file.read_text())).look(0.0)
    (held,) = noted.read_text().splitlines()
    assert held.startswith("condor_hold -reason why (6 attempts failed in a row")
    assert 'ClusterId == 4 && JobStatus == 1 && OsgreproExperiment == "e"' in held
    assert "-subcode 5 " in held


def test_it_ends_once_the_queue_has_none_of_the_jobs(tmp_path, noted, monkeypatch) -> None:
    file = settings(tmp_path, ("a", 0))
    monkeypatch.setattr(watching, "_LONGEST_S", 0.0)
    monkeypatch.setenv("ANSWER", "Total for query: 0 jobs; 0 completed")
    assert watching.main(str(file)) == 0
    assert "OsgreproBatch" in noted.read_text()


@pytest.mark.parametrize(
    ("answer", "code", "there"),
    [("1 jobs; 0 completed", "0", True), ("", "1", True), ("Total: 0 jobs; 0", "0", False)],
)
def test_a_queue_that_does_not_answer_may_have_them(
    tmp_path, noted, monkeypatch, answer, code, there
) -> None:
    monkeypatch.setenv("ANSWER", answer)
    monkeypatch.setenv("CODE", code)
    assert Brake(json.loads(settings(tmp_path).read_text())).in_queue() is there
    assert noted.exists()
