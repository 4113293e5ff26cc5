"""The screen of ``status`` and ``watch``: narrow, without colour, without a terminal, and live."""

from __future__ import annotations

import io

import pytest

from osgrepro.cli import console
from osgrepro.cli.console import Screen, Table
from osgrepro.cli.runs import watch
from osgrepro.common.models import JobEvent, RunState
from osgrepro.pool.condor import LiveJob
from osgrepro.pool.progress import Ledger
from osgrepro.workflow.runs.journal import Batch
from osgrepro.workflow.runs.monitoring.event_logs import Logs
from osgrepro.workflow.runs.monitoring.status import Cell, Held, Status

MACHINE = {
    "Name": "slot1_1@node17",
    "Machine": "node17.cluster.example.org",
    "GLIDEIN_Site": "A University With A Long Name",
    "OSGVO_CPU_MODEL": "AMD EPYC 7513 32-Core Processor",
}


def logs() -> Logs:
    ledger = Ledger()
    for proc in range(4):
        for kind, at_s in (("EXECUTE", 0.0), ("JOB_EVICTED", 30.0)):
            event = JobEvent(kind=kind, cluster=1, proc=proc, at_s=at_s, facts=MACHINE)
            ledger.add([event])
    batch = Batch(batch="b", name="tf.1", count=6, cluster=1)
    return Logs(batches={"b": batch}, ledgers={"b": ledger})


def status(*, asked: bool = True) -> Status:
    counts = {RunState.RUNNING: 2, RunState.HELD: 16}
    cell = Cell(experiment="digits", hardware="epyc", software="tensorflow-2.8.0", counts=counts)
    held = [
        Held(
            run_id=f"{proc:024x}",
            cluster=1,
            proc=proc,
            reason=f"Error from slot1_{proc}@node{proc}: no /srv/dir_{proc}/x.npz",
            code=13,
            advice="check that they can be read",
        )
        for proc in range(16)
    ]
    jobs = {"r": LiveJob(proc=0, state=RunState.RUNNING, phase="transferring")}
    return Status(states={}, jobs=jobs, held=tuple(held), counts=counts, cells=(cell,), asked=asked)


def drawn(width: int) -> list[str]:
    text = io.StringIO()
    screen = Screen(file=text, width=width, no_color=True)
    for part in watch.screen(status(), logs(), "c.toml"):
        screen.print(part)
    return text.getvalue().splitlines()


@pytest.mark.parametrize("width", [80, 200])
def test_the_screen_fits_and_needs_no_colour(width: int) -> None:
    lines = drawn(width)
    assert max(map(len, lines)) <= width
    assert not any("\x1b" in line for line in lines)
    assert len(lines) < 40
    text = " ".join(" ".join(lines).split())
    assert "2 running, 16 held (1 transferring)" in text
    assert "fails everything: 4 attempts, none ended well" in text


def test_sixteen_jobs_that_are_held_for_one_reason_are_one_row() -> None:
    rows = [line for line in drawn(200) if "no PATH" in line]
    assert len(rows) == 1
    assert rows[0].split()[:2] == ["16", "1.0"]


def test_it_is_said_when_nobody_answers() -> None:
    parts = list(watch.screen(status(asked=False), logs(), "c.toml"))
    told = [part for part in parts if not isinstance(part, Table)]
    assert any("does not answer" in part for part in told)


@pytest.mark.parametrize("terminal", [True, False])
def test_a_terminal_is_drawn_over_and_a_file_goes_on(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool
) -> None:
    text = io.StringIO()
    screen = Screen(file=text, force_terminal=True, width=80) if terminal else Screen()
    monkeypatch.setattr(console, "out", screen)
    with console.live() as draw:
        draw(["first", "line"])
        draw(["second", "line"])
    said = text.getvalue() if terminal else capsys.readouterr().out
    assert "first" in said
    assert "second" in said
    assert ("\x1b[1A" in said) is terminal
