"""What a campaign would submit, as values and as files."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest

from osgrepro.common import shipped
from osgrepro.common.errors import CampaignError, UsageError
from osgrepro.workflow.campaign import planning
from osgrepro.workflow.loading import load


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OSGREPRO_CACHE", str(tmp_path / "cache"))


def test_the_study_is_16_clusters_of_780_runs() -> None:
    planned = planning.plan(load("osg-2022"))
    assert len(planned.submissions) == 16  # 4 images x (CPU, V100, A40, A100)
    assert sum(len(item.runs) for item in planned.submissions) == 780
    assert [file.spec for file in planned.missing_data] == ["creditcard.csv"]


def test_planning_makes_nothing(tmp_path: Path) -> None:
    planned = planning.plan(load("demo"))
    assert not any(state.image for state in planned.images.values())
    assert not (tmp_path / "cache").exists()


def test_write_gives_every_cluster_and_every_definition(tmp_path: Path) -> None:
    planned = planning.plan(load("demo"))
    written = planning.write(planned, tmp_path / "out")
    names = sorted(str(path.relative_to(tmp_path / "out")) for path in written)
    assert [name for name in names if name.endswith(".def")] == [
        "definitions/tensorflow-2.21.0.def",
        "definitions/tensorflow-2.8.0.def",
    ]
    descriptions = [path for path in written if path.suffix == ".sub"]
    assert len(descriptions) == len(planned.submissions)
    rows = sum(len(path.read_text().splitlines()) for path in written if path.suffix == ".csv")
    assert rows == 48
    spec = orjson.loads((descriptions[0].parent / "spec.json").read_bytes())
    assert spec["campaign"] == "demo"


def test_write_never_mixes_with_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="not empty"):
        planning.write(planning.plan(load("demo")), tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def changed_demo(folder: Path, old: str, new: str) -> str:
    text = (shipped.folder("submit") / "demo.toml").read_text()
    assert old in text
    (folder / "demo.toml").write_text(text.replace(old, new))
    return str(folder / "demo.toml")


def test_plan_refuses_what_render_would_refuse(tmp_path: Path) -> None:
    name = changed_demo(tmp_path, "[campaign]", '[submit]\nextra = ["queue 5"]\n[campaign]')
    with pytest.raises(CampaignError, match=r"demo\.toml: submit\.extra\[0\]"):
        planning.plan(load(name))


def test_a_file_that_is_no_image_is_refused_before_anything_is_sent(tmp_path: Path) -> None:
    (tmp_path / "x.sif").write_text("no image")
    name = changed_demo(tmp_path, 'name = "tensorflow-2.8.0"', 'name = "mine"\nimage = "x.sif"')
    with pytest.raises(UsageError, match=r"software mine: .*x\.sif is not an Apptainer image"):
        planning.plan(load(name))
