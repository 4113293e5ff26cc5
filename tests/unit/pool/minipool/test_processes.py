from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import time

import pytest

from osgrepro.pool.minipool import _processes

# Its grandchild has a clean environment: what stems from a marked process is ours all the same.
FAMILY = """
import os, subprocess, sys, time
child = subprocess.Popen(["env", "-i", sys.executable, "-c", "import time; time.sleep(60)"])
print("ready", flush=True)
time.sleep(60)
"""


@pytest.fixture
def family():
    mark = _processes.Mark(pool_id=f"test{os.getpid()}", secret="5ec2e7", uid=os.geteuid())
    process = subprocess.Popen(
        [sys.executable, "-c", FAMILY],
        env={**os.environ, _processes.MARK: mark.text},
        stdout=subprocess.PIPE,
        text=True,
    )
    process.stdout.readline()
    yield mark, process
    process.kill()
    process.wait()
    process.stdout.close()


def test_marked_processes_and_their_children_are_found(family):
    mark, process = family
    found = _processes.of_pool(mark)
    assert len(found) == 2
    assert found[0].pid == process.pid
    assert found[1].parent == process.pid


def test_another_pools_processes_are_not_found(family):
    mark, _process = family
    for other in (mark.pool_id + "0", mark.pool_id[:-1]):
        assert _processes.of_pool(dataclasses.replace(mark, pool_id=other)) == []


def test_end_all_ends_them_and_returns_when_they_are_gone(family):
    mark, _process = family
    found = _processes.of_pool(mark)
    _processes.end_all(mark)
    assert not any(_processes.same(process) for process in found)


def test_end_all_of_nothing_is_quick():
    before = time.monotonic()
    _processes.end_all(_processes.Mark(pool_id="nothing-has-this-mark"))
    assert time.monotonic() - before < 5


def test_a_later_process_of_the_same_pid_is_another():
    me = _processes.look_up(os.getpid())
    assert _processes.same(me)
    earlier = dataclasses.replace(me, started=me.started - 1)
    assert not _processes.same(earlier)
    with _processes.held(earlier) as handle:
        assert handle is None


def test_what_has_ended_is_none_even_while_its_remains_are_there():
    process = subprocess.Popen([sys.executable, "-c", ""])
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert _processes.look_up(process.pid) is None
    process.wait()


def test_what_the_pool_left_is_found_also_when_its_secret_was_lost(family):
    mark, process = family
    lost = _processes.Mark(pool_id=mark.pool_id)
    assert _processes.of_pool(lost)[0].pid == process.pid


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
STRANGER, POOL_USER = 65534, 45_678


@pytest.fixture
def of_other():
    """Starts a process called condor_master of another user's, with a mark in its environment."""
    started = []

    def start(uid, mark):
        naming = "import ctypes, time; ctypes.CDLL(None).prctl(15, b'condor_master', 0, 0, 0)"
        code = f"{naming}; print('ready', flush=True); time.sleep(60)"
        process = subprocess.Popen(
            ["/usr/bin/env", "python3", "-c", code],
            env={"PATH": "/usr/bin:/bin", _processes.MARK: mark},
            cwd="/",
            user=uid,
            group=uid,
            extra_groups=[],
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


# What anybody knows is the pool's id; what a job of the pool's knows is all of the mark.
@needs_root
@pytest.mark.parametrize("text", ["{id}", "{id}.", "{id}.0", "{id}.5ec2e7", "{id}.None"])
def test_a_strangers_process_that_bears_the_mark_is_neither_taken_nor_ended(of_other, text):
    mark = _processes.Mark(pool_id=f"test{os.getpid()}", secret="5ec2e7", uid=POOL_USER)
    stranger = of_other(STRANGER, text.format(id=mark.pool_id))
    for known in (mark, _processes.Mark(pool_id=mark.pool_id)):
        assert _processes.of_pool(known) == []
        _processes.end_all(known)
    assert stranger.poll() is None


@needs_root
def test_the_pools_user_is_known_by_the_whole_mark_alone(of_other):
    mark = _processes.Mark(pool_id=f"test{os.getpid()}", secret="5ec2e7", uid=POOL_USER)
    forged = of_other(POOL_USER, f"{mark.pool_id}.0")
    job = of_other(POOL_USER, mark.text)
    assert [one.pid for one in _processes.of_pool(mark)] == [job.pid]
    _processes.end_all(mark)
    assert job.wait(5) != 0
    assert forged.poll() is None
