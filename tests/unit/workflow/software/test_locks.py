"""``lock`` writes the whole lock that the parameters ask for, or leaves everything as it was."""

from __future__ import annotations

import json
import sys

import pytest
from small_containers import DOCKER, TOML

from osgrepro.common.errors import UsageError, WorkspaceError
from osgrepro.software import apptainer
from osgrepro.workflow.software import locks

FIRST = {"tensorflow-cpu": "2.8.0", "pip": "25.0", "six": "1.16"}
FAKE_UV = """
import json, sys
from pathlib import Path
here = Path(HERE)
target = Path(sys.argv[sys.argv.index("--output-file") + 1])
(here / "previous").write_text(target.read_text())
answer = json.loads((here / "answer").read_text())
if isinstance(answer, str):
    target.write_text("half")
    sys.exit(answer)
target.write_text("".join(f"{n}=={v} --hash=sha256:{'0' * 64}\\n" for n, v in answer.items()))
"""


class Bench:
    """A folder ``containers`` with one environment, and a resolver that answers as it is told."""

    def __init__(self, folder):
        self.folder = folder
        self.uv = [sys.executable, "-c", FAKE_UV.replace("HERE", repr(str(folder)))]
        self.mine = folder / "containers" / "mine"
        self.mine.mkdir(parents=True)
        self.path = self.mine / "requirements.txt"
        self.write(TOML)
        self.answer(FIRST)

    def write(self, toml):
        (self.mine / "container.toml").write_text(toml)

    def answer(self, versions):
        (self.folder / "answer").write_text(json.dumps(versions))

    def lock(self, name="mine", **more):
        return locks.lock(name, uv=self.uv, **more)

    @property
    def files(self):
        return sorted(path.name for path in self.mine.iterdir())

    @property
    def previous(self):
        return (self.folder / "previous").read_text()


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    # So that pip need not be asked each time; test_resolver.py has what it is asked.
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    return Bench(tmp_path)


def test_a_first_lock_is_one_that_the_catalogue_takes(bench):
    made = bench.lock()

    container = apptainer.load_container([bench.folder / "containers"], "mine")
    assert made.path == bench.path
    assert container.lock == bench.path.read_text()
    assert container.lock.splitlines()[0] == container.lock_header
    assert (made.packages, made.written) == (3, True)
    assert made.changes == {name: (None, version) for name, version in FIRST.items()}
    assert bench.files == ["container.toml", "requirements.txt"]


def test_nothing_changes_where_everything_still_fits(bench):
    bench.lock()
    before = bench.path.stat()

    made = bench.lock()

    assert (made.changes, made.written) == ({}, False)
    assert bench.path.stat() == before


def test_what_is_added_removed_and_changed_is_told(bench):
    bench.lock()
    bench.answer({"tensorflow-cpu": "2.8.0", "pip": "25.1", "wheel": "1.0"})

    assert bench.lock().changes == {
        "pip": ("25.0", "25.1"),
        "six": ("1.16", None),
        "wheel": (None, "1.0"),
    }


def test_the_resolver_gets_the_lock_to_keep_to_unless_all_shall_be_new(bench):
    bench.lock()
    locked = bench.path.read_text()

    bench.lock()
    assert bench.previous == locked
    bench.lock(upgrade=True)
    assert bench.previous == ""


def test_changed_parameters_get_their_lock_with_the_old_versions_at_hand(bench):
    bench.lock()
    bench.write(TOML.replace("3.9.2", "3.9.7"))

    made = bench.lock()

    assert "six==1.16" in bench.previous
    assert (made.changes, made.written) == ({}, True)
    assert apptainer.load_container([bench.folder / "containers"], "mine").python == "3.9.7"


def test_a_lock_that_is_no_lock_is_made_anew(bench):
    bench.path.write_text("<<<<<<< ours\n")

    assert bench.lock().written
    assert bench.previous == ""


def test_an_environment_is_named_by_its_folder_too(bench, monkeypatch):
    assert bench.lock("containers/mine").path == bench.path
    assert bench.lock(str(bench.mine)).path == bench.path
    monkeypatch.chdir(bench.mine)
    assert bench.lock(".").path == bench.path


@pytest.mark.parametrize("name", ["nothing", "../mine", "containers", "containers/nothing", ""])
def test_a_name_that_is_not_there_lists_those_that_are(bench, name):
    with pytest.raises(UsageError, match="there is no software environment") as caught:
        bench.lock(name)

    assert "mine, " in caught.value.hint
    assert "tensorflow-2.8.0" in caught.value.hint


def test_a_folder_without_parameters_says_so(bench):
    (bench.folder / "containers" / "empty").mkdir()

    with pytest.raises(UsageError, match=r"empty/container\.toml"):
        bench.lock("empty")


def test_an_environment_whose_base_has_everything_has_nothing_to_lock(bench):
    bench.write(DOCKER)

    with pytest.raises(UsageError, match="nothing to lock"):
        bench.lock()
    assert not bench.path.exists()


def test_every_fault_of_the_parameters_is_told_before_anything_is_resolved(bench):
    bench.write(TOML.replace('"3.9.2"', "3.9").replace('"bullseye"', '"bull seye"'))

    with pytest.raises(UsageError) as caught:
        bench.lock()

    assert "container.toml: python: " in caught.value.message
    assert "container.toml: base.suite: " in caught.value.message
    assert not (bench.folder / "previous").exists()


def test_a_resolver_that_fails_leaves_the_lock_as_it_was(bench):
    bench.lock()
    before = bench.path.read_text()
    bench.answer("error: No solution found when resolving dependencies\n  cause: numpy")

    with pytest.raises(UsageError, match="No solution found"):
        bench.lock()

    assert bench.path.read_text() == before
    assert bench.files == ["container.toml", "requirements.txt"]


def test_a_lock_that_the_catalogue_would_refuse_is_not_written(bench):
    bench.write(TOML.replace('tensorflow = "2.8.0"', 'tensorflow = "2.9.1"'))

    with pytest.raises(UsageError, match=r"locks tensorflow 2\.8\.0.*says 2\.9\.1") as caught:
        bench.lock()

    assert "nothing was written" in caught.value.hint
    assert not bench.path.exists()


def test_a_folder_that_takes_no_file_is_an_expected_error(bench):
    bench.path.mkdir()

    with pytest.raises(WorkspaceError, match=r"requirements\.txt"):
        bench.lock()

    assert bench.files == ["container.toml", "requirements.txt"]


@pytest.mark.parametrize(
    ("line", "unasked"), [("", ("nvidia-cublas", "triton")), ('cuda = "12.6"\n', ())]
)
def test_packages_of_cuda_that_nobody_asked_for_are_told(bench, line, unasked):
    bench.write(line + TOML)
    bench.answer(FIRST | {"nvidia-cublas": "12.6", "triton": "3.0"})
    assert bench.lock().unasked == unasked
