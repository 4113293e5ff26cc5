"""CPUs and threads: masks, limits of both kinds of control groups, the sizes of pools."""

from __future__ import annotations

import os

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


class TensorFlow:
    """Has pools of the sizes given."""

    def __init__(self, intra, inter):
        self.config = self.threading = self
        self.get_intra_op_parallelism_threads = lambda: intra
        self.get_inter_op_parallelism_threads = lambda: inter


@pytest.mark.parametrize(
    ("configured", "environ", "effective"),
    [
        (3, {"TF_NUM_INTRAOP_THREADS": "128"}, 3),
        (0, {"TF_NUM_INTRAOP_THREADS": "128"}, 128),
        (0, {"TF_NUM_INTRAOP_THREADS": "many"}, None),
        (0, {}, None),
    ],
)
def test_the_pool_is_as_tensorflow_makes_it(configured, environ, effective):
    found = threads.pools(TensorFlow(configured, 0), environ)
    assert found["intra_op_configured"] == configured
    assert found["intra_op_effective"] == (effective or len(os.sched_getaffinity(0)))
    assert found["process_threads"] >= 1


def test_this_machine_can_be_read():
    collector = Collector()
    environ = {"OMP_NUM_THREADS": "4", "OTHER": "1"}
    found = threads.collect(collector, environ, {"Cpus": 2})
    assert collector.errors == {}
    assert found["affinity_size"] == len(os.sched_getaffinity(0))
    assert found["provisioned_cpus"] == 2
    assert found["environment"] == {"OMP_NUM_THREADS": "4"}
