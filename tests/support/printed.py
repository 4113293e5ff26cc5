"""What a table says, as words."""

from __future__ import annotations

import io

from osgrepro.cli.console import Screen, Table


def words(shown: Table) -> list[list[str]]:
    """Return the cells of every line that is printed, without those that are blank."""
    text = io.StringIO()
    Screen(width=200, file=text).print(shown)
    return [
        [cell.strip() for cell in line.split("  ") if cell.strip()]
        for line in text.getvalue().splitlines()
    ]
