"""TOML text becomes a mapping, on every Python that osgrepro runs on; and values become TOML."""

from __future__ import annotations

import re
import sys
from typing import Any

from osgrepro.common.errors import UsageError

if sys.version_info >= (3, 11):
    import tomllib
else:  # Python 3.10
    import tomli as tomllib


def loads(text: str, source: str) -> dict[str, Any]:
    """Return the content of TOML ``text``.

    Raises
    ------
    UsageError
        Naming ``source`` and the line and column, if it is not TOML.
    """
    try:
        content: dict[str, Any] = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{source}: not valid TOML: {error}") from None
    except (RecursionError, ValueError) as error:  # nested too deep, a number of too many digits
        raise UsageError(f"{source}: can't be read as TOML: {error}") from None
    return content


def value(content: Any) -> str:
    """Return a text, number, list or mapping as TOML on one line, safe to show and to read back."""
    if isinstance(content, dict):
        inside = (f"{_key(key)} = {value(item)}" for key, item in content.items())
        return f"{{ {', '.join(inside)} }}"
    if isinstance(content, (list, tuple)):
        return f"[{', '.join(map(value, content))}]"
    if isinstance(content, str):
        return _string(content)
    return str(content).lower() if isinstance(content, bool) else str(content)


def _key(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else _string(name)


def _string(text: str) -> str:
    if text.isprintable() and "'" not in text and ('"' in text or "\\" in text):
        return f"'{text}'"
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in plain) + '"'
