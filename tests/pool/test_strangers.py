"""The mini-pool among other users: none of them becomes root, reads it, or is ended by it."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import textwrap
import time
from pathlib import Path

import pytest

from osgrepro.common.errors import PoolError
from osgrepro.pool import minipool
from osgrepro.pool.minipool._paths import PoolPaths

pytestmark = [
    pytest.mark.pool,
    pytest.mark.timeout(300),
    pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else"),
]

ONE = (minipool.ExecutionPoint(name="only"),)
STRANGER = 65_534

# A mount namespace of Mallory's, with a root of her own, in which the file that root once executed
# leaves a proof that it did.
EVIL = """
set -e
mkdir -p "$PLACE"
mount -t tmpfs evil "$PLACE"
for each in /*; do
    if [ -L "$each" ]; then cp -P "$each" "$PLACE$each"
    elif [ -d "$each" ]; then mkdir -p "$PLACE$each"; mount --rbind "$each" "$PLACE$each" || true
    fi
done
mkdir -p "$PLACE/.host" "$PLACE/old"
printf '#!/bin/sh\\nid -u >%s\\n' "$PROOF" >"$PLACE/.host/enter"
chmod 755 "$PLACE/.host/enter"
cd "$PLACE"
exec env OSGREPRO_POOL="$MARK" python3 -c "
import ctypes, os, time
libc = ctypes.CDLL(None)
assert libc.syscall(155, b'.', b'old') == 0
os.chdir('/')
libc.prctl(15, b'condor_master', 0, 0, 0)
open(os.environ['READY'], 'w').close()
time.sleep(200)
"
"""


def as_stranger(*argv, **how):
    return subprocess.Popen(argv, user=STRANGER, group=STRANGER, extra_groups=[], cwd="/", **how)


@pytest.fixture
def mallory():
    """Starts Mallory's processes that bear a pool's mark, and are there again when they end."""
    folder = Path("/tmp") / f"osgrepro-mallory-{os.getpid()}"
    folder.mkdir()
    os.chown(folder, STRANGER, STRANGER)
    proof, ready = folder / "proof", folder / "ready"
    started = []

    def start(mark):
        environ = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "PLACE": f"{folder}/root"}
        environ |= {"PROOF": str(proof), "READY": str(ready), "MARK": mark}
        again = 'while :; do unshare --user --map-root-user --mount sh -c "$0"; sleep 0.1; done'
        process = as_stranger("sh", "-c", again, EVIL, env=environ, start_new_session=True)
        started.append(process)
        deadline = time.monotonic() + 20
        while not ready.exists():
            assert time.monotonic() < deadline, "Mallory did not get so far"
            time.sleep(0.05)
        return process, proof

    try:
        yield start
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def bearing(process):
    """The pids below Mallory's, which bear the mark."""
    found = subprocess.run(
        ["pgrep", "-g", str(process.pid), "-x", "condor_master"],
        capture_output=True,
        text=True,
        check=False,
    )
    return found.stdout.split()


def test_a_process_that_is_called_condor_master_and_bears_the_mark_is_a_strangers(
    tmp_path, mallory
):
    directory = tmp_path / "pool"
    process, proof = mallory(PoolPaths(directory).pool_id)
    before = bearing(process)
    assert before
    try:
        pool = minipool.up(minipool.Settings(directory=directory, eps=ONE))
        assert str(pool.master) not in bearing(process)
        (tmp_path / "shown").mkdir()
        pool.expose(tmp_path / "shown")
        assert minipool.shell(directory, ("true",)) == 0
        assert minipool.status(directory).state == "up"
    finally:
        minipool.down(directory)
    assert not proof.exists()
    assert bearing(process) == before
    assert minipool.status(directory).processes == 0


@pytest.fixture(scope="module")
def up(tmp_path_factory):
    """A pool in a folder below one that everybody may enter."""
    directory = Path("/tmp") / f"osgrepro-open-{os.getpid()}" / "pool"
    directory.parent.mkdir(mode=0o755)
    directory.parent.chmod(0o755)
    try:
        yield minipool.up(minipool.Settings(directory=directory, eps=ONE))
    finally:
        minipool.down(directory)
        shutil.rmtree(directory.parent)


def test_a_stranger_reads_nothing_of_the_pools_folder(up):
    # Each file and folder is tried by its name, which a stranger may know.
    paths = [str(path) for path in (up.directory, *up.directory.rglob("*"))]
    assert {Path(path).name for path in paths} >= {"pool.json", "condor_config", "log", "spool"}
    code = textwrap.dedent("""
        import os, sys
        for path in sys.argv[1:]:
            try:
                os.listdir(path) if path == sys.argv[1] else os.stat(path)
                print(path)
            except PermissionError:
                pass
        """)
    done = as_stranger("/usr/bin/python3", "-c", code, *paths, stdout=subprocess.PIPE, text=True)
    said, _ = done.communicate()
    assert done.returncode == 0
    assert said == ""


def test_the_pools_user_reads_its_own_and_no_state_or_token_of_the_submitters(up):
    user = up.enclosure.user
    paths = PoolPaths(up.directory)
    for path, readable in {
        paths.config: True,
        paths.log / "MasterLog": True,
        paths.keys / "POOL": True,
        paths.state: False,
        paths.mark: False,
        paths.client_tokens / paths.name: False,
    }.items():
        assert path.exists()
        who = ["setpriv", "--reuid", str(user.uid), "--regid", str(user.gid), "--clear-groups"]
        done = subprocess.run([*who, "cat", str(path)], capture_output=True, check=False, cwd="/")
        assert (done.returncode == 0) is readable, path


def test_root_makes_nothing_by_a_link_in_the_users_home(up, tmp_path):
    """Inside, /root is the user's: a link there once led root's mkdir and mount elsewhere."""
    home = up.enclosure.home
    target = tmp_path / "target"
    target.mkdir()
    name = f"osgrepro-link-{os.getpid()}"
    shown = Path.home() / name / "deep"
    shown.mkdir(parents=True)
    link = home / name
    # The host's root stands at /.host/root, and root may go there.
    link.symlink_to(f"/.host/root{target}")
    try:
        with pytest.raises(PoolError, match=r"is a link in the user's own folder"):
            up.expose(shown)
        assert list(target.iterdir()) == []
        link.unlink()
        up.expose(shown)
        assert minipool.shell(up.directory, ("test", "-d", str(shown))) == 0
    finally:
        shutil.rmtree(shown.parent)
        link.unlink() if link.is_symlink() else shutil.rmtree(link, ignore_errors=True)


def test_a_keeper_that_has_gone_is_not_entered(up):
    other = dataclasses.replace(up, keeper=dataclasses.replace(up.keeper, started=1))
    with pytest.raises(PoolError, match="is gone"):
        other.expose(up.directory)


def test_with_a_umask_of_077_what_is_shown_can_be_reached(tmp_path):
    directory = tmp_path / "pool"
    shown = Path.home() / f"osgrepro-shown-{os.getpid()}" / "deep"
    before = os.umask(0o077)
    try:
        minipool.up(minipool.Settings(directory=directory, eps=ONE)).expose(_made(shown))
        assert minipool.shell(directory, ("test", "-x", str(shown))) == 0
    finally:
        os.umask(before)
        minipool.down(directory)
        shutil.rmtree(shown.parent)


def _made(folder):
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    return folder
