"""Whether slots match is asked of what runs ask for, also where a retry gave them more."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import trial

from osgrepro.cli.runs import slots
from osgrepro.common.errors import UsageError
from osgrepro.runs.render import Requests
from osgrepro.workflow.campaign import feasibility

MATRIX = trial.expand(2, ("host",), requirements="true")
ACCESS: Any = SimpleNamespace(pool=None)
SLOT = {
    **{"Cpus": 1, "TotalSlotCpus": 1, "Memory": 512, "TotalSlotMemory": 512, "HasSIF": True},
    **{"Disk": 10**7, "TotalSlotDisk": 10**7, "Arch": "X86_64", "OpSys": "LINUX"},
}


@pytest.fixture(autouse=True)
def pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(feasibility, "slots", lambda _matrix, _access: [SLOT])


def look(*, strict: bool = False, given: int | None = None) -> tuple[list[str], list[str]]:
    requests = {MATRIX.runs[0].run_id: Requests(memory_mb=given)} if given else {}
    return slots.look_for_slots(MATRIX, ACCESS, strict=strict, requests=requests)


def test_a_run_that_was_given_more_than_any_slot_has_waits_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert look() == ([], [])
    assert look(given=512) == ([], [])
    assert look(given=4096) == ([], [MATRIX.runs[0].run_id])
    told = " ".join(capsys.readouterr().err.split())
    assert "with what a retry gave 1 run: hardware host: none of 1 slots matches" in told
    assert "request_memory_mb = 4096" in told


def test_it_is_refused_where_that_is_asked_for() -> None:
    with pytest.raises(UsageError, match="4096"):
        look(strict=True, given=4096)
