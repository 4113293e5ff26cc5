"""CPUs and threads: masks, limits of both kinds of control groups, the sizes of pools."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from osgrepro.payload.provenance import Collector, files, threads


def machine(folder, cgroup, limits):
    (folder / "proc/self").mkdir(parents=True)
    (folder / "proc/self/cgroup").write_text(cgroup)
    for path, text in limits.items():
        place = folder / "sys/fs/cgroup" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text + "\n")
    return str(folder)


def test_limits_of_a_unified_control_group(tmp_path):
    limits = {"htcondor/slot1/cpu.max": "100000 100000", "htcondor/memory.max": "4294967296"}
    root = machine(tmp_path, "0::/htcondor/slot1\n", limits)
    found = threads.cgroup(root)
    assert found["cpu_max"] == "100000 100000"
    assert found["memory_max"] == "4294967296"
    assert found["cpuset"] is None


def test_a_group_that_is_seen_as_the_root(tmp_path):
    root = machine(tmp_path, "0::/../../elsewhere\n", {"cpu.max": "max 100000"})
    assert threads.cgroup(root)["cpu_max"] == "max 100000"


def test_limits_of_old_control_groups(tmp_path):
    cgroup = "4:cpu,cpuacct:/condor/a\n3:memory:/condor/a\n2:cpuset:/\n"
    limits = {
        "cpu/condor/a/cpu.cfs_quota_us": "200000",
        "cpu/condor/a/cpu.cfs_period_us": "100000",
        "memory/condor/memory.limit_in_bytes": "8589934592",
        "cpuset/cpuset.cpus": "0-7",
    }
    found = threads.cgroup(machine(tmp_path, cgroup, limits))
    assert (found["cpu_quota_us"], found["cpu_period_us"]) == ("200000", "100000")
    assert found["memory_max"] == "8589934592"
    assert found["cpuset"] == "0-7"


@pytest.mark.parametrize(
    ("numbers", "text"),
    [([], ""), ([3], "3"), ([0, 1, 2, 3], "0-3"), ([5, 0, 1, 7, 8], "0-1,5,7-8")],
)
def test_ranges_are_written_as_linux_does(numbers, text):
    assert files.ranges(numbers) == text


class Backend:
    """Has a pool whose size can't be told; its threads have this process's name."""

    pool_thread = Path("/proc/self/comm").read_text().strip()

    def pools(self, environ, named):
        assert environ == {"OMP_NUM_THREADS": "4"}
        return {"intra_op_configured": lambda: named, "intra_op_effective": lambda: 1 // 0}


def test_a_size_that_cannot_be_told_is_null_and_the_reason_is_kept():
    collector = Collector()
    found = threads.pools(collector, Backend(), {"OMP_NUM_THREADS": "4"})
    assert found["intra_op_effective"] is None
    assert list(collector.errors) == ["threads.intra_op_effective"]
    assert 1 <= found["intra_op_configured"] <= found["process_threads"]


def test_the_threads_of_a_pool_that_has_no_name_are_not_counted():
    backend = Backend()
    backend.pool_thread = None
    found = threads.pools(Collector(), backend, {"OMP_NUM_THREADS": "4"})
    assert found["pool_threads"] is None


def test_this_machine_can_be_read():
    collector = Collector()
    environ = {"OMP_NUM_THREADS": "4", "OTHER": "1"}
    found = threads.collect(collector, environ, {"Cpus": 2})
    assert collector.errors == {}
    assert found["affinity_size"] == len(os.sched_getaffinity(0))
    assert found["provisioned_cpus"] == 2
    assert found["environment"] == {"OMP_NUM_THREADS": "4"}
