"""A name that is nearly one: whoever takes names offers the nearest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import exported
import pytest

from osgrepro.common.errors import did_you_mean
from osgrepro.results import dataset


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("plan", "demp"), "demp: no such campaign file; did you mean 'demo'?"),
        (("plan", "mien.toml"), "did you mean 'mine.toml'?"),
        (("plan", "sub/on.toml"), "did you mean 'sub/one.toml'?"),
        (("plan", "demo", "--only", "experiment=mnist"), "did you mean 'mnist_convnet'?"),
        (("plan", "demo", "--only", "hardware=thread8"), "did you mean 'threads8'?"),
        (("plan", "demo", "--only", "software=Tensorflow-2.8.1"), "did you mean 'tensorflow-2."),
        (("run", "demo", "--cell", "mnist_convnet/hots/tensorflow-2.8.0"), "mnist_convnet/host/"),
        (("build", "tensorflow-2.8.9"), "did you mean 'tensorflow-2."),
        (("build", "dem"), "did you mean 'demo'?"),
        (("lock", "tensorflow-2.8.9"), "did you mean 'tensorflow-2."),
        (("twin", "check", "osg2022"), "did you mean 'osg-2022'?"),
        (("pool", "up", "--twin", "osg-2022", "--only", "epyc-7301"), "did you mean 'epyc-7"),
        (("analyze", "d.parquet", "--claim", "mnits.accuracy > 0"), "did you mean 'mnist'?"),
        (("analyze", "d.parquet", "--claim", "mnist.acuracy > 0"), "did you mean 'accuracy'?"),
        (("confirm", "d.parquet", "--twin", "osg2022"), "did you mean 'osg-2022'?"),
        (("hardware", "show", "amd-family25-model2", "--ads", "ads"), "did you mean '"),
    ],
)
def test_the_nearest_name_is_offered(
    osgrepro: Any, tmp_path: Path, argv: tuple[str, ...], said: str
) -> None:
    exported.campaign(tmp_path)
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "one.toml").write_text("")
    (tmp_path / "ads").write_text('Name = "slot1@a"\nCpuFamily = 25\nCpuModelNumber = 1\n')
    metric = {"name": "accuracy", "value": 0.5, "hex": (0.5).hex()}
    row = {"experiment": "mnist", "software": "tf", "hardware": "a", "status": "ok", "repeat": 1}
    dataset.write(tmp_path / "d.parquet", [{**row, "run_id": "1", "metrics": [metric]}])
    told = osgrepro(*argv)
    assert (told.code, told.out) == (2, "")
    assert said in told.err


def test_the_names_of_a_campaign_are_offered_with_their_places(
    osgrepro: Any, tmp_path: Path
) -> None:
    file = exported.campaign(tmp_path)
    claim = '[[claim]]\nname = "c"\na = "onw"\nmetric = "accuracy"\n'
    file.write_text(file.read_text().replace("tensorflow-2.8.0", "tensorflow-2.8.9") + claim)
    said = osgrepro("plan", str(file)).err
    assert "no experiment is named 'onw'; did you mean 'own'?" in said
    file.write_text(file.read_text().replace(claim, ""))
    said = osgrepro("plan", str(file)).err
    assert "tensorflow-2.8.9" in said
    assert "did you mean 'tensorflow-2." in said


def test_nothing_is_offered_where_nothing_is_near() -> None:
    assert did_you_mean("xyz", ["mnist", "imdb"]) == ""
    assert did_you_mean("xyz", ["mnist", "imdb"], all_known=True) == "; known are mnist, imdb"
    assert did_you_mean("MNIST", ["mnist"]) == "; did you mean 'mnist'?"
    assert did_you_mean("a", []) == ""
