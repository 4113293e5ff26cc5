from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from osgrepro.common.errors import PoolError
from osgrepro.common.models import User
from osgrepro.pool import minipool
from osgrepro.pool.enclosure import NativeEnclosure, RootEnclosure
from osgrepro.pool.minipool import _lifecycle, _pool, _processes
from osgrepro.pool.minipool._paths import PoolPaths

USER = User(name="ada", uid=1000, gid=1000)
ROOTED = RootEnclosure(
    user=USER,
    root=Path("/r"),
    place=Path("/s/place"),
    home=Path("/s/home"),
    sub_ids=1,
)


@pytest.fixture
def paths(tmp_path):
    return PoolPaths(tmp_path)


def pool(paths, enclosure, master=None):
    return minipool.Pool(
        name=paths.name,
        directory=paths.directory,
        config=paths.client_config,
        enclosure=enclosure,
        eps=minipool.DEFAULT,
        address="127.0.0.1:1234",
        master=master or os.getpid(),
        keeper=_processes.look_up(os.getpid()),
    )


@pytest.mark.parametrize("enclosure", [ROOTED, NativeEnclosure(user=USER)])
def test_a_saved_pool_comes_back_equal(paths, enclosure):
    made = pool(paths, enclosure)
    _pool.save(paths, made)
    assert minipool.find(paths.directory) == made


def test_no_state_is_no_pool(paths):
    assert minipool.find(paths.directory) is None
    assert minipool.status(paths.directory).state == "down"


def changed(paths, change):
    _pool.save(paths, pool(paths, ROOTED))
    state = json.loads(paths.state.read_text())
    change(state)
    paths.state.write_text(json.dumps(state))


def test_a_state_from_before_a_reboot_is_no_pool(paths):
    changed(paths, lambda state: state.update(boot_id="another"))
    assert minipool.find(paths.directory) is None


def test_a_pid_that_is_somebody_elses_by_now_is_no_pool(paths):
    changed(paths, lambda state: state["master"].update(started=1))
    assert minipool.find(paths.directory) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"master": 3}', "\x00"])
def test_a_broken_state_gives_one_clear_message_and_down_clears_it(paths, text):
    paths.state.write_text(text)
    with pytest.raises(PoolError, match=r"pool\.json can't be read") as caught:
        minipool.find(paths.directory)
    assert "pool down" in caught.value.hint
    minipool.down(paths.directory)
    assert minipool.find(paths.directory) is None


def test_down_of_nothing_makes_nothing(tmp_path):
    minipool.down(tmp_path / "absent")
    assert not (tmp_path / "absent").exists()


def test_a_shell_needs_a_pool(paths):
    with pytest.raises(PoolError, match="down"):
        minipool.shell(paths.directory)


def test_logs_are_the_files_with_something_in_them_newest_last(paths):
    paths.log.mkdir()
    for age, name in enumerate(["New", "Old", ".hidden"]):
        (paths.log / name).write_text("x")
        os.utime(paths.log / name, (1000 - age, 1000 - age))
    (paths.log / "Empty").touch()
    assert [path.name for path in minipool.logs(paths.directory)] == ["Old", "New"]


def test_what_was_shown_is_remembered_once_while_it_is_there(paths, tmp_path):
    shown = tmp_path / "campaign"
    shown.mkdir()
    for path in (shown, shown, tmp_path / "gone"):
        _pool.remember(paths, path)
    assert _pool.remembered(paths) == [shown]


def test_a_path_that_is_not_there_can_not_be_shown(paths):
    with pytest.raises(PoolError, match="does not exist"):
        pool(paths, ROOTED).expose(paths.directory / "absent")


def test_one_command_at_a_time_changes_the_pool(paths):
    told = []
    with _lifecycle._locked(paths, told.append):
        pid = os.fork()
        if not pid:
            _try_lock(paths)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
    assert told == []
    assert list(paths.directory.iterdir()) == []


def _try_lock(paths):
    def busy(progress):
        os._exit(3)

    with _lifecycle._locked(paths, busy):
        os._exit(0)


def test_binds_come_parents_first():
    command = ROOTED.command(["id"], binds=[Path("/a/b"), Path("/a")], cwd=Path("/a/b"))
    assert command[:2] == ["unshare", "--mount"]
    assert command[-7:] == ["0", "/a", "/a", "/a/b", "/a/b", "--", "id"]
