"""A DAG has the missing runs and no other, and what it submits is found again."""

from __future__ import annotations

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import program_campaign
import pytest
from fakes import FakeQueue

from osgrepro.common.errors import PoolError, UsageError
from osgrepro.common.models import User
from osgrepro.runs.workspace import Workspace
from osgrepro.workflow.loading import Loaded
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import dag, journal, submitting, workspaces


@pytest.fixture
def loaded() -> Iterator[Loaded]:
    """Write a campaign; not in /tmp, of which DAGMan takes nothing."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        yield program_campaign.write(Path(folder), repeats=3)


@pytest.fixture
def access(queue: FakeQueue) -> Access:
    return Access(schedd=cast(Any, queue), pool=None)


def place_of(loaded: Loaded) -> Workspace:
    return workspaces.of(loaded)


def lines(made: dag.Dag, word: str) -> list[list[str]]:
    assert made.file is not None
    words = map(str.split, made.file.read_text().splitlines())
    return [line for line in words if line[:1] == [word]]


def test_each_missing_run_is_a_node_between_check_and_collect(
    loaded: Loaded, access: Access
) -> None:
    made = dag.write(loaded, place_of(loaded), access)
    runs = [run.run_id for run in loaded.matrix.runs]
    assert [line[1] for line in lines(made, "JOB")] == ["check", *runs, "collect", "report"]
    assert lines(made, "PARENT") == [
        ["PARENT", "check", "CHILD", *runs],
        ["PARENT", *runs, "CHILD", "collect"],
        ["PARENT", "collect", "CHILD", "report"],
    ]
    for _, run_id, file in lines(made, "JOB")[1:-2]:
        text = Path(file).read_text()
        assert "max_idle" not in text
        items = Path(text.rsplit(" from ", maxsplit=1)[1].strip()).read_text()
        assert items.startswith(f"{run_id},")
        assert items.count("\n") == 1


def test_what_is_written_is_no_submission(loaded: Loaded, access: Access, queue: FakeQueue) -> None:
    made = dag.write(loaded, place_of(loaded), access)
    assert made.runs == 3
    assert not queue.descriptions
    assert not journal.batches(place_of(loaded))
    assert submitting.submit(loaded, place_of(loaded), access).runs == 3
    assert dag.write(loaded, place_of(loaded), access).file is None


def test_nothing_is_sent_beside_a_dag(loaded: Loaded, access: Access, queue: FakeQueue) -> None:
    queue.running_dags = (7,)
    acts: tuple[Callable[..., object], ...] = (submitting.submit, submitting.rehearse, dag.write)
    for act in acts:
        with pytest.raises(PoolError, match="cluster 7 is a DAG") as refused:
            act(loaded, place_of(loaded), access)
        assert "condor_rm 7" in refused.value.hint


def test_its_scripts_are_commands_of_osgrepro_on_this_folder(
    loaded: Loaded, access: Access
) -> None:
    made = dag.write(loaded, place_of(loaded), access)
    assert made.whole
    verbs = [line[-1] for line in lines(made, "SCRIPT") if line[1] == "PRE"]
    assert [Path(verb).name for verb in verbs] == ["check", "collect", "report"]
    for verb, expected in zip(verbs, ("doctor", "collect", "report"), strict=True):
        words = shlex.split(Path(verb).read_text().splitlines()[1])
        assert words[2:5] == ["-m", "osgrepro", expected]
        done = subprocess.run([*words[1:5], "--help"], capture_output=True, text=True, check=False)
        assert done.returncode == 0
        options = {word for word in words if word.startswith("--")}
        assert all(option in done.stdout for option in options)


def test_on_the_mini_pool_it_only_runs(loaded: Loaded, access: Access) -> None:
    user = User(name="us", uid=os.getuid(), gid=os.getgid())
    pool = SimpleNamespace(
        enclosure=SimpleNamespace(user=user), environment={}, expose=lambda _path: None
    )
    local = Access(schedd=access.schedd, pool=cast(Any, pool))
    made = dag.write(loaded, place_of(loaded), local)
    assert not made.whole
    assert [line[1] for line in lines(made, "SCRIPT")] == ["POST"]


def test_too_many_runs_are_refused_with_another_way(
    loaded: Loaded, access: Access, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dag, "MOST_NODES", 2)
    with pytest.raises(UsageError, match="3 runs are too many") as refused:
        dag.write(loaded, place_of(loaded), access)
    assert "osgrepro submit" in refused.value.hint
    assert not list(place_of(loaded).root.glob("submit/*"))


def test_folders_that_dagman_does_not_take_are_refused(loaded: Loaded, access: Access) -> None:
    spaced = Workspace(loaded.path.parent / "a folder")
    with pytest.raises(UsageError, match="DAGMan takes no folder with a space"):
        dag.write(loaded, spaced, access)
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as kept,
        pytest.raises(UsageError, match="DAGMan takes no folder in /tmp"),
    ):
        dag.write(loaded, Workspace(Path(kept) / "c.runs"), access)
