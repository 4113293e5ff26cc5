"""Modules that are not there: they note what is called in them."""

from __future__ import annotations

from typing import Any


class Calls:
    """Notes what is called, by its dotted name, in the order of the calls."""

    def __init__(self, name: str, calls: list[tuple[str, tuple[Any, ...]]] | None = None) -> None:
        self._name, self.calls = name, [] if calls is None else calls

    def __getattr__(self, name: str) -> Calls:
        return Calls(f"{self._name}.{name}", self.calls)

    def __call__(self, *args: Any, **named: Any) -> None:
        self.calls.append((self._name, (*args, *named.items())))
