"""The twin of 2022 as a real pool: 13 slots that advertise other machines, and jobs find them."""

from __future__ import annotations

import json
import os
import subprocess
import time

import pytest

from osgrepro.common import shipped
from osgrepro.common.errors import PoolError
from osgrepro.pool import condor, minipool
from osgrepro.workflow import loading
from osgrepro.workflow.hardware import twins

pytestmark = [pytest.mark.pool, pytest.mark.timeout(300)]

# As the campaign asks, but for its memory: the pool's share of a small machine is less.
SUBMIT = """
universe = container
container_image = {image}
executable = /bin/sh
transfer_executable = false
arguments = "-c 'mkdir results; (env; cat $_CONDOR_MACHINE_AD) > results/$(ep).txt'"
should_transfer_files = yes
transfer_output_files = results
output = $(ep).out
error = $(ep).err
log = log
request_cpus = 1
request_memory = 64
request_disk = 64MB
request_gpus = {gpus}
{device}
requirements = {requirements}
queue ep in ({name})
"""


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    directory = tmp_path_factory.mktemp("twin")
    try:
        yield twins.up("osg-2022", memory_mb=1024, directory=directory)
    finally:
        minipool.down(directory)


@pytest.fixture(scope="module")
def hardware():
    loaded = loading.load(str(shipped.folder("submit") / "osg-2022.toml"))
    return {one.name: one for one in loaded.campaign.hardware}


def tool(pool, *argv, cwd=None):
    """Run one of HTCondor's tools as the pool's user."""
    done = subprocess.run(
        pool.enclosure.command(argv, binds=[pool.directory, *([cwd] if cwd else [])], cwd=cwd),
        env={**os.environ, "CONDOR_CONFIG": str(pool.directory / "condor_config")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_every_machine_of_the_study_has_the_one_slot_that_its_requirements_want(pool, hardware):
    ads = json.loads(tool(pool, "condor_status", "-json"))
    assert len(ads) == len(hardware) == 13
    for one in hardware.values():
        matched = [ad["OsgreproEP"] for ad in ads if condor.matches(one.requirements, ad)]
        wanted = one.name.replace("-", "")
        assert wanted in matched if one.gpus else matched == [wanted]
    gpus = {ad["OsgreproEP"]: ad["GPUs_DeviceName"] for ad in ads if ad.get("GPUs")}
    assert gpus == {
        "gpuv100": "Tesla V100-PCIE-32GB",
        "gpua40": "NVIDIA A40",
        "gpua100": "NVIDIA A100-PCIE-40GB",
    }


def test_jobs_find_what_is_emulated_and_are_told_what_is_not(pool, hardware, owned, tiny_image):
    folder = owned("twin-jobs")
    for path in (folder, tiny_image.parent):
        pool.expose(path)
    for name in ("epyc-7513", "gpu-a40"):
        one = hardware[name]
        device = (
            f'require_gpus = Capability >= 8.6 && regexp("{one.gpus.device}", DeviceName)'
            if one.gpus
            else ""
        )
        (folder / "job.sub").write_text(
            SUBMIT.format(
                image=tiny_image,
                gpus=one.gpus.count if one.gpus else 0,
                device=device,
                requirements=one.requirements,
                name=name,
            )
        )
        tool(pool, "condor_submit", "job.sub", cwd=folder)
    deadline = time.monotonic() + 120
    while len(found := list(folder.glob("results/*.txt"))) < 2:
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.5)
    said = {path.stem: path.read_text() for path in found}
    assert "\nTF_NUM_INTRAOP_THREADS=128\n" in said["epyc-7513"]
    assert 'OsgreproEP = "epyc7513"' in said["epyc-7513"]
    assert "TotalCpus = 128\n" in said["epyc-7513"]
    assert "has_avx512_vnni = false\n" in said["epyc-7513"]
    assert 'OsgreproEP = "gpua40"' in said["gpu-a40"]
    # The twelfth of thirteen slot types: HTCondor knows ten unless it is told of more.
    assert "\nTF_NUM_INTRAOP_THREADS=32\n" in said["gpu-a40"]
    assert "OsgreproSimulatedGpu = true" in said["gpu-a40"]
    assert 'OsgreproNotEmulated = "NVIDIA A40: simulated' in said["gpu-a40"]
    cap = twins.check(twins.load("osg-2022"))[3].isa_cap
    assert (f"\nDNNL_MAX_CPU_ISA={cap}\n" in said["epyc-7513"]) is (cap is not None)


def test_another_twin_does_not_pass_for_the_one_that_is_up(pool):
    assert twins.up("osg-2022", memory_mb=1024, directory=pool.directory) == pool
    with pytest.raises(PoolError, match="other execution points"):
        twins.up("osg-2022", only=["epyc-7302"], directory=pool.directory)
