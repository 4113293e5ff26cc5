"""The mini-pool as it is: real daemons, real containers, and nothing of it left afterwards."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from osgrepro.common.errors import PoolError
from osgrepro.common.models import User
from osgrepro.pool import minipool
from osgrepro.pool.enclosure import RootEnclosure

pytestmark = [pytest.mark.pool, pytest.mark.timeout(300)]

ONE = (minipool.ExecutionPoint(name="only"),)

SUBMIT = """
universe = container
container_image = {image}
executable = /bin/sh
transfer_executable = false
arguments = "-c '{script}'"
should_transfer_files = yes
transfer_output_files = {outputs}
output = $(ep).out
error = $(ep).err
log = log
request_cpus = 1
request_memory = 64
request_disk = 64MB
request_gpus = $(gpus)
requirements = OsgreproEP == "$(ep)"
queue ep, gpus from (
{rows}
)
"""

LOOK = (
    "mkdir results; "
    "{ id -u; pwd; env; grep -i Osgrepro $_CONDOR_MACHINE_AD; cat /proc/self/mountinfo; }"
    " > results/$(ep).txt"
)


def tool(pool, *argv, cwd=None, enclosure=None, config=None):
    """Run one of HTCondor's tools as the pool's user."""
    enclosure = enclosure or pool.enclosure
    binds = [pool.directory, *([cwd] if cwd else [])]
    return subprocess.run(
        enclosure.command(argv, binds=binds, cwd=cwd),
        env={**os.environ, "CONDOR_CONFIG": str(config or pool.directory / "condor_config")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def submit(pool, folder, image, script, rows, outputs=""):
    text = SUBMIT.format(image=image, script=script, rows="\n".join(rows), outputs=outputs)
    (folder / "job.sub").write_text(text)
    done = tool(pool, "condor_submit", "job.sub", cwd=folder)
    assert done.returncode == 0, done.stderr


def wait_for(reached, seconds=60.0):
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.2)


def logged(folder, what):
    log = folder / "log"
    return log.read_text().count(what) if log.exists() else 0


def processes_with(text):
    """Every living process whose command line or environment has ``text``."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            seen = (path / "environ").read_bytes() + (path / "cmdline").read_bytes()
        except OSError:
            continue
        if text.encode() in seen and int(path.name) != os.getpid():
            found.append(path.name)
    return found


@pytest.fixture(scope="module")
def looked(pool, owned, tiny_image):
    """What a job on each execution point wrote down."""
    folder = owned("looked")
    for path in (folder, tiny_image.parent):
        pool.expose(path)
    rows = [f"{ep.name} {int(ep.simulated_gpu is not None)}" for ep in pool.eps]
    submit(pool, folder, tiny_image, LOOK, rows, outputs="results")
    wait_for(lambda: logged(folder, "\n005 (") == len(rows), seconds=120)
    return folder / "results"


def test_a_container_job_runs_on_each_execution_point(pool, looked):
    for ep in pool.eps:
        assert f'OsgreproEP = "{ep.name}"' in (looked / f"{ep.name}.txt").read_text()


def test_the_machine_ad_says_what_is_emulated(looked):
    assert "OsgreproEmulated = false" in (looked / "host.txt").read_text()
    threads = (looked / "threads4.txt").read_text()
    assert "OsgreproEmulated = true" in threads
    assert 'OsgreproEmulation = "intra-op threads 4"' in threads
    assert "OsgreproSimulatedGpu = true" in (looked / "gpu.txt").read_text()


def test_emulated_threads_reach_the_job_and_no_other(looked):
    assert "\nTF_NUM_INTRAOP_THREADS=4\n" in (looked / "threads4.txt").read_text()
    assert "\nTF_NUM_INTRAOP_THREADS=8\n" in (looked / "threads8.txt").read_text()
    assert "TF_NUM_INTRAOP_THREADS" not in (looked / "host.txt").read_text()


def test_jobs_are_the_ordinary_users_and_so_are_their_results(pool, looked):
    uid, where = (looked / "host.txt").read_text().splitlines()[:2]
    assert int(uid) == pool.enclosure.user.uid != 0
    assert where.startswith("/srv")
    assert (looked / "host.txt").stat().st_uid == pool.enclosure.user.uid


def test_jobs_that_nothing_matches_do_not_hold_up_one_that_matches(pool, owned, tiny_image):
    folder = owned("starving")
    for path in (folder, tiny_image.parent):
        pool.expose(path)
    submit(pool, folder, tiny_image, "true", [f"nowhere{number % 5} 0" for number in range(40)])
    time.sleep(3)  # they are asked for first
    submit(pool, folder, tiny_image, "true", [f"{pool.eps[0].name} 0"])
    try:
        wait_for(lambda: logged(folder, "\n005 (") == 1, seconds=60)
    finally:
        tool(pool, "condor_rm", "-all")


def test_up_twice_is_the_same_pool(pool):
    assert minipool.up(minipool.Settings(directory=pool.directory)) == pool


def test_status_names_every_execution_point(pool):
    status = minipool.status(pool.directory)
    assert status.state == "up"
    assert [(ep.name, ep.answers) for ep in status.eps] == [(ep.name, True) for ep in pool.eps]
    assert all(ep.memory_mb > 0 for ep in status.eps)


def test_the_submitting_users_client_is_let_in(pool):
    code = "import htcondor2; print(htcondor2.Schedd().query())"
    environ = {**os.environ, "CONDOR_CONFIG": str(pool.config)}
    asked = [sys.executable, "-c", code]
    answer = subprocess.run(asked, env=environ, capture_output=True, text=True, check=False)
    assert answer.stdout.startswith("["), answer.stderr


def test_nobody_else_may_submit_or_ask(pool, tiny_image, owned):
    if not isinstance(pool.enclosure, RootEnclosure):
        pytest.skip("only root can become somebody else")
    uid = pool.enclosure.user.uid + 1
    other = dataclasses.replace(pool.enclosure, user=User(name="mallory", uid=uid, gid=uid))
    folder = owned("mallory")
    folder.chmod(0o755)
    (folder / "job.sub").write_text("executable = /bin/true\nlog = /dev/null\nqueue\n")
    # Mallory may not even read where the schedd is; what keeps the pool closed is not that.
    copies = [folder / "client_config", folder / "condor_config"]
    named = {"SCHEDD_ADDRESS_FILE": ".schedd_address", "SCHEDD_DAEMON_AD_FILE": ".schedd_classad"}
    for copy in [*copies, *(folder / name for name in named.values())]:
        known = pool.directory if copy in copies else pool.directory / "log"
        shutil.copyfile(known / copy.name, copy)
        copy.chmod(0o644)
    for copy in copies:
        with copy.open("a") as file:
            file.writelines(f"{key} = {folder / name}\n" for key, name in named.items())
    for config in copies:
        for argv in (["condor_submit", "job.sub"], ["condor_status"], ["condor_q"]):
            done = tool(pool, *argv, cwd=folder, enclosure=other, config=config)
            assert done.returncode != 0, (argv, done.stdout)
            assert "uthenticat" in done.stderr, (argv, done.stderr)


def test_all_ports_are_on_loopback(pool):
    master = Path("/proc") / str(pool.master)
    own = {str(path.stat().st_ino) for pid in family(pool.master) for path in sockets(pid)}
    lines = [
        line.split()
        for name in ("tcp", "tcp6", "udp", "udp6")
        for line in (master / "net" / name).read_text().splitlines()[1:]
    ]
    addresses = {line[1].split(":")[0] for line in lines if line[9] in own}
    assert addresses == {"0100007F"}


def sockets(pid):
    for path in (Path("/proc") / pid / "fd").iterdir():
        try:
            if str(path.readlink()).startswith("socket:"):
                yield path
        except OSError:
            continue


def family(master):
    children = (Path("/proc") / str(master) / "task" / str(master) / "children").read_text()
    return [str(master), *children.split()]


def test_a_second_pool_lives_and_dies_without_the_first(pool, tmp_path):
    other = minipool.up(minipool.Settings(directory=tmp_path / "other", eps=ONE))
    try:
        assert other.address != pool.address
        assert minipool.status(other.directory).state == "up"
    finally:
        minipool.down(other.directory)
    assert minipool.status(other.directory).state == "down"
    assert minipool.status(pool.directory).state == "up"


def test_after_kill_9_of_the_master_down_leaves_nothing(tmp_path, owned, tiny_image):
    mounts = Path("/proc/self/mountinfo").read_text()
    pool = minipool.up(minipool.Settings(directory=tmp_path / "doomed", eps=ONE))
    try:
        folder = owned("doomed")
        for path in (folder, tiny_image.parent):
            pool.expose(path)
        submit(pool, folder, tiny_image, "sleep 613", ["only 0"])
        wait_for(lambda: processes_with("sleep\x00613"))
        # The image is mounted, not unpacked: the user may open /dev/fuse.
        assert processes_with("squashfuse_ll") or not Path("/dev/fuse").exists()
        os.kill(pool.master, signal.SIGKILL)
        assert minipool.status(pool.directory).state != "up"
    finally:
        minipool.down(pool.directory)
    assert not processes_with(str(pool.directory))
    assert not processes_with("sleep\x00613")
    assert Path("/proc/self/mountinfo").read_text() == mounts
    left = {path.name for path in pool.directory.iterdir()}
    assert left <= {"condor_config", "client_config", "exposed.json", "log", "spool"}
    assert minipool.status(pool.directory).processes == 0


def test_a_pool_that_does_not_come_up_says_why_and_leaves_nothing(tmp_path):
    bad = (minipool.ExecutionPoint(name="bad", attributes={"HasSIF": "False"}),)
    with pytest.raises(PoolError, match=r"MasterLog|StartLog"):
        minipool.up(minipool.Settings(directory=tmp_path / "bad", eps=bad, timeout_s=5))
    assert minipool.status(tmp_path / "bad").processes == 0


def test_down_ends_a_pool_whose_folder_was_removed(tmp_path):
    pool = minipool.up(minipool.Settings(directory=tmp_path / "lost", eps=ONE))
    # The daemons go on writing: what they make anew is removed, too.
    wait_for(
        lambda: shutil.rmtree(pool.directory, ignore_errors=True) or not pool.directory.exists()
    )
    minipool.down(pool.directory)
    assert not processes_with(str(pool.directory))
    assert not pool.directory.exists()


def test_a_state_from_before_a_reboot_counts_as_down(tmp_path):
    settings = minipool.Settings(directory=tmp_path / "old", eps=ONE)
    minipool.up(settings)
    state = settings.directory / "pool.json"
    text = state.read_text()
    minipool.down(settings.directory)
    state.write_text(text)
    assert minipool.find(settings.directory) is None
    minipool.down(settings.directory)
    assert not state.exists()


def test_a_folder_that_was_removed_and_made_anew_is_shown_anew(pool):
    with tempfile.TemporaryDirectory(dir="/var/tmp") as above:
        folder = Path(above) / "a.runs"
        for name in ("first", "second"):
            folder.mkdir()
            (folder / name).touch()
            pool.expose(folder)
            assert minipool.shell(pool.directory, ("test", "-e", str(folder / name))) == 0
            shutil.rmtree(folder)
