"""What is known of a PyTorch model: its entries by name, and its optimizer. For ``context``."""

from __future__ import annotations

from typing import Any, Dict, Mapping, Optional

from . import fingerprint, tensors

_MOST_ENTRIES = 5_000


class Hashed:
    """Takes a model and an optimizer; ``known`` is the result's ``fingerprints.model``."""

    def __init__(self) -> None:
        self._parts: Dict[str, Optional[str]] = {}
        self._entries: Dict[str, str] = {}

    def take(self, model: Any, *, kept: bool) -> str:
        """Return the sha256 of all entries by name; parameters and buffers apart are ``kept``.

        A ``state_dict`` itself doesn't tell which of its entries are buffers.
        """
        if isinstance(model, Mapping):
            entries, names = tensors.entries(model), set(map(str, model))
        elif hasattr(model, "state_dict") and hasattr(model, "named_parameters"):
            entries = tensors.entries(model.state_dict())
            names = tensors.parameter_names(model)
        else:
            raise tensors.UnhashableError(f"{type(model).__name__} has no state_dict of PyTorch's")
        if kept:
            buffers = {name: value for name, value in entries.items() if name not in names}
            parameters = {name: value for name, value in entries.items() if name in names}
            self._parts["parameters"] = fingerprint.mapping(parameters)
            self._parts["buffers"] = fingerprint.mapping(buffers) if buffers else None
            self._entries = entries if len(entries) <= _MOST_ENTRIES else {}
        return fingerprint.mapping(entries)

    def take_optimizer(self, optimizer: Any) -> str:
        """Return and keep the sha256 of an optimizer's state and settings."""
        if not hasattr(optimizer, "state_dict"):
            raise tensors.UnhashableError(f"{type(optimizer).__name__} has no state_dict")
        digest = tensors.sha256(optimizer.state_dict(), "optimizer")
        self._parts["optimizer"] = digest
        return digest

    def known(self) -> Dict[str, Any]:
        """Return all that was taken; null where it was not, or could not be hashed."""
        names = ("parameters", "buffers", "optimizer")
        return {**{name: self._parts.get(name) for name in names}, "entries": dict(self._entries)}
