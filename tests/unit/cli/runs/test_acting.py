"""``hold``, ``release`` and ``remove`` as one types them."""

from __future__ import annotations

from typing import Any

import pytest

from osgrepro.cli.runs import acting
from osgrepro.workflow.runs.jobs import Queued
from osgrepro.workflow.runs.monitoring.status import Status


@pytest.mark.parametrize("verb", ["hold", "release", "remove", "retry"])
def test_no_job_is_touched_unless_some_are_named(osgrepro: Any, verb: str) -> None:
    said = osgrepro(verb, "demo")
    assert (said.code, said.out) == (2, "")
    assert f"{verb} --all" in said.err


def test_a_state_that_no_job_has_is_refused(osgrepro: Any) -> None:
    said = osgrepro("remove", "demo", "--state", "hold")
    assert said.code == 2
    assert "did you mean 'held'?" in said.err


def test_jobs_that_nobody_expects_are_told_of_with_the_command(
    capfd: pytest.CaptureFixture[str],
) -> None:
    queued = Queued(orphans=((7, 0), (7, 1)), abroad={"/other.runs": ((8, 3),)})
    now = Status(states={}, queued=queued, damaged=("the journal is damaged",))
    acting.say_queued(now, ("my study.toml",))
    said = capfd.readouterr().err
    assert "2 jobs are in the queue for runs that the campaign no longer has" in said
    assert "osgrepro remove 'my study.toml' --state orphaned removes them" in said
    assert "1 job is in the queue whose results go to /other.runs (such as job 8.3)" in said
    assert "warning: the journal is damaged" in said
    assert acting.queued_json(now) == {
        "damaged": ["the journal is damaged"],
        "orphans": ["7.0", "7.1"],
        "abroad": {"/other.runs": ["8.3"]},
    }
