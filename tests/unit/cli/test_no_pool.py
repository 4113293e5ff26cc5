"""Every command that asks for an access point, on a machine without HTCondor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


@pytest.mark.parametrize(
    "argv",
    [
        ("hardware", "list"),
        ("hardware", "show", "x"),
        ("hardware", "propose", "1"),
        ("plan", "demo"),
        ("submit", "demo"),
        ("submit", "demo", "--dry-run"),
        ("status", "demo", "--workspace", "w"),
        ("watch", "demo", "--workspace", "w"),
        ("collect", "demo", "--wait", "--workspace", "w"),
        ("probe", "probe", "--per-class"),
        ("probe", "probe", "--submit"),
    ],
    ids=" ".join,
)
def test_the_message_says_what_to_do(
    osgrepro: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: tuple[str, ...]
) -> None:
    (tmp_path / "config").write_text("")
    monkeypatch.setenv("CONDOR_CONFIG", str(tmp_path / "config"))
    assert osgrepro("data", "demo", "--workspace", "w").code == 0
    said = osgrepro(*argv, "--pool", "ap")
    assert (said.code, said.out) == (1, "")
    assert "→ is this machine an access point, and does its HTCondor run?" in said.err
    local = osgrepro(*argv, "--pool", "local")
    assert (local.code, local.out) == (1, "")
    assert "osgrepro pool up" in local.err
