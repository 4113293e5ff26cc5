"""``runs`` on wide and narrow terminals, and for programs."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import Any

from osgrepro.cli.console import Screen
from osgrepro.cli.runs import listing
from osgrepro.common.models import RunState
from osgrepro.pool.progress import Attempt
from osgrepro.workflow.loading import load
from osgrepro.workflow.runs.monitoring.listing import JobAttempt, RunRow

MACHINES = ("gpu-a100-12.chtc.wisc.edu", "e2.example.org")
TRIED = tuple(
    JobAttempt(
        job="1.0", attempt=Attempt(started_s=0, ended_s=1, good=False, machine={"Machine": name})
    )
    for name in MACHINES
)


def rows(name: str) -> list[RunRow]:
    states = list(RunState)
    return [
        RunRow(run=run, state=states[number % len(states)], attempts=TRIED)
        for number, run in enumerate(load(name).matrix.runs)
    ]


def printed(shown: Sequence[RunRow], digits: int | None, width: int) -> list[str]:
    text = io.StringIO()
    for part in listing.parts(shown, digits):
        Screen(width=width, file=text).print(part)
    return [line.rstrip() for line in text.getvalue().splitlines()]


def test_a_line_of_a_narrow_terminal_has_a_whole_run() -> None:
    study = rows("osg-2022")
    digits = listing.short([row.run.run_id for row in study])
    lines = printed(study, digits, 80)
    assert max(map(len, lines)) <= 80
    firsts = {line.split()[0] for line in lines if line}
    ids = [row.run.run_id[:digits] for row in study]
    assert len(set(ids)) == len(study)
    assert set(ids) <= firsts
    assert len([line for line in lines if line.split()[:1] and line.split()[0] in ids]) == 780
    assert lines[0] == "seed 1"
    (line,) = (line for line in lines if line.startswith(ids[0]))
    assert line.split()[-2:] == ["2", "e2"]  # the last machine


def test_a_wide_one_has_whole_ids_and_every_machine() -> None:
    study = rows("osg-2022")[:5]
    lines = printed(study, None, 160)
    assert lines[0] == ", ".join(
        f"{name} {getattr(study[0].run, name)}"
        for name in ("experiment", "hardware", "software", "seed")
    )
    assert lines[1].split() == ["run", "repeat", "state", "attempts", "machines"]
    assert lines[2].split() == [
        study[0].run.run_id,
        "1",
        "new",
        "2",
        f"{MACHINES[0]},",
        MACHINES[1],
    ]


def test_the_same_is_there_for_programs(osgrepro: Any) -> None:
    said = osgrepro("runs", "demo", "--only", "repeat=1", "--state", "new", "--json")
    assert said.code == 0
    told = json.loads(said.out)["runs"]
    every = [run for run in load("demo").matrix.runs if run.repeat == 1]
    assert [run["run_id"] for run in told] == [run.run_id for run in every]
    assert {run["state"] for run in told} == {"new"}
    assert (told[0]["jobs"], told[0]["attempts"]) == ([], [])


def test_how_many_there_are_stands_below(osgrepro: Any) -> None:
    total = len(load("demo").matrix.runs)
    assert osgrepro("runs", "demo").out.splitlines()[-1] == f"{total} runs: {total} new"
    assert osgrepro("runs", "demo", "--state", "held").out == f"0 of {total} runs\n"


def test_a_state_that_there_is_not_is_refused(osgrepro: Any) -> None:
    said = osgrepro("runs", "demo", "--state", "hold")
    assert (said.code, said.out) == (2, "")
    assert "did you mean 'held'" in said.err
