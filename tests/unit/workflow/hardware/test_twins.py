from __future__ import annotations

import json
from pathlib import Path

import pytest
import trial

from osgrepro.common import shipped, toml
from osgrepro.common.errors import PoolError, TwinError, UsageError
from osgrepro.hardware import twin
from osgrepro.pool import condor, minipool
from osgrepro.pool.minipool import _config
from osgrepro.results import records
from osgrepro.workflow import loading
from osgrepro.workflow.hardware import twins

CPUINFO = "processor : 0\nvendor_id : AuthenticAMD\nflags : fpu avx avx2\n\nprocessor : 1\n"
CACHES = [("1", "Data", "32K"), ("1", "Instruction", "64K"), ("2", "Unified", "512K")]
CPU = {
    "vendor": "GenuineIntel",
    "family": 6,
    "model": 79,
    "model_name": "Intel(R) Xeon(R) CPU E5-2640 v4 @ 2.40GHz",
    "flags": ["avx", "avx2"],
    "caches": [
        {"level": 1, "type": "Data", "size": "32K", "shared_by": None},
        {"level": 1, "type": "Instruction", "size": "64K", "shared_by": None},
        {"level": 2, "type": "Unified", "size": "256K", "shared_by": None},
        {"level": 3, "type": "Unified", "size": "25600K", "shared_by": None},
    ],
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "sys/devices/system/cpu/cpu0/cache"
    for index, cache in enumerate(CACHES):
        (folder / f"index{index}").mkdir(parents=True)
        for name, value in zip(("level", "type", "size"), cache, strict=True):
            (folder / f"index{index}" / name).write_text(f"{value}\n")
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc/cpuinfo").write_text(CPUINFO)
    return tmp_path


@pytest.fixture
def write(tmp_path: Path):
    """Writes a sealed result of a machine."""

    def made(cpu, threads=None) -> Path:
        matrix = trial.expand(repeats=1)
        content = trial.result(matrix, matrix.runs[0], "0" * 32, cluster=1, proc=0)
        content["provenance"] |= {"cpu": cpu, "threads": threads or {}}
        content["checksum"] = records.checksum(content)
        (tmp_path / "result.json").write_text(json.dumps(content))
        return tmp_path / "result.json"

    return made


def test_this_machine_is_read_from_proc_and_sys(root):
    assert twins.here(root) == twin.Here(
        vendor="AuthenticAMD",
        flags=frozenset({"fpu", "avx", "avx2"}),
        l1d_kib=32,
        l2_kib=512,
        l3_kib=None,
    )


def test_the_studys_campaign_matches_the_ads_of_its_twin(root):
    eps = twins.execution_points(twins.check(twins.load("osg-2022"), twins.here(root)))
    ads = {
        ep.name: {name: json.loads(value) for name, value in ep.attributes.items()} for ep in eps
    }
    hardware = loading.load(str(shipped.folder("submit") / "osg-2022.toml")).campaign.hardware
    assert [one.name.replace("-", "") for one in hardware] == [ep.name for ep in eps]
    for one, ep in zip(hardware, eps, strict=True):
        matched = [name for name, ad in ads.items() if condor.matches(one.requirements, ad)]
        if one.gpus is None:
            assert matched == [ep.name]
        else:
            assert one.gpus.device in json.loads(ep.gpu["DeviceName"])
            assert float(ep.gpu["Capability"]) >= one.gpus.minimum_capability


def test_what_is_emulated_and_what_is_not_goes_with_the_execution_point(root):
    eps = twins.execution_points(twins.check(twins.load("osg-2022"), twins.here(root)))
    first, gpu = eps[0], eps[-1]
    assert first.environment == {"TF_NUM_INTRAOP_THREADS": "64"}
    assert first.not_emulated == "L3 cache 16384 KiB, here unknown"
    assert gpu.simulates_gpu
    assert gpu.emulation == "intra-op threads 60, simulated GPU"


@pytest.mark.parametrize("source", ["osg-2023", "no/such.toml", "."])
def test_an_unknown_twin_is_told(source):
    with pytest.raises(UsageError, match="no such twin") as caught:
        twins.load(source)
    assert "osg-2022" in caught.value.hint


def test_a_file_that_is_no_toml_or_no_text_is_told(tmp_path):
    (tmp_path / "t.toml").write_text("[twin\n")
    with pytest.raises(UsageError, match="not valid TOML"):
        twins.load(str(tmp_path / "t.toml"))
    (tmp_path / "t.toml").write_bytes(b"\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        twins.load(str(tmp_path / "t.toml"))


def test_a_machine_that_the_twin_lacks_is_told_before_anything_starts(tmp_path):
    with pytest.raises(UsageError, match="has no machine epyc-9999"):
        twins.up("osg-2022", only=["epyc-9999"], directory=tmp_path / "pool")
    assert not (tmp_path / "pool").exists()


def test_more_execution_points_than_memory_allows_is_an_error(monkeypatch):
    monkeypatch.setattr(_config, "_memory_bytes", lambda: 8 * 2**30)
    with pytest.raises(PoolError, match="13 execution points: 7372 MB") as caught:
        _config.capacity(13, least_memory_mb=1024)
    assert caught.value.hint.startswith("7 would fit")
    assert _config.capacity(13, memory_mb=2048, least_memory_mb=1024).memory_mb == 2048
    with pytest.raises(PoolError, match="9000 MB"):
        _config.capacity(1, memory_mb=9000)


def test_a_result_becomes_a_twin(write):
    text, missing = twins.from_result(write(CPU, {"logical_cpus": 40}))
    assert missing == ()
    found = twin.parse(toml.loads(text, "made"), "made")
    (study,) = (one for one in twins.load("osg-2022").machine if one.name == "xeon-e5-2640-v4")
    assert found.machine[0] == study.model_copy(update={"name": "intel-xeon-e5-2640-v4"})


def test_what_a_result_does_not_tell_is_said_and_not_made_up(write):
    text, missing = twins.from_result(write({**CPU, "caches": []}), "old")
    assert missing == ("logical_cpus", "l1d_kib", "l2_kib", "l3_kib")
    assert "# logical_cpus: not in the result\n" in text
    with pytest.raises(TwinError, match=r"machine\[0\].logical_cpus: missing \(old\)"):
        twin.parse(toml.loads(text, "made"), "made")


def test_what_is_no_result_or_no_name_is_told(tmp_path, write):
    (tmp_path / "x.json").write_text("{}")
    with pytest.raises(UsageError, match="not a valid result"):
        twins.from_result(tmp_path / "x.json")
    with pytest.raises(UsageError, match="No such file"):
        twins.from_result(tmp_path / "nowhere.json")
    with pytest.raises(UsageError, match="--name"):
        twins.from_result(write(CPU), "a b")


def test_the_default_pool_is_not_held_to_a_least_memory():
    assert minipool.Settings().least_memory_mb == 0
