"""What the brake reads in event logs, as HTCondor writes them."""

from __future__ import annotations

from pathlib import Path

import pytest
from job_log import (
    COMPLAINED,
    ENDED,
    EVICTED,
    GIVEN_BACK,
    GONE,
    HELD,
    RELEASED,
    REQUEUED,
    SHADOW,
    SIGNALLED,
    START,
    SUBMITTED,
)

from osgrepro.brake.logs import History, Log, events


def history(text: str, experiments: tuple[str, ...] = ("a", "b")) -> History:
    made = History(batch="k", experiments=list(experiments))
    for event in events(text, 0.0):
        made.fold(event)
    return made


@pytest.mark.parametrize(
    ("end", "bad"),
    [
        (ENDED.format(code=0), False),
        (ENDED.format(code=10), True),
        (ENDED.format(code=40), False),
        (SIGNALLED, True),
        (REQUEUED.format(code=30), True),
        (HELD.format(code=3, subcode=1), True),
        (HELD.format(code=45, subcode=0), True),
        (COMPLAINED.format(code=45) + GIVEN_BACK.format(code=45, subcode=-1000), True),
        (COMPLAINED.format(code=45) + EVICTED, True),
        (COMPLAINED.format(code=13) + ENDED.format(code=0), False),
        (GIVEN_BACK.format(code=45, subcode=0), True),
        (GONE.format(second=6), True),
        (SHADOW, True),
    ],
)
def test_how_an_attempt_ended(end, bad) -> None:
    (attempt,) = history(START.format(proc=1, machine="host") + end).attempts
    assert (attempt.machine, attempt.kind, attempt.bad, attempt.lasted_s) == (
        *("host", ("k", "b"), bad, 1),
    )


@pytest.mark.parametrize(
    "end",
    [
        EVICTED,
        HELD.format(code=34, subcode=102),
        HELD.format(code=1, subcode=0),
        GIVEN_BACK.format(code=1004, subcode=0),
        # A slot that ends later than that takes a good run with it.
        GONE.format(second=45),
    ],
)
def test_what_is_no_fault_of_the_machine_does_not_count(end) -> None:
    assert history(START.format(proc=1, machine="host") + end).attempts == []


@pytest.mark.parametrize(
    ("end", "lost"), [(GONE.format(second=6), True), (SHADOW, True), (ENDED.format(code=1), False)]
)
def test_what_was_gone_at_once_is_lost(end, lost) -> None:
    (attempt,) = history(START.format(proc=1, machine="host") + end).attempts
    assert attempt.lost is lost


def test_a_machine_without_a_pool_of_ours_is_known_by_its_name() -> None:
    text = START.format(proc=0, machine="").replace('\tOsgreproEP = ""\n', "")
    (attempt,) = history(text).attempts
    assert (attempt.machine, attempt.bad) == ("vm.osgrepro", None)


def test_all_is_over_once_every_job_has_left_and_none_will_be_made() -> None:
    assert not history("").over
    assert not history(SUBMITTED).over
    assert not history(SUBMITTED + HELD.format(code=3, subcode=1)).over
    assert history(SUBMITTED + ENDED.format(code=10)).over
    factory = "035 (004.-01.000) 2026-11-27 18:12:02 Cluster submitted from host: <>\n...\n"
    assert not history(factory + SUBMITTED + ENDED.format(code=0)).over
    gone = factory.replace("035", "036")
    assert history(factory + SUBMITTED + ENDED.format(code=0) + gone).over


def test_a_release_is_remembered_by_what_was_released() -> None:
    assert list(history(RELEASED).released_s) == [("k", "b")]


def test_a_log_is_read_by_whole_events(tmp_path: Path) -> None:
    file = tmp_path / "x.log"
    log = Log(str(file))
    assert log.new(0.0) == []
    whole = SUBMITTED + START.format(proc=1, machine="host")
    file.write_text(whole + ENDED[:40])
    assert [event.number for event in log.new(0.0)] == ["000", "001"]
    file.write_text(whole + ENDED.format(code=0))
    assert [event.number for event in log.new(0.0)] == ["005"]
    assert log.new(0.0) == []
