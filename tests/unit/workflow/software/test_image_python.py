"""Images that a campaign names are looked into once, wherever this machine can."""

from __future__ import annotations

from pathlib import Path

import pytest

from osgrepro.common.errors import ImageError
from osgrepro.common.models import Image
from osgrepro.pool import enclosure
from osgrepro.software import apptainer
from osgrepro.software.apptainer import Python
from osgrepro.workflow.software import image_python


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[Path]:
    """What was asked, of images that all have Python 3.6; the cache is empty."""
    seen: list[Path] = []

    def python(path: Path, _enclosure: object) -> Python:
        seen.append(path)
        return Python("3.6")

    monkeypatch.setenv("OSGREPRO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(enclosure, "here", object)
    monkeypatch.setattr(apptainer, "python", python)
    return seen


def image(location: str = "/images/x.sif", **facts: object) -> Image:
    told = {"sha256": "a" * 64, "file": location, **facts}
    return Image(software="mine", location=location, **told)  # type: ignore[arg-type]


def test_one_image_is_asked_once_and_remembered_by_its_digest(asked: list[Path]) -> None:
    (problem,), _ = image_python.python_problems([image(), image()])
    assert problem.startswith("software mine: /images/x.sif has python3 3.6")
    assert image_python.python_problems([image()])[0] == [problem]
    assert asked == [Path("/images/x.sif")]
    assert len(image_python.python_problems([image(sha256="b" * 64)])[0]) == 1
    assert len(asked) == 2


def test_what_is_not_a_file_here_is_not_asked_for(asked: list[Path]) -> None:
    others = (
        image("docker://python:3.12", file=None, sha256=None),
        image("osdf:///ospool/x.sif", file=None, sha256="c" * 64),
        image("/cvmfs/singularity.opensciencegrid.org/x", file=None, sha256=None),
        image(labels={"org.osgrepro.framework": "2.8.0"}),
    )
    assert [image_python.look(one) for one in others] == [None] * 4
    assert asked == []


def test_that_an_image_has_none_is_asked_again(
    asked: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apptainer, "python", lambda path, _: asked.append(path) or Python(None))
    for _ in range(2):
        assert image_python.look(image()) == Python(None)
    assert len(asked) == 2


def test_an_image_that_could_not_be_asked_is_not_refused(
    asked: list[Path], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fails(_path: Path, _enclosure: object) -> Python:
        raise ImageError("FATAL: no user namespaces")

    monkeypatch.setattr(apptainer, "python", fails)
    assert image_python.python_problems([image()])[0] == []
    (said,) = image_python.python_problems([image()])[1]
    assert said == (
        "software mine: whether it has a python3 was not checked: FATAL: no user namespaces"
    )
    monkeypatch.setattr(enclosure, "here", lambda: None)
    assert "there is no Apptainer here" in image_python.python_problems([image()])[1][0]
    assert not (tmp_path / "cache/remembered").exists()
