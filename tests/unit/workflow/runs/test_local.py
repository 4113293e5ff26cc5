"""A run on this machine: in the image's environment, or in this Python's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from osgrepro.common.errors import OsgreproError, UsageError
from osgrepro.common.models import Image, Run, User
from osgrepro.workflow import loading
from osgrepro.workflow.runs import local
from osgrepro.workflow.software import images

CAMPAIGN = """
[campaign]
name = "c"
repeats = 1

[[experiment]]
name = "mine"
entry = "train.py"
metrics = ["jax"]
primary = "jax"

[[software]]
name = "tensorflow-2.8.0"

[[hardware]]
name = "any"
requirements = 'true'
"""
SCRIPT = "import os\ndef run(context):\n    return {'jax': os.environ['KERAS_BACKEND'] == 'jax'}\n"


class NoContainer:
    """Runs the payload as it is; what Apptainer would do, it leaves away."""

    user = User(name="me", uid=os.getuid(), gid=os.getgid())

    def command(self, argv: Sequence[str], **_where: Any) -> list[str]:
        assert argv[0] == "apptainer"
        assert "--cleanenv" in argv
        bare = ("env", "-i", f"PATH={os.environ['PATH']}")
        return [*bare, sys.executable, *argv[argv.index("python3") + 1 :]]


@pytest.mark.parametrize(("native", "jax"), [(True, 1.0), (False, 0.0)])
def test_the_shells_backend_counts_only_where_there_is_no_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, native: bool, jax: float
) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "c.toml").write_text(CAMPAIGN)
    image = Image(software="tensorflow-2.8.0", location="/x/image.sif", sha256=None)
    monkeypatch.setattr(images, "ready", lambda *_args: {image.software: image})
    monkeypatch.setattr(local, "provide", lambda _notify: NoContainer())
    monkeypatch.setenv("OSGREPRO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    loaded = loading.load(str(tmp_path / "c.toml"))
    cell = "mine/any/tensorflow-2.8.0"
    done = local.run(loaded, cell, out=tmp_path / "out", native=native)
    assert done.exit_code == 0
    assert done.result["metrics"]["jax"]["value"] == jax


def test_one_of_the_campaigns_seeds_can_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = (
        "import random\ndef run(context):\n    return {'jax': context.seed + random.random()}\n"
    )
    (tmp_path / "train.py").write_text(script)
    (tmp_path / "c.toml").write_text(CAMPAIGN.replace("repeats = 1", "repeats = 1\nseeds = [5, 6]"))
    monkeypatch.setenv("OSGREPRO_CACHE", str(tmp_path / "cache"))
    loaded = loading.load(str(tmp_path / "c.toml"))
    cell = "mine/any/tensorflow-2.8.0"
    told = [
        local.run(loaded, cell, seed=seed, out=tmp_path / "out", native=True).result
        for seed in (None, 5, 6)
    ]
    values = [one["metrics"]["jax"]["value"] for one in told]
    assert values[0] == values[1] != values[2]
    assert [one["definition"]["seed"] for one in told] == [5, 5, 6]
    assert int(values[2]) == 6
    with pytest.raises(UsageError, match="seed 7: is not one of the campaign's"):
        local.run(loaded, cell, seed=7, out=tmp_path / "out", native=True)


# As an image whose python3 is not what it seems: it ends what would write the result.
PLANT = """
import os
def run(context):
    told = open(f"/proc/{{os.getppid()}}/cmdline").read().split("\\0")
    run_id = told[told.index("--run-id") + 1]
    folder = f"results/{{run_id[:2]}}"
    result = f"{{folder}}/{{run_id}}.0.0.1.json"
    os.makedirs(folder, exist_ok=True)
    {plant}
    os.kill(os.getppid(), 9)
    os._exit(0)
"""


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        ("os.symlink({secret!r}, result)", "it is a link"),
        ("os.rmdir(folder); os.symlink({folder!r}, folder)", "it is a link"),
        ("os.mkfifo(result)", "not a regular file"),
        ("open(result, 'w').write('[1')", "that is valid"),
        ("open(result, 'w').write('[1]')", "that is valid"),
        ("open(result, 'w').write('{{}}')", "that is valid"),
        ("open(f'{{folder}}/package.json', 'w').write('{{}}')", "left no result"),
    ],
)
def test_what_a_run_left_in_place_of_its_result_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, plant: str, said: str
) -> None:
    secret = tmp_path / "secret" / "a.json"
    secret.parent.mkdir()
    secret.write_text('{"a": "secret"}')
    filled = plant.format(secret=str(secret), folder=str(secret.parent))
    (tmp_path / "train.py").write_text(PLANT.format(plant=filled))
    (tmp_path / "c.toml").write_text(CAMPAIGN)
    image = Image(software="tensorflow-2.8.0", location="/x/image.sif", sha256=None)
    monkeypatch.setattr(images, "ready", lambda *_args: {image.software: image})
    monkeypatch.setattr(local, "provide", lambda _notify: NoContainer())
    monkeypatch.setenv("OSGREPRO_CACHE", str(tmp_path / "cache"))
    loaded = loading.load(str(tmp_path / "c.toml"))
    with pytest.raises(OsgreproError, match=said):
        local.run(loaded, "mine/any/tensorflow-2.8.0", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_what_is_handed_to_the_user_is_all_the_users_whatever_the_umask(tmp_path: Path) -> None:
    (tmp_path / "staged" / "ab").mkdir(parents=True)
    (tmp_path / "staged" / "ab" / "data.csv").touch(mode=0o600)
    outside = tmp_path.parent / "outside"
    outside.touch()
    (tmp_path / "link").symlink_to(outside)
    local._hand_over(tmp_path, User(name="pool", uid=4711, gid=4711))
    assert all(path.lstat().st_uid == 4711 for path in (tmp_path, *tmp_path.rglob("*")))
    assert outside.stat().st_uid == 0


def test_a_run_failed_by_what_its_result_says_whatever_the_container_returned() -> None:
    run = Run(run_id="0" * 24, experiment="e", software="s", hardware="h", seed=1, repeat=1)
    for code, status, failed in ((0, "ok", False), (0, "failed", True), (255, "ok", True)):
        told = {"status": status}
        done = local.LocalRun(run=run, file=Path("r.json"), result=told, exit_code=code)
        assert done.failed is failed
