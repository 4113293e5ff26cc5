"""The reference of the commands says what the commands say of themselves."""

from __future__ import annotations

import html
import os
import re
import subprocess
import sys

from paths import ROOT

REFERENCE = ROOT / "docs" / "reference" / "commands.md"
EXIT_CODES = """
## Exit codes

| code | means |
| --- | --- |
| 0 | done |
| 1 | something failed, or the answer is no (`pool status` of a pool that is down) |
| 1 | `doctor`: there is a fault |
| 1 | `watch`: no job is on its way, and what it waits for has not happened |
| 2 | a mistake that you can fix: the message says where and how; nothing was changed |
| 124 | `collect --wait --timeout` and `watch --timeout`: the time is over, and jobs are left |
| 130 | interrupted with Ctrl-C |
"""


def test_the_reference_is_generated_from_the_commands() -> None:
    argv = [sys.executable, "-m", "typer", "osgrepro.cli.app", "utils", "docs"]
    made = subprocess.run(
        [*argv, "--name", "osgrepro", "--title", "The commands"],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "80", "NO_COLOR": "1"},
    )
    text = html.unescape(made.stdout.rstrip()) + "\n" + EXIT_CODES
    if os.environ.get("OSGREPRO_UPDATE_GOLDEN"):
        REFERENCE.write_text(text)
    assert REFERENCE.read_text() == text, "make golden writes it anew"


def test_no_command_is_listed_with_half_a_sentence() -> None:
    listed = re.findall(r"^\* `[a-z]+`: (.*)$", REFERENCE.read_text(), re.MULTILINE)
    assert len(listed) > 30
    assert [line for line in listed if not line.endswith(".") or line.endswith("...")] == []
