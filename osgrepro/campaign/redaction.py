"""A campaign file's text without what is its submitter's alone; called when it is handed on."""

from __future__ import annotations

import re

from osgrepro.common import toml
from osgrepro.common.errors import UsageError


def without_extra(text: str, name: str) -> str | None:
    """Return a campaign file's text without ``submit.extra``, which is its submitter's alone.

    ``name`` is what the file is called in an error. The text is cut out by its letters, so that all
    else stays as it was written; None where the rest would not read as before.
    """
    wanted = toml.loads(text, name)
    wanted["submit"].pop("extra")
    for begin in re.finditer(r"^[ \t]*extra[ \t]*=", text, re.M):
        for end in re.finditer(r"\]", text[begin.end() :]):
            rest = text[: begin.start()] + text[begin.end() + end.end() :]
            try:
                if toml.loads(rest, name) == wanted:
                    return rest
            except UsageError:
                continue
    return None
