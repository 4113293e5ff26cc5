"""The process and its host."""

from __future__ import annotations

import datetime
import os

from osgrepro.payload.processes import memory
from osgrepro.payload.provenance import Collector, host


def test_this_process_can_be_described():
    collector = Collector()
    found = host.process(collector)
    assert collector.errors == {}
    assert found["pid"] == os.getpid()
    started = datetime.datetime.fromisoformat(found["started_at"])
    age = datetime.datetime.now(datetime.timezone.utc) - started
    assert datetime.timedelta(0) <= age < datetime.timedelta(hours=12)


def test_this_host_can_be_described():
    collector = Collector()
    found = host.host(collector, {}, None)
    assert collector.errors == {}
    assert found["glibc"].startswith("glibc")
    assert found["memory_total_kb"] > 0
    assert found["site"] is None


def test_slot_and_site_come_from_the_machine_ad():
    ad = {"Machine": "node7", "Name": "slot1@node7", "GLIDEIN_ResourceName": "CHTC"}
    found = host.host(Collector(), {"OSG_SITE_NAME": "other"}, ad)
    assert (found["machine"], found["slot"], found["site"]) == ("node7", "slot1@node7", "CHTC")


def test_the_pilots_environment_tells_the_site_too():
    assert host.host(Collector(), {"OSG_SITE_NAME": "UW"}, {})["site"] == "UW"


def test_memory_has_had_a_peak():
    assert memory.peak_mb() > 1
