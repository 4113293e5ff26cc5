"""What can only fail is refused before anything is written, by every verb in the same words."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trial
from fakes import FakeLogs, FakeQueue
from paths import SHARED

from osgrepro.common.errors import CampaignError, InputError, OsgreproError, RenderError
from osgrepro.common.models import Image
from osgrepro.pool import condor
from osgrepro.runs import render
from osgrepro.workflow.campaign import planning, rehearsing
from osgrepro.workflow.loading import Loaded, load
from osgrepro.workflow.pools import Access
from osgrepro.workflow.runs import submitting
from osgrepro.workflow.runs.delivery import submit

CASE = SHARED / "cases/users/23-no-entry-point"
CAMPAIGN = """
[campaign]
name = "mine"
repeats = 1

[[experiment]]
name = "own"
entry = "train.py"
data = ["table.csv"]
metrics = ["accuracy"]
primary = "accuracy"

[[software]]
name = "tensorflow-2.8.0"

[[hardware]]
name = "any"
"""


def loaded(home: Path, script: str, campaign: str = CAMPAIGN) -> Loaded:
    (home / "mine.toml").write_text(campaign)
    (home / "train.py").write_text(script)
    return load(str(home / "mine.toml"))


def problems(found: Loaded) -> list[str]:
    try:
        rehearsing.refuse(found, ())
    except CampaignError as error:
        return [problem.partition(": ")[2] for problem in error.problems]
    return []


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("def run(context):\n    return {}\n", None),
        ("def run(context, epochs=2, *, quiet=True):\n    return {}\n", None),
        (
            "def run(ctx):\n    return {}\n",
            "train.py: the first parameter of its function run is not named context",
        ),
        ("async def run(context):\n    pass\n", "train.py: its function run is async"),
        (
            "def run(context, /):\n    return {}\n",
            "train.py: its function run takes the context only by",
        ),
        ("@decorated\ndef run(context, model):\n    return {}\n", None),
        ("def run(context):\n    return {}\ndef run(context, x):\n    return {}\n", "needs more"),
        ("return 1\n", "train.py:1: 'return' outside function"),
        ("def f(a, a): pass\n", "train.py:1: duplicate argument"),
        ("x = " + "-" * 100_000 + "1\n", "train.py"),
        ("x = " + "+".join(["1"] * 200_000) + "\n", "is nested too deeply"),
        ("def run(context, epochs):\n    return {}\n", "needs more"),
        ("def run(context, *, epochs):\n    return {}\n", "needs more"),
        ("print('hello')\n", "train.py: there is neither def run(context) in it, nor"),
        ("x = (1\ny = 2\n", "train.py:1: "),
    ],
)
def test_a_script_that_the_slot_could_not_run(
    tmp_path: Path, script: str, problem: str | None
) -> None:
    found = problems(loaded(tmp_path, script))
    assert len(found) == (problem is not None), found
    assert problem is None or problem in found[0]


def test_a_program_that_leaves_its_metrics_needs_no_function(tmp_path: Path) -> None:
    declared = CAMPAIGN.replace("data = ", 'metrics_file = "metrics.json"\ndata = ')
    assert problems(loaded(tmp_path, "print('hello')\n", declared)) == []


def test_plan_dry_run_and_submit_say_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = loaded(tmp_path, "def run(ctx):\n    return {}\n")
    image = {"tensorflow-2.8.0": Image(software="tensorflow-2.8.0", location="/x.sif", sha256=None)}
    monkeypatch.setattr(submitting, "_images", lambda *_, **__: image)
    queue: Any = FakeQueue()
    place = trial.opened(tmp_path / "trial.runs")
    access = Access(schedd=queue, pool=None)
    said = set()
    for verb in (
        lambda: planning.plan(found),
        lambda: submitting.rehearse(found, place, access),
        lambda: submitting.submit(found, place, access),
    ):
        with pytest.raises(CampaignError) as told:
            verb()
        said.add((told.value.message, told.value.hint))
    assert len(said) == 1
    assert queue.descriptions == []
    assert place.journal() == []


def test_a_data_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    found = loaded(tmp_path, "def run(context):\n    return {}\n")
    with pytest.raises(InputError, match=r"table\.csv: does not exist, but own reads it"):
        rehearsing.require_data(found)
    (tmp_path / "table.csv").touch()
    rehearsing.require_data(load(found.source))


def test_with_one_bad_description_of_several_nothing_is_written(tmp_path: Path) -> None:
    matrix = trial.expand(1)
    hardware = tuple(
        one.model_copy(update={"requirements": "a /* b"}) if one.gpus else one
        for one in matrix.campaign.hardware
    )
    bad = replace(matrix, campaign=matrix.campaign.model_copy(update={"hardware": hardware}))
    made, queue = trial.opened(tmp_path / "trial.runs"), FakeQueue()
    before = sorted(made.root.rglob("*"))
    with pytest.raises(RenderError):
        submit(
            bad, trial.images("/x.sif"), trial.delivery(made, queue, None, open_log=FakeLogs().open)
        )
    assert queue.descriptions == []
    assert [path for path in sorted(made.root.rglob("*")) if path.name != "lock"] == before


@pytest.mark.parametrize("line", ["rank = )(", "requirements = (a", "MY.X = 1 +"])
def test_what_condor_could_not_read_is_told(line: str) -> None:
    assert condor.check_description(f"executable = /bin/true\n{line}\n") is not None
    assert condor.check_description('executable = /bin/true\nrank = a\nMY.X = "$(b)"\n') is None


@pytest.mark.parametrize(("asked_mb", "enough"), [(2, False), (3, True), (8192, True)])
def test_runs_that_ask_for_less_disk_than_their_image_takes_are_refused(
    tmp_path: Path, asked_mb: int, enough: bool
) -> None:
    image = tmp_path / "x.sif"
    image.write_bytes(bytes(2 * 2**20 + 1))
    campaign = f"{CAMPAIGN}request_disk_mb = {asked_mb}\n"
    made = loaded(tmp_path, "def run(context):\n    return {}\n", campaign)
    name = "tensorflow-2.8.0"
    known = Image(software=name, location=str(image), sha256=None, file=str(image))
    submissions = render.submissions(made.matrix, {name: known})
    small = [problem for problem, _hint in rehearsing._disks(submissions)]
    assert (small == []) == enough
    assert all(f"of {name} alone takes 3 MB" in problem for problem in small)


@pytest.mark.shared
def test_the_case_of_a_user(tmp_path: Path) -> None:
    if not CASE.is_dir():
        pytest.skip("the cases beside the checkout are not there")
    shutil.copytree(CASE, tmp_path / "case", copy_function=shutil.copyfile)
    with pytest.raises(OsgreproError) as told:
        planning.plan(load(str(tmp_path / "case/campaign.toml")))
    assert told.value.exit_code == 2
    assert "run" in told.value.message


@pytest.mark.parametrize(
    ("proves", "problem"),
    [
        ('regexp("EPYC", cpu_model_name)', None),
        ("MY.gpu_name =?= undefined || CPUFAMILY == 23 || TARGET.MadeUpHere", None),
        ('regexp("EPYC", cpu_modelname)', "cpu_modelname is neither a column"),
        ("MY.gpu_nam == 1", "gpu_nam is neither a column"),
    ],
)
def test_a_name_in_proves_that_nothing_has_is_refused(
    tmp_path: Path, proves: str, problem: str | None
) -> None:
    found = problems(
        loaded(
            tmp_path,
            "def run(context):\n    return {}\n",
            f"{CAMPAIGN}proves = '{proves}'\n",
        )
    )
    assert len(found) == (problem is not None)
    assert problem is None or (problem in found[0] and "did you mean" in found[0])
