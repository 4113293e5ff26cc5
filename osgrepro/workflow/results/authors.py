"""Authors as one types them on the command line: a name, and perhaps an ORCID."""

from __future__ import annotations

import re

from osgrepro.common.errors import UsageError
from osgrepro.results.crate import Author


def author_of(text: str) -> Author:
    """Read ``NAME`` or ``NAME <URL>``.

    Raises
    ------
    UsageError
        If it reads otherwise.
    """
    match = re.fullmatch(r"\s*([^<>]+?)\s*(?:<(https?://[^<>\s]+)>)?\s*", text)
    if match is None:
        raise UsageError(
            f"--author {text}: not of the form NAME <URL>",
            hint='such as "Ada Lovelace <https://orcid.org/…>"',
        )
    return Author(name=match[1], url=match[2])
