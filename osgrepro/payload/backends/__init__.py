"""What computes under Keras: TensorFlow, or JAX or PyTorch where the image's KERAS_BACKEND says so.

One small module for each; everything that differs between them stands there, and only there.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import os
import sys
from typing import Any, Dict, Iterator, List, Mapping, Optional, Union

from ..faults import InputError, SlotError
from .base import Backend
from .jax import Jax
from .tensorflow import TensorFlow
from .torch import Torch

__all__ = ["Backend", "environment", "in_image", "keras", "load", "named", "present"]

_KNOWN = {backend.name: backend for backend in (TensorFlow, Jax, Torch)}


def named(environ: Mapping[str, str]) -> str:
    """Return the backend's name; an image that says nothing has TensorFlow."""
    return environ.get("KERAS_BACKEND") or TensorFlow.name


def environment(environ: Mapping[str, str], threads: Union[str, int]) -> Dict[str, str]:
    """Return the variables that must be set before the backend is imported."""
    name = named(environ)
    own = _KNOWN[name].environment(environ, threads) if name in _KNOWN else {}
    return {"KERAS_BACKEND": name, **own}


def load(environ: Mapping[str, str], *, needed: bool) -> Optional[Backend]:
    """Import and return the backend, or None where the image has none and it is not needed.

    Raises
    ------
    InputError
        If it is needed, and the image's KERAS_BACKEND is not one that the payload knows.
    SlotError
        If it doesn't import, or is needed and not there.
    """
    name = named(environ)
    if name not in _KNOWN:
        if needed:
            raise InputError(f"KERAS_BACKEND: {name!r} is not one of {', '.join(_KNOWN)}")
        return None
    backend = _KNOWN[name]
    missing = [p for p in backend.packages if importlib.util.find_spec(p) is None]
    if missing:
        if needed:
            raise SlotError(f"the image has no {' and no '.join(missing)}")
        return None
    try:
        return backend(*map(importlib.import_module, backend.packages))
    except Exception as error:
        raise SlotError(
            f"{backend.title} can't be imported: {type(error).__name__}: {error}"
        ) from error


def present(modules: Mapping[str, Any] = sys.modules) -> List[Backend]:
    """Return the frameworks that this process imported, whoever did it; nothing is imported."""
    return [
        backend.around(modules[backend.packages[0]])
        for backend in _KNOWN.values()
        if _whole(modules.get(backend.packages[0]))
    ]


def _whole(module: Any) -> bool:
    """Whether an import came to its end; one that failed may leave a part."""
    spec = getattr(module, "__spec__", None)
    return module is not None and not getattr(spec, "_initializing", False)


def in_image(environ: Mapping[str, str]) -> Iterator[Backend]:
    """Import every framework of the image, the named one first; one that can't be is left out."""
    first = named(environ)
    for name in sorted(_KNOWN, key=lambda name: name != first):
        package = _KNOWN[name].packages[0]
        if importlib.util.find_spec(package) is None:
            continue
        with contextlib.suppress(Exception):
            yield _KNOWN[name].around(importlib.import_module(package))


def keras(environ: Mapping[str, str] = os.environ) -> Any:
    """Return the image's Keras, which stands on the backend.

    Raises
    ------
    InputError, SlotError
        As :func:`load` where the backend is needed.
    """
    backend = load(environ, needed=True)
    return None if backend is None else backend.keras
