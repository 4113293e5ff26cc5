"""The network between access point and execution points is cut for a while."""

from __future__ import annotations

import ctypes
import os
import subprocess
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.pool, pytest.mark.timeout(600), pytest.mark.slow]

_NEW_NETWORK = 0x40000000  # CLONE_NEWNET
_CUT_S = 60


def loopback(state):
    subprocess.run(["ip", "link", "set", "lo", state], check=True)


@pytest.fixture(scope="module", autouse=True)
def network():
    """A network of this module's own, in which its pool lives: nobody else is cut off."""
    system = ctypes.CDLL(None, use_errno=True)
    with Path("/proc/thread-self/ns/net").open("rb") as before:
        if system.unshare(_NEW_NETWORK):
            pytest.skip(f"no network namespace can be made: {os.strerror(ctypes.get_errno())}")
        try:
            loopback("up")
            yield
        finally:
            assert system.setns(before.fileno(), _NEW_NETWORK) == 0


@pytest.fixture(scope="module")
def settings(network, settings):
    return settings


def test_the_network_is_cut(bench, ended):
    bench.start()
    bench.fault()
    loopback("down")
    time.sleep(_CUT_S)
    loopback("up")
    assert ended(f"network cut for {_CUT_S} s", "jobs go on, or start again").did == "nothing"
