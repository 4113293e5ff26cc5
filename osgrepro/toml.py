"""TOML text becomes a mapping, on every Python that osgrepro runs on."""

from __future__ import annotations

import sys
from typing import Any

from osgrepro.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:  # Python 3.10
    import tomli as tomllib


def loads(text: str, source: str) -> dict[str, Any]:
    """Return the content of TOML ``text``.

    Raises
    ------
    UsageError
        Naming ``source`` and the line and column, if it is no TOML.
    """
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source}: no valid TOML: {error}") from None
    except (RecursionError, ValueError) as error:  # nested too deep, a number of too many digits
        raise UsageError(f"{source}: can't be read as TOML: {error}") from None
    return content
