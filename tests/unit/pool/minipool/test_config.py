from __future__ import annotations

import os
import re
import stat
from pathlib import Path

import pytest

from osgrepro.common.errors import PoolError
from osgrepro.common.models import User
from osgrepro.pool import minipool
from osgrepro.pool.enclosure import NativeEnclosure, RootEnclosure
from osgrepro.pool.minipool import _config
from osgrepro.pool.minipool._paths import PoolPaths
from osgrepro.pool.minipool._processes import Mark

MARK = Mark(pool_id="0123456789ab", secret="5ec2e7", uid=os.geteuid())


@pytest.fixture
def native(tmp_path, monkeypatch):
    """An installation of HTCondor that is only a row of names."""
    for name in ("sbin/condor_master", "bin/apptainer", "libexec/condor/condor_shared_port"):
        path = tmp_path / "usr" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}/usr/sbin:{tmp_path}/usr/bin")
    monkeypatch.setattr("tempfile.tempdir", "/tmp")
    return NativeEnclosure(user=User(name="ada", uid=os.geteuid(), gid=os.getegid()))


@pytest.fixture
def written(tmp_path, native):
    paths = PoolPaths(tmp_path / "pool")
    offered = _config.Capacity(cpus=1, memory_mb=4000)
    port = _config.write(paths, minipool.DEFAULT, native, offered, MARK)
    yield paths, port
    paths.short_runtime.rmdir()


def settings(path):
    pairs = re.findall(r"^([\w.]+) = (.*)$", path.read_text(), re.MULTILINE)
    return dict(pairs)


def test_everything_is_bound_to_loopback(written):
    paths, port = written
    for file in (paths.config, paths.client_config):
        assert settings(file)["NETWORK_INTERFACE"] == "127.0.0.1"
        assert settings(file)["COLLECTOR_HOST"] == f"127.0.0.1:{port}"
    assert settings(paths.config)["BIND_ALL_INTERFACES"] == "False"


def test_only_the_pools_own_user_and_daemons_are_allowed(written):
    paths, _port = written
    found = settings(paths.config)
    domain = paths.name
    allowed = {key: value for key, value in found.items() if key.startswith("ALLOW_")}
    del allowed["ALLOW_CLIENT"]
    assert {"ALLOW_READ", "ALLOW_WRITE", "ALLOW_DAEMON", "ALLOW_ADMINISTRATOR"} <= set(allowed)
    assert set(allowed.values()) == {f"ada@{domain}, condor_pool@{domain}, condor@{domain}"}
    assert found["SEC_DEFAULT_AUTHENTICATION"] == "REQUIRED"
    assert found["SEC_DEFAULT_AUTHENTICATION_METHODS"] == "IDTOKENS"


def test_secrets_are_for_their_owner_alone(written):
    paths, _port = written
    assert stat.S_IMODE((paths.keys / "POOL").stat().st_mode) == 0o600
    for folder in (paths.keys, paths.tokens, paths.client_tokens):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_nothing_of_the_pools_folder_is_for_others(written):
    paths, _port = written
    for path in (paths.directory, *paths.directory.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a user for the daemons")
@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_of_roots_pool_folder_the_pools_user_has_what_it_needs_and_others_nothing(
    tmp_path, monkeypatch, umask
):
    user = User(name="pool", uid=45_678, gid=45_679)
    enclosure = RootEnclosure(user=user, root=Path("/r"), place=tmp_path, home=tmp_path, sub_ids=1)
    places = dict.fromkeys(("release_dir", "bin", "sbin", "libexec", "apptainer"), "/x")
    monkeypatch.setattr(_config, "_installation", lambda _enclosure: places)
    gpu = minipool.ExecutionPoint(name="far", gpu={"Capability": "8.6"})
    paths = PoolPaths(tmp_path / "pool")
    before = os.umask(umask)
    try:
        _config.write(paths, [gpu], enclosure, _config.Capacity(cpus=1, memory_mb=1), MARK)
    finally:
        os.umask(before)
    own = {paths.log, paths.spool, paths.execute, paths.execute / "far", paths.keys}
    own |= {paths.tokens, paths.keys / "POOL"}
    read = {paths.directory, paths.config, paths.gpus, paths.gpus / "far"}
    for path in (paths.directory, *paths.directory.rglob("*")):
        facts = path.stat()
        assert facts.st_mode & 0o027 == 0, path
        assert (facts.st_uid == user.uid) is (path in own), path
        assert bool(facts.st_mode & 0o050) is (path in read), path
        assert facts.st_gid == (user.gid if path in own | read else 0), path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_a_former_users_files_become_the_present_ones_and_nobody_elses_do(tmp_path):
    top, outside = tmp_path / "spool", tmp_path / "outside"
    (top / "deep").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret").touch(mode=0o600)
    (top / "link").symlink_to(outside)
    (top / "deep" / "job").touch()
    (top / "deep" / "hard").hardlink_to(outside / "secret")
    for path in (top, top / "deep", top / "deep" / "job"):
        os.chown(path, 45_001, 45_001)
    _config._hand_over(top, 45_002, 45_002)
    for path in (top, top / "deep", top / "deep" / "job"):
        assert path.stat().st_uid == 45_002
    assert {outside.stat().st_uid, (outside / "secret").stat().st_uid} == {0}


def test_each_execution_point_has_what_is_its_own(written):
    paths, _port = written
    found = settings(paths.config)
    for key in ("STARTD_NAME", "STARTD_LOG", "STARTD_ADDRESS_FILE", "EXECUTE"):
        assert len({found[f"{ep.daemon}.{key}"] for ep in minipool.DEFAULT}) == 4
    assert found["EP_HOST.OsgreproEmulated"] == "False"
    told = {name: found[f"EP_{name}.OsgreproThreads"] for name in ("HOST", "THREADS8", "GPU")}
    assert told == {"HOST": "0", "THREADS8": "8", "GPU": "undefined"}
    assert "TF_NUM_INTRAOP_THREADS=8" in found["slot_type_3.STARTER_JOB_ENVIRONMENT"]
    assert found["EP_GPU.STARTD_DETECT_GPUS"].endswith("-simulate:4,1")
    assert all((paths.execute / ep.name).is_dir() for ep in minipool.DEFAULT)


def test_further_attributes_are_advertised(tmp_path, native):
    ep = minipool.ExecutionPoint(name="big", attributes={"Microarch": '"x86_64-v4"'})
    paths = PoolPaths(tmp_path / "pool")
    _config.write(paths, [ep], native, _config.Capacity(cpus=1, memory_mb=1), MARK)
    found = settings(paths.config)
    assert found["EP_BIG.Microarch"] == '"x86_64-v4"'
    assert found["EP_BIG.STARTD_ATTRS"].endswith(" Microarch")
    paths.short_runtime.rmdir()


def test_a_machine_elsewhere_has_its_cap_its_gpu_and_what_is_not_like_it(tmp_path, native):
    gpu = {"Capability": "8.6", "DeviceName": '"NVIDIA A40"'}
    ep = minipool.ExecutionPoint(name="far", threads=64, isa="AVX2", gpu=gpu, not_emulated="a; b")
    paths = PoolPaths(tmp_path / "pool")
    _config.write(paths, [ep], native, _config.Capacity(cpus=1, memory_mb=1), MARK)
    found = settings(paths.config)
    environment = found["slot_type_1.STARTER_JOB_ENVIRONMENT"].strip('"').split()
    assert {"DNNL_MAX_CPU_ISA=AVX2", "ONEDNN_MAX_CPU_ISA=AVX2"} < set(environment)
    assert found["EP_FAR.OsgreproEmulation"] == (
        '"intra-op threads 64, oneDNN capped to AVX2, simulated GPU"'
    )
    assert found["EP_FAR.OsgreproNotEmulated"] == '"a; b"'
    told = found["EP_FAR.MACHINE_RESOURCE_INVENTORY_GPUs"].removeprefix("/bin/cat ")
    assert Path(told).read_text().count('Capability=8.6; DeviceName="NVIDIA A40"') == 1
    paths.short_runtime.rmdir()


def test_without_a_described_gpu_discovery_is_left_alone(written):
    assert "MACHINE_RESOURCE_INVENTORY_GPUs" not in settings(written[0].config)


def test_two_folders_are_two_pools(tmp_path):
    one, two = PoolPaths(tmp_path / "one"), PoolPaths(tmp_path / "two")
    assert one.pool_id != two.pool_id
    assert one.name != two.name
    assert one.short_runtime != two.short_runtime


def test_the_memory_is_shared_among_the_jobs_that_run_at_once():
    one, four = _config.capacity(1), _config.capacity(4)
    assert four.memory_mb == pytest.approx(one.memory_mb / 4, abs=1)
    assert _config.capacity(1000).cpus == 1
    assert _config.capacity(4, memory_mb=100).memory_mb == 100


@pytest.mark.parametrize("name", ["", "Host", "a b", "a.b", "a\nb", "1a", "é"])
def test_a_name_that_could_leave_its_line_is_refused(name):
    with pytest.raises(PoolError):
        minipool.ExecutionPoint(name=name)
