"""The twin of 2022 returns the losses of 2022, on a machine that can stand in for its hosts."""

from __future__ import annotations

import csv
import os
import tempfile
from pathlib import Path

import pytest
from paths import SHARED
from slot import Slot

from osgrepro.pool.enclosure import provide
from osgrepro.runs import inputs, pyz
from osgrepro.workflow.hardware import twins

MACHINES = ("epyc-7302", "epyc-7402", "epyc-7443", "epyc-7513", "epyc-7713")
# One epoch on 2,000 sample digits, 64 threads, oneDNN capped to AVX2: by what else decides it,
# recorded on a machine that has it.
ONE_EPOCH = {
    ("AuthenticAMD", 48, 1024): "43fff1d3aad6397f3c9d0fbfcbcbe65fa6ac0470959e975173c747a7c6b1e8e6",
}

pytestmark = [pytest.mark.pool, pytest.mark.timeout(7200)]


def verdict_of(name: str):
    return next(one for one in twins.check(twins.load("osg-2022")) if one.machine.name == name)


def train(slot, verdict, data: Path, **params):
    """Return what an execution point in the machine's place returns."""
    (ep,) = twins.execution_points([verdict])
    slot.built_in("mnist_convnet", data, **params)
    quiet = {"TF_CPP_MIN_LOG_LEVEL": "3"}
    code, output, result = slot.run({**quiet, **ep.environment}, timeout=7000)
    assert code == 0, output
    assert result["provenance"]["threads"]["intra_op_effective"] == verdict.machine.logical_cpus
    return result


@pytest.fixture
def slot(tmp_path, training_image):
    sif, enclosure = Path(training_image), provide()

    def command(argv):
        inside = ["apptainer", "exec", "--contain", "--no-home", "--bind", f"{scratch}:/srv"]
        inside += ["--pwd", "/srv", str(sif), "python3", *argv[1:]]
        return enclosure.command(inside, binds=[scratch, sif.parent], cwd=scratch)

    pyz.build_pyz(tmp_path / "payload.pyz")
    with tempfile.TemporaryDirectory(dir="/var/tmp") as name:
        scratch = Path(name)
        if os.geteuid() == 0:
            os.chown(scratch, enclosure.user.uid, enclosure.user.gid)
        yield Slot(scratch, tmp_path / "payload.pyz", command)


def losses_of_2022(model_name: str) -> set[str]:
    """Return what the study's repeats gave on the host with this processor."""
    found = set()
    for folder in (SHARED / "osg-2022/dockerhub-2.8.0/cpu").iterdir():
        facts = (folder / "mnist_convnet_system_info.yaml").read_text()
        if f"model name: {model_name}" in facts:
            with (folder / "mnist_convnet.csv").open() as file:
                found |= {row["test_loss"] for row in csv.DictReader(file)}
    return found


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize("name", MACHINES)
def test_the_twin_of_a_host_returns_its_loss_to_the_last_digit(name, slot):
    verdict = verdict_of(name)
    if not verdict.stands_in:
        pytest.skip(f"no twin of {name}: {'; '.join(verdict.obstacles)}")
    data = SHARED / "data/mnist.npz"
    if not data.is_file():
        pytest.skip(f"the real data are not there: {data}")
    (published,) = losses_of_2022(verdict.machine.model_name)
    result = train(slot, verdict, data, epochs=15)
    assert result["metrics"]["test_loss"]["value"] == float(published)


def test_a_host_that_no_amd_machine_can_stand_in_for_is_reported_so():
    if twins.here().vendor == "AuthenticAMD":
        assert not verdict_of("xeon-e5-2640-v4").stands_in


def test_one_epoch_returns_the_bits_that_its_kind_of_machine_returned_before(slot, tmp_path):
    here, verdict = twins.here(), verdict_of("epyc-7302")
    recorded = ONE_EPOCH.get((here.vendor, here.l1d_kib, here.l2_kib))
    if recorded is None:
        pytest.skip(f"nothing was recorded on {here.vendor}, {here.l1d_kib}/{here.l2_kib} KiB")
    data = inputs.fetch(inputs.describe("sample:digits", Path()), tmp_path / "cache")
    result = train(slot, verdict, data, epochs=1, limit_train=2000)
    assert result["fingerprints"]["final_weights"] == recorded
