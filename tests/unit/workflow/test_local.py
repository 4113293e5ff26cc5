"""A run on this machine: in the image's environment, or in this Python's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from osgrepro.errors import UsageError
from osgrepro.models import Image, User
from osgrepro.workflow import images, loading, local

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
        return [sys.executable, *argv[argv.index("python3") + 1 :]]


@pytest.mark.parametrize(("native", "jax"), [(True, 1.0), (False, 0.0)])
def test_the_shells_backend_counts_only_where_there_is_no_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, native: bool, jax: float
) -> None:
    (tmp_path / "train.py").write_text(SCRIPT)
    (tmp_path / "c.toml").write_text(CAMPAIGN)
    image = Image(software="tensorflow-2.8.0", location="/x/image.sif", sha256=None)
    monkeypatch.setattr(images, "ready", lambda *_args: {image.software: image})
    monkeypatch.setattr(local.minipool, "enclosure", lambda _notify: NoContainer())
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
    with pytest.raises(UsageError, match="seed 7: is none of the campaign's"):
        local.run(loaded, cell, seed=7, out=tmp_path / "out", native=True)
