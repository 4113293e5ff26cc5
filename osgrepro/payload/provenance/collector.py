"""Runs the readers of fields one by one, so that none can spoil another or stop the run."""

from __future__ import annotations

from typing import Any, Callable, Dict, Mapping

_ERROR_CHARACTERS = 300


class Collector:
    """Collects fields; what failed is in ``errors``, as ``section.field`` → text."""

    def __init__(self) -> None:
        self.errors: Dict[str, str] = {}

    def field(self, name: str, read: Callable[[], Any], otherwise: Any = None) -> Any:
        """Return what ``read`` returns, or ``otherwise`` and a note if it raises."""
        try:
            return read()
        except Exception as error:
            self.errors[name] = f"{type(error).__name__}: {error}"[:_ERROR_CHARACTERS]
            return otherwise

    def section(self, name: str, fields: Mapping[str, Callable[[], Any]]) -> Dict[str, Any]:
        """Return every field of a section, null where it could not be read."""
        return {key: self.field(f"{name}.{key}", read) for key, read in fields.items()}
