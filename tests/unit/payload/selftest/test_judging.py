"""What the end of the self-test means: a hang, a kill, and a signal to stop."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from osgrepro.payload import spec
from osgrepro.payload.processes.child import Signals
from osgrepro.payload.selftest import judging

WAITS = "import time\ntime.sleep(600)\n"
KILLED = "import os\nos.kill(os.getpid(), 9)\n"


@pytest.fixture
def judged(slot, monkeypatch):
    """Tests a slot with such a NumPy."""
    monkeypatch.chdir(slot.folder)
    # The payload is started from its folder here, and the folder of the slot comes first.
    root = Path(judging.__file__).parents[3]

    def run(numpy, limit_s=60.0, stop_after_s=None):
        (slot.folder / "numpy.py").write_text(numpy)
        slot.save()
        argv = slot.argv()[3:]
        names = {"run_id": argv[3], "experiment": "probe", "hardware": "any"}
        folder = str(slot.folder)
        task = spec.read_task("spec.json", **names, seed=1, repeat=1, scratch=folder, out=folder)
        environ = {**os.environ, "KERAS_HOME": folder, "PYTHONPATH": f"{folder}:{root}"}
        with Signals() as signals:
            if stop_after_s is not None:
                main = os.getpid()
                threading.Timer(stop_after_s, os.kill, (main, signal.SIGTERM)).start()
            return judging.run(task, argv, environ, signals, (limit_s, limit_s))

    return run


def test_a_hang_is_a_bad_slot(judged):
    start = time.monotonic()
    made = judged(WAITS, limit_s=4.0)
    assert time.monotonic() - start < 30
    assert made.fault.exit_code == 30
    assert made.facts["failure"] == "importing NumPy: no answer within 4 s"
    assert made.state["provenance"]["host"]["kernel"]


def test_a_kill_for_lack_of_memory_is_the_trainings_to_meet(judged, monkeypatch):
    monkeypatch.setattr(judging.memory, "lacked", lambda: True)
    made = judged(KILLED)
    assert made.fault is None
    assert "importing NumPy: ended by SIGKILL, " in made.facts["untested"]


def test_a_kill_that_memory_does_not_explain_is_a_bad_slot(judged, monkeypatch):
    monkeypatch.setattr(judging.memory, "lacked", lambda: False)
    assert judged(KILLED).facts["failure"] == "importing NumPy: ended by SIGKILL"


def test_a_signal_to_stop_is_no_judgement(judged):
    made = judged(WAITS, stop_after_s=3.0)
    assert made.fault is None
    assert made.facts["untested"].startswith("told to stop while ")
