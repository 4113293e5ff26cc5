"""From a campaign file on disk to its matrix, and what is said when it can't be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from osgrepro.common.errors import CampaignError, UsageError
from osgrepro.workflow import loading
from osgrepro.workflow.campaign import init

CAMPAIGN = """
[campaign]
name = "c"
repeats = 2

[[experiment]]
name = "mine"
entry = "train.py"
data = ["{data}"]
metrics = ["loss"]
primary = "loss"

[[software]]
name = "tensorflow-2.8.0"

[[hardware]]
name = "any"
requirements = '{requirements}'

[[hardware]]
name = "big"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "train.py").write_text("def run(context):\n    return {'loss': 0.0}\n")
    (tmp_path / "mine.csv").write_text("a,b\n1,2\n")
    path = tmp_path / "campaign.toml"
    path.write_text(CAMPAIGN.format(data="mine.csv", requirements="Memory > 1"))
    return path


def test_a_campaign_of_ones_own_is_loaded_with_its_code_and_data(file: Path) -> None:
    loaded = loading.load(str(file))
    assert len(loaded.matrix.runs) == 4
    assert loaded.matrix.code["mine"].path == file.parent / "train.py"
    assert loaded.matrix.data["mine"][0].sha256 is not None


def test_a_folder_stands_for_its_campaign(file: Path) -> None:
    assert loading.find(str(file.parent)) == file


@pytest.mark.parametrize("name", ["demo", "demo.toml", "submit/osg-2022.toml"])
def test_shipped_campaigns_are_found_by_name_from_anywhere(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert loading.load(name).campaign.name == Path(name).stem


def test_a_file_beats_the_shipped_campaign_of_its_name(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(file.parent)
    file.rename("demo.toml")
    assert loading.load("demo.toml").campaign.name == "c"


def test_what_init_writes_can_be_loaded(tmp_path: Path) -> None:
    assert len(loading.load(str(init.init(tmp_path / "new"))).matrix.runs) == 3


def test_init_overwrites_nothing(file: Path) -> None:
    before = file.read_text()
    with pytest.raises(UsageError, match="already exists"):
        init.init(file.parent)
    assert file.read_text() == before


def test_an_edited_script_gives_new_ids(file: Path) -> None:
    before = {run.run_id for run in loading.load(str(file)).matrix.runs}
    (file.parent / "train.py").write_text("def run(context):\n    return {'loss': 1.0}\n")
    assert before.isdisjoint(run.run_id for run in loading.load(str(file)).matrix.runs)


def test_a_missing_script_is_a_problem_of_the_campaign(file: Path) -> None:
    (file.parent / "train.py").unlink()
    with pytest.raises(CampaignError, match=r"experiment\[0\] \(mine\): .*train\.py"):
        loading.load(str(file))


def test_a_missing_data_file_leaves_the_plan_possible(file: Path) -> None:
    (file.parent / "mine.csv").unlink()
    (missing,) = loading.missing_data(loading.load(str(file)))
    assert missing.spec == "mine.csv"


def test_requirements_are_read_by_htcondors_own_parser(file: Path) -> None:
    file.write_text(CAMPAIGN.format(data="mine.csv", requirements="Memory > && 3"))
    with pytest.raises(CampaignError, match=r"hardware\[0\]\.requirements \(any\)"):
        loading.load(str(file))


def test_a_campaign_that_is_not_there_names_those_that_are() -> None:
    with pytest.raises(UsageError, match="no such campaign file") as caught:
        loading.load("nowhere.toml")
    assert "osg-2022" in caught.value.hint


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"\xff\x00", "not UTF-8"), (b"= 3", "not valid TOML"), (b"x" * (17 << 20), "larger")],
)
def test_an_unreadable_campaign_is_refused(file: Path, content: bytes, said: str) -> None:
    file.write_bytes(content)
    with pytest.raises(UsageError, match=said):
        loading.load(str(file))


def test_a_folder_without_a_campaign_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="is not a file"):
        loading.load(str(tmp_path))


def test_only_and_limit_choose_runs(file: Path) -> None:
    loaded = loading.load(str(file))
    chosen = loading.select(loaded, ("hardware=big", "repeat=2"))
    assert [(run.hardware, run.repeat) for run in chosen.matrix.runs] == [("big", 2)]
    both = loading.select(loaded, ("hardware=big", "hardware=any"), limit=3)
    assert both.matrix.runs == loaded.matrix.runs[:3]
    assert loading.select(loaded, ("hardware=big,any",), limit=3) == both
    with pytest.raises(UsageError, match="hardware=huge: no such hardware"):
        loading.select(loaded, ("hardware=big,huge",))


@pytest.mark.parametrize("term", ["hardware", "color=red", "hardware=huge", "repeat=3"])
def test_a_wrong_selection_is_refused(file: Path, term: str) -> None:
    with pytest.raises(UsageError, match="--only"):
        loading.select(loading.load(str(file)), (term,))


def test_runs_of_one_seed_can_be_chosen_and_many_seeds_are_not_all_listed(file: Path) -> None:
    file.write_text(file.read_text().replace("repeats = 2", f"repeats = 1\nseeds = {[*range(99)]}"))
    loaded = loading.load(str(file))
    chosen = loading.select(loaded, ("seed=7", "seed=8"))
    assert {run.seed for run in chosen.matrix.runs} == {7, 8}
    assert len(chosen.matrix.runs) * 99 == len(loaded.matrix.runs) * 2
    with pytest.raises(UsageError, match=r"no such seed$") as caught:
        loading.select(loaded, ("seed=100",))
    assert caught.value.hint.endswith("10, 11 and 87 more")


def test_a_pipe_is_no_campaign(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.toml")
    with pytest.raises(UsageError, match="is not a file"):
        loading.load(str(tmp_path / "pipe.toml"))


@pytest.mark.parametrize(
    "data", [r"a\u0000b/x.csv", "x" * 5000 + "/x.csv", "~nobody-here/x.csv", "x" * 300]
)
def test_no_path_of_data_ends_in_a_traceback(file: Path, data: str) -> None:
    file.write_text(CAMPAIGN.format(data=data, requirements="true"))
    with pytest.raises(CampaignError, match=r"experiment\[0\] \(mine\): data"):
        loading.load(str(file))


@pytest.mark.parametrize("text", ["x = " + "[" * 9999, "x = " + "9" * 9999, "a." * 9999 + "b = 1"])
def test_no_toml_ends_in_a_traceback(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(UsageError):
        loading.load(str(file))


def test_a_forbidden_submit_command_is_told_beside_another_fault(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text(
        '[campaign]\nname = "c"\nrepeats = 0\n[submit]\nextra = ["environment = a=1"]\n'
    )
    with pytest.raises(CampaignError) as caught:
        loading.load(str(file))
    told = "\n".join(caught.value.problems)
    assert "campaign.repeats" in told
    assert "submit.extra[0]" in told
    file.write_text('[campaign]\nname = "c"\nrepeats = 0\n[submit]\nextra = 3\n')
    with pytest.raises(CampaignError, match=r"submit\.extra"):
        loading.load(str(file))
