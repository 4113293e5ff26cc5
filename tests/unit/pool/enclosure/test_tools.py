from __future__ import annotations

import grp
import os
import pwd
from pathlib import Path

import pytest

from osgrepro.common.errors import PoolError
from osgrepro.pool.enclosure import NativeEnclosure, tools, users


def test_the_caller_is_the_user():
    if os.geteuid() == 0:
        pytest.skip("for ordinary users")
    assert users.ordinary({}).uid == os.geteuid()


def test_under_sudo_the_user_is_who_called_it():
    someone = next(entry for entry in pwd.getpwall() if entry.pw_uid)
    user = users.ordinary({"SUDO_UID": str(someone.pw_uid)}, uid=0)
    assert (user.name, user.uid, user.gid) == (someone.pw_name, someone.pw_uid, someone.pw_gid)


@pytest.mark.parametrize("environ", [{}, {"SUDO_UID": "0"}, {"SUDO_UID": "x"}])
def test_root_becomes_a_uid_that_nobody_has(environ):
    user = users.ordinary(environ, uid=0)
    assert user.uid not in {entry.pw_uid for entry in pwd.getpwall()}
    assert user.uid > 1000


@pytest.mark.parametrize("knows", ["getpwuid", "getgrgid"])
def test_an_id_that_a_directory_knows_and_does_not_list_is_passed_over(monkeypatch, knows):
    """As where names come from LDAP: nothing enumerates, and each id can be asked for."""
    module = {"getpwuid": pwd, "getgrgid": grp}[knows]

    def ask(number):
        if number in {45_000, 45_001}:
            return object()
        raise KeyError(number)

    monkeypatch.setattr(pwd, "getpwall", list)
    monkeypatch.setattr(module, knows, ask)
    user = users.ordinary({}, uid=0)
    assert (user.uid, user.gid) == (45_002, 45_002)


def test_where_every_id_is_somebodys_nobody_is_taken_for_nobody(monkeypatch):
    monkeypatch.setattr(pwd, "getpwuid", lambda _number: object())
    with pytest.raises(PoolError, match="is taken, and the daemons need a free one"):
        users.ordinary({}, uid=0)


def test_without_root_and_without_tools_the_hint_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(PoolError, match="condor_master, apptainer") as caught:
        tools.provide(environ={"PATH": str(tmp_path)})
    for way in ("apt-get install", "dnf install", "conda-forge", "container"):
        assert way in caught.value.hint


def test_only_the_missing_tool_is_named(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    (tmp_path / "condor_master").touch(mode=0o755)
    with pytest.raises(PoolError, match=r"PATH: apptainer$"):
        tools.provide(environ={"PATH": str(tmp_path)})


def test_with_both_tools_an_ordinary_users_commands_run_as_they_are(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    for name in ("condor_master", "apptainer"):
        (tmp_path / name).touch(mode=0o755)
    found = tools.provide(environ={"PATH": str(tmp_path)})
    assert isinstance(found, NativeEnclosure)
    assert found.command(["a", "b"], binds=[tmp_path]) == ["a", "b"]
    assert found.command(["a"], cwd=tmp_path) == ["env", f"--chdir={tmp_path}", "a"]


@pytest.mark.parametrize(
    ("path", "seen"),
    [
        ("/usr/bin/x", True),
        ("/opt/conda/bin/x", True),
        ("/root/bin/x", False),
        ("/home/a/x", False),
    ],
)
def test_tools_in_users_own_folders_are_not_seen_from_a_private_root(path, seen):
    assert tools._seen_inside(Path(path)) is seen


def test_sub_ids_are_nobodys(tmp_path, monkeypatch):
    first = users.sub_ids([tmp_path / "none"])
    given = tmp_path / "subuid"
    given.write_text(f"a:{first + 65_535}:1\nnonsense\n")
    second = users.sub_ids([given])
    assert second == first + 65_536
    monkeypatch.setattr(users, "_taken", lambda number: number == second + 65_535)
    assert users.sub_ids([given]) == second + 65_536
    given.write_text("a:0:4294967296\n")
    with pytest.raises(PoolError, match="ids in a row that nobody has"):
        users.sub_ids([given])
