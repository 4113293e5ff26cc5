"""The processor, read from /proc and /sys of a made-up machine, and of this one."""

from __future__ import annotations

import pytest

from osgrepro.payload.provenance import Collector, cpu, threads

CPUINFO = """processor\t: {n}
vendor_id\t: AuthenticAMD
cpu family\t: 25
model\t\t: 1
model name\t: AMD EPYC 7513 32-Core Processor
stepping\t: 1
microcode\t: 0xa0011d1
flags\t\t: fpu sse2 avx2 fma
"""


@pytest.fixture
def machine(tmp_path):
    (tmp_path / "proc/self").mkdir(parents=True)
    cpus = "\n".join(CPUINFO.format(n=n) for n in range(128))
    (tmp_path / "proc/cpuinfo").write_text(cpus)
    for index, (level, kind, size) in enumerate((("1", "Data", "32K"), ("3", "Unified", "32768K"))):
        folder = tmp_path / f"sys/devices/system/cpu/cpu0/cache/index{index}"
        folder.mkdir(parents=True)
        (folder / "level").write_text(level + "\n")
        (folder / "type").write_text(kind + "\n")
        (folder / "size").write_text(size + "\n")
        (folder / "shared_cpu_list").write_text("0,64\n")
    return tmp_path


def test_the_processor_is_described(machine):
    collector = Collector()
    found = cpu.collect(collector, str(machine))
    assert collector.errors == {}
    assert found["vendor"] == "AuthenticAMD"
    assert (found["family"], found["model"], found["stepping"]) == (25, 1, 1)
    assert found["microcode"] == "0xa0011d1"
    assert found["flags"] == ["fpu", "sse2", "avx2", "fma"]
    assert found["hypervisor"] is False
    assert found["caches"][1] == {
        "level": 3,
        "type": "Unified",
        "size": "32768K",
        "shared_by": "0,64",
    }


def test_logical_cpus_are_counted(machine):
    assert threads.logical_cpus(str(machine)) == 128


def test_a_machine_without_proc_still_gives_a_section(tmp_path):
    collector = Collector()
    found = cpu.collect(collector, str(tmp_path))
    assert found["vendor"] is None
    assert found["caches"] == []
    assert "cpu.cpuinfo" in collector.errors


def test_this_process_keeps_denormal_numbers():
    assert cpu.flush_to_zero() is False
    assert cpu.denormals_are_zero() is False


def test_this_machine_can_be_read():
    collector = Collector()
    found = cpu.collect(collector)
    assert collector.errors == {}
    assert found["flags"]
