"""An image is refused for its `python3` only where the image itself said so."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from osgrepro.common.errors import ImageError
from osgrepro.software import apptainer
from osgrepro.software.apptainer import Python


class Says:
    """Stands for a place where the whole command does what a line of shell does."""

    def __init__(self, shell: str) -> None:
        self.shell = shell

    def command(self, argv: Sequence[str], **_: object) -> list[str]:
        return ["sh", "-c", self.shell, *argv]


@pytest.mark.parametrize(
    ("shell", "version", "problem"),
    [
        ("echo activated; printf 'osgrepro: 3.11'", "3.11", None),
        ("printf 'osgrepro: 3.8'", "3.8", None),
        ("printf 'osgrepro: 3.6'", "3.6", "needs 3.8 or newer"),
        ("printf 'osgrepro: 2.7'", "2.7", "needs 3.8 or newer"),
        ("echo \"env: 'python3': No such file or directory\" >&2; exit 127", None, "no python3"),
        ("echo 'env: python3: Permission denied' >&2; exit 126", None, "no python3"),
        (
            "echo 'FATAL:   stat /usr/bin/env: no such file or directory' >&2; exit 255",
            None,
            "no python3",
        ),
    ],
)
def test_what_an_image_says(shell: str, version: str | None, problem: str | None) -> None:
    found = apptainer.python(Path("/images/x.sif"), Says(shell))  # type: ignore[arg-type]
    assert found == Python(version)
    assert found.problem is None if problem is None else problem in (found.problem or "")


@pytest.mark.parametrize(
    ("shell", "why"),
    [
        ("echo 'FATAL:   could not open image: no user namespaces' >&2; exit 255", "no user names"),
        ("exit 124", "exit code 124"),
        ("echo 'ImportError: sitecustomize' >&2; exit 1", "sitecustomize"),
        ("printf 'osgrepro: 3.11, and more'", "exit code 0"),
    ],
)
def test_what_says_nothing_of_the_image(shell: str, why: str) -> None:
    with pytest.raises(ImageError, match=why):
        apptainer.python(Path("/images/x.sif"), Says(shell))  # type: ignore[arg-type]
