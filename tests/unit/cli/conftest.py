"""The command line, as a function of its words."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import typer

from osgrepro import cli


@pytest.fixture(scope="session", autouse=True)
def _one_set_of_commands() -> Iterator[None]:
    """Let Typer make the commands of the app once, and not anew for each of a thousand calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(typer.main, "get_command", cache(typer.main.get_command))
        yield


class Said:
    """What a command printed, and how it ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code, self.out, self.err = code, out, err


@pytest.fixture
def osgrepro(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> object:
    monkeypatch.chdir(tmp_path)
    for name in ("CACHE", "POOL_DIR"):
        monkeypatch.setenv(f"OSGREPRO_{name}", str(tmp_path / name.lower()))

    def run(*argv: str) -> Said:
        monkeypatch.setattr(sys, "argv", ["osgrepro", *argv])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capfd.readouterr()
        code = ended.value.code
        return Said(code if isinstance(code, int) else 0, said.out, said.err)

    return run
