from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from osgrepro.minipool import _processes

# Its grandchild has a clean environment: what stems from a marked process is ours all the same.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen(["env", "-i", sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def family():
    pool_id = f"test{os.getpid()}"
    process = subprocess.Popen(
        [sys.executable, "-c", FAMILY],
        env={**os.environ, _processes.MARK: pool_id},
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    yield pool_id, process
    process.kill()
    process.wait()
    process.stdout.close()


def test_marked_processes_and_their_children_are_found(family):
    pool_id, process = family
    found = _processes.marked(pool_id)
    assert len(found) == 2
    assert found[0].pid == process.pid
    assert found[1].parent == process.pid


def test_another_pools_processes_are_not_found(family):
    pool_id, _process = family
    assert _processes.marked(pool_id + "0") == []
    assert _processes.marked(pool_id[:-1]) == []


def test_end_all_ends_them_and_returns_when_they_are_gone(family):
    pool_id, _process = family
    found = _processes.marked(pool_id)
    _processes.end_all(pool_id)
    assert not any(_processes.same(process) for process in found)


def test_end_all_of_nothing_is_quick():
    before = time.monotonic()
    _processes.end_all("nothing-has-this-mark")
    assert time.monotonic() - before < 5


def test_a_later_process_of_the_same_pid_is_another():
    me = _processes.look_up(os.getpid())
    assert _processes.same(me)
    earlier = _processes.Process(
        pid=me.pid, started=me.started - 1, parent=me.parent, command=me.command
    )
    assert not _processes.same(earlier)


def test_what_has_ended_is_none_even_while_its_remains_are_there():
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert _processes.look_up(process.pid) is None
    process.wait()
