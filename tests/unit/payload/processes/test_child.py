"""A process that works for the supervisor: ended when it is late, and left where it can't be."""

from __future__ import annotations

import os
import signal
import sys
import time

from osgrepro.payload.processes import child
from osgrepro.payload.processes.child import Child, Signals

SLEEPS = [sys.executable, "-c", "import time; time.sleep(600)"]


def listened(limit_s):
    process = Child(SLEEPS, os.environ)
    start = time.monotonic()
    with Signals() as signals:
        process.listen(signals, limit_s=limit_s)
    return process, time.monotonic() - start


def test_one_that_takes_too_long_is_ended():
    process, waited_s = listened(0.5)
    assert process.overdue
    assert process.returncode == -signal.SIGKILL
    assert waited_s < 0.5 + child._GRACE_S + 5


def test_one_in_time_is_not_overdue():
    process = Child([sys.executable, "-c", ""], os.environ)
    with Signals() as signals:
        process.listen(signals, limit_s=60)
    assert (process.overdue, process.returncode) == (False, 0)


def test_one_that_a_driver_keeps_for_ever_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(child, "_GRACE_S", 0.5)
    with monkeypatch.context() as kept:
        kept.setattr(Child, "_signal", lambda _self, _number: None)
        process, waited_s = listened(0.5)
    try:
        assert process.overdue
        assert process.returncode == -signal.SIGKILL
        assert waited_s < 10
    finally:
        process._signal(signal.SIGKILL)
        process._process.wait()
