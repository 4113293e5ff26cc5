"""A campaign's folder: whose it is, its lock, its journal after a kill, whole files."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from osgrepro.common.errors import WorkspaceError
from osgrepro.common.models import User
from osgrepro.runs import workspace
from osgrepro.runs.workspace import Workspace


def opened(root: Path, campaign: str = "demo", source: str = "demo.toml") -> Workspace:
    return workspace.open_workspace(root, campaign, source)


def test_a_folder_is_made_once_and_opened_again(tmp_path: Path) -> None:
    first = opened(tmp_path / "demo.runs")
    again = opened(tmp_path / "demo.runs")
    assert first.root == again.root == tmp_path / "demo.runs"


@pytest.mark.parametrize(("campaign", "source"), [("other", "demo.toml"), ("demo", "other.toml")])
def test_two_campaigns_do_not_share_a_folder(tmp_path: Path, campaign: str, source: str) -> None:
    opened(tmp_path / "runs")
    with pytest.raises(WorkspaceError, match="belongs to another campaign, 'demo'"):
        opened(tmp_path / "runs", campaign, source)


def test_a_folder_with_other_things_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(WorkspaceError, match=r"thesis\.tex"):
        opened(tmp_path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["thesis.tex"]


def test_looking_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(WorkspaceError, match="nothing has been submitted yet"):
        workspace.open_workspace(tmp_path / "demo.runs", "demo", "demo.toml", create=False)
    assert not (tmp_path / "demo.runs").exists()


def test_a_broken_identity_is_named(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    made.identity_file.write_text("{")
    with pytest.raises(WorkspaceError, match=r"campaign\.json"):
        opened(tmp_path / "runs")


def test_a_folder_that_cannot_be_made_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(WorkspaceError, match="file"):
        opened(tmp_path / "file" / "demo.runs")


def test_only_one_process_has_the_lock(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    with made.lock(), pytest.raises(WorkspaceError, match="another osgrepro"), made.lock():
        pass
    with made.lock():
        pass


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    program = (
        "import os, sys; from pathlib import Path; from osgrepro.runs.workspace import Workspace\n"
        "with Workspace(Path(sys.argv[1])).lock(): os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(made.root)], check=False)
    assert done.returncode == -9
    with made.lock():
        pass


def test_the_journal_is_read_in_the_order_of_writing(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    assert made.journal() == []
    made.note({"event": "intent", "batch": "a"})
    made.note({"event": "commit", "batch": "a", "cluster": 7})
    assert [entry["event"] for entry in made.journal()] == ["intent", "commit"]


@given(cut=st.integers(1, 60))
def test_a_journal_that_was_cut_off_keeps_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    made = opened(tmp_path_factory.mktemp("w") / "runs")
    made.note({"event": "intent", "batch": "a"})
    made.note({"event": "intent", "batch": "b" * 100})
    content = made.journal_file.read_bytes()
    made.journal_file.write_bytes(content[:-cut])
    assert [entry["batch"] for entry in made.journal()] == ["a"]
    made.note({"event": "intent", "batch": "c"})
    assert [entry["batch"] for entry in made.journal()] == ["a", "c"]


@pytest.mark.parametrize("line", ["nonsense", "[1]", "7", "null", "[" * 100_000, "\udcff{}"])
def test_a_line_that_is_no_entry_is_passed_over_and_can_be_set_aside(
    tmp_path: Path, line: str
) -> None:
    made = opened(tmp_path / "runs")
    first, last = '{"event": "intent"}', '{"event": "commit"}'
    text = f"{first}\n{line}\n{last}\n"
    made.journal_file.write_text(text, errors="surrogateescape")
    assert made.journal() == [{"event": "intent"}, None, {"event": "commit"}]
    made.mend_journal([2])
    assert made.journal_file.read_text() == f"{first}\n{last}\n"
    assert made.damaged_journal_file.read_text(errors="surrogateescape") == f"{line}\n"


@pytest.mark.parametrize("begun", [[], ["inputs/"], [".campaign.json.77@host.part", "lock"]])
def test_a_folder_that_a_killed_process_was_making_is_made_at_last(
    tmp_path: Path, begun: list[str]
) -> None:
    root = tmp_path / "demo.runs"
    root.mkdir()
    for name in begun:
        (root / name).mkdir() if name.endswith("/") else (root / name).touch()
    made = opened(root)
    assert made.identity_file.is_file()
    assert opened(root, "demo").root == root


def test_inputs_that_somebody_else_put_there_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "inputs").mkdir()
    (tmp_path / "inputs" / "theirs.csv").touch()
    with pytest.raises(WorkspaceError, match="contains other files"):
        opened(tmp_path)


@pytest.mark.parametrize("moment", ["mkdir", "fsync", "replace"])
def test_a_process_that_is_killed_while_it_makes_the_folder_leaves_it_usable(
    tmp_path: Path, moment: str
) -> None:
    program = (
        "import os, sys, pathlib; from osgrepro.runs import workspace\n"
        "def die(*_args, **_own): os.kill(os.getpid(), 9)\n"
        "def later(*args, **own): real(*args, **own); die()\n"
        "moment, real = sys.argv[2], os.mkdir\n"
        "if moment == 'mkdir': os.mkdir = later\n"
        "elif moment == 'fsync': os.fsync = die\n"
        "else: pathlib.Path.replace = die\n"
        "workspace.open_workspace(pathlib.Path(sys.argv[1]), 'demo', 'demo.toml')"
    )
    root = tmp_path / "demo.runs"
    done = subprocess.run([sys.executable, "-c", program, str(root), moment], check=False)
    assert done.returncode == -9
    assert root.is_dir()
    assert not (root / "campaign.json").exists()
    made = opened(root)
    assert len(made.abandoned_parts()) == (moment != "mkdir")


def test_a_renamed_campaign_keeps_its_folder_and_its_former_names(tmp_path: Path) -> None:
    root = tmp_path / "runs"
    opened(root)

    def renamed(campaign: str, source: str, *, create: bool = True) -> Workspace:
        return workspace.open_workspace(
            root, campaign, source, create=create, has_runs_of_it=lambda _place: True
        )

    assert renamed("new", "demo.toml", create=False).names() == ("demo",)
    assert renamed("new", "demo.toml").names() == ("new", "demo")
    assert renamed("newer", "newer.toml").names() == ("newer", "new", "demo")
    assert opened(root, "newer", "newer.toml").root == root


def test_a_file_is_whole_or_not_there(tmp_path: Path) -> None:
    target = tmp_path / "file"
    workspace.write(target, b"old")

    def pieces():
        yield b"new"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        workspace.write(target, pieces())
    assert target.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [target]


def test_a_full_disk_is_one_message(tmp_path: Path) -> None:
    def pieces():
        yield b"new"
        raise OSError(28, "No space left on device")

    with pytest.raises(WorkspaceError, match="No space left on device") as caught:
        workspace.write(tmp_path / "file", pieces())
    assert "nothing is lost" in caught.value.hint


def test_everyone_may_read_what_is_written(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        workspace.write(tmp_path / "file", b"x")
        made = opened(tmp_path / "runs")
        made.prepare(None)
    finally:
        os.umask(before)
    assert (tmp_path / "file").stat().st_mode & 0o777 == 0o644
    assert made.results.stat().st_mode & 0o777 == 0o755


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_jobs_write_to_belongs_to_the_pools_user(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    made.prepare(User(name="pool", uid=4711, gid=4711))
    assert (made.results / "ff").stat().st_uid == 4711
    assert made.root.stat().st_uid == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_the_pools_user_alone_may_read_what_not_everyone_may(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    for name, mode in (("private", 0o600), ("public", 0o644)):
        workspace.write(made.inputs / name / "a.csv", b"1", mode)
    made.prepare(User(name="pool", uid=4711, gid=100))
    private, public = made.inputs / "private", made.inputs / "public"
    assert (private / "a.csv").stat().st_uid == 4711
    assert (private / "a.csv").stat().st_mode & 0o777 == 0o400
    assert private.stat().st_mode & 0o777 == 0o711
    assert (public / "a.csv").stat().st_uid == 0
    assert (public / "a.csv").stat().st_mode & 0o777 == 0o644


def test_without_another_user_nobody_is_let_in(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    workspace.write(made.inputs / "private" / "a.csv", b"1", 0o600)
    made.prepare(None)
    assert (made.inputs / "private" / "a.csv").stat().st_mode & 0o777 == 0o600
    assert (made.inputs / "private").stat().st_mode & 0o777 == 0o700


def test_returned_files_are_found_by_shard_and_name(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    assert list(made.returned_files()) == []
    made.prepare(None)
    (made.results / "0b" / "x.json").write_text("12")
    (made.results / "0a" / "y.json").symlink_to("/etc/passwd")
    (made.results / "stray.json").touch()
    link, file = made.returned_files()
    assert (file.file, file.size_bytes, file.is_file) == ("0b/x.json", 2, True)
    assert (link.file, link.is_file) == ("0a/y.json", False)


PLACES = ["returned", "returned/results", "returned/events", "returned/logs", "returned/results/5f"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
@pytest.mark.parametrize("place", PLACES)
def test_a_link_where_jobs_write_gives_nothing_away(tmp_path: Path, place: str) -> None:
    made = opened(tmp_path / "runs")
    mallory = User(name="pool", uid=4711, gid=4711)
    made.prepare(mallory)
    outside = tmp_path / "outside"
    outside.mkdir(mode=0o700)
    (outside / "secret").touch(mode=0o600)
    shutil.rmtree(made.root / place)
    (made.root / place).symlink_to(outside)
    with pytest.raises(WorkspaceError, match=rf"{place}: .*link") as caught:
        made.prepare(mallory)
    assert "again" in caught.value.hint
    assert [path.name for path in outside.iterdir()] == ["secret"]
    for path in (outside, outside / "secret"):
        assert path.stat().st_uid == 0
        assert path.stat().st_mode & 0o077 == 0


def test_nothing_is_read_by_a_link_in_place_of_a_shard(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    made.prepare(None)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "x.json").write_text("a secret")
    (made.results / "0a").rmdir()
    (made.results / "0a").symlink_to(outside)
    (made.results / "0b").rmdir()
    (made.results / "0b").write_text("a file")
    (made.results / "0c" / "y.json").write_text("12")
    found = list(made.returned_files())
    assert [(one.file, one.is_file) for one in found] == [
        ("0a", False),
        ("0b", True),
        ("0c/y.json", True),
    ]
    with pytest.raises(OSError, match="link"):
        made.open_result("0a/x.json")
    with made.open_result("0c/y.json") as file:
        assert file.read() == b"12"


def test_a_link_in_place_of_all_results_is_one_message(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    made.prepare(None)
    shutil.rmtree(made.results)
    made.results.symlink_to("/")
    with pytest.raises(WorkspaceError, match="results: it is a link"):
        list(made.returned_files())


def test_a_result_that_is_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    made.prepare(None)
    os.mkfifo(made.results / "0a" / "x.json")
    with pytest.raises(OSError, match="not a regular file"):
        made.open_result("0a/x.json")


def test_an_input_is_staged_once_and_checked(tmp_path: Path) -> None:
    made = opened(tmp_path / "runs")
    source = tmp_path / "data.csv"
    source.write_bytes(b"1,2\n")
    digest = hashlib.sha256(b"1,2\n").hexdigest()
    staged = made.stage(source, "data.csv", digest)
    assert staged == made.input("data.csv", digest)
    assert staged.read_bytes() == b"1,2\n"
    source.write_bytes(b"changed")
    assert made.stage(source, "data.csv", digest).read_bytes() == b"1,2\n"
    with pytest.raises(WorkspaceError, match="changed"):
        made.stage(source, "data.csv", "0" * 64)
